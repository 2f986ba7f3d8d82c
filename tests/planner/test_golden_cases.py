"""Numbers that regulators, makers of calculators and lenders have printed, with their sources: the files of `golden/`.

Each file is one kind; its `check` says what is asked of us. A case's `expect` maps a measure to the number as it is
printed: `months`, `total_interest` and the like, or what a plan's schedule says of a month or of several, of all debts
or of one (`interest 13-24`, `Visa: closing 6`). Ours, rounded to as many decimals, is that number; only where the case
says why (`because`) may it be off by `within`. `left_out` lists what was found printed and is wrong.
"""

import json
import re
from collections import Counter
from decimal import ROUND_HALF_UP, Decimal
from pathlib import Path

import pytest

from agents.planner.planning import plan
from data.debt import Portfolio
from data.plan import Strategy

KINDS = {file.stem: json.loads(file.read_text("utf-8")) for file in sorted((Path(__file__).parent / "golden").glob("*"))}
CASES = [(kind["check"], case) for kind in KINDS.values() for case in kind["cases"]]
ROWS = re.compile(r"(?:(?P<debt>[^:]+): )?(?P<what>[a-z]+) (?P<first>\d+)(?:-(?P<last>\d+))?")


def plan_of(case):
    portfolio = {"start": "2027-01", **case["portfolio"]}
    portfolio["debts"] = [{"name": "debt", **debt} for debt in portfolio["debts"]]
    made = plan(Portfolio.model_validate(portfolio), Strategy(case.get("strategy", "minimum_only")))
    return lambda measure: in_plan(made, measure)


def in_plan(made, measure):
    rows = ROWS.fullmatch(measure)
    if rows is None:
        return Decimal(getattr(made, measure))
    months = sorted({row.month for row in made.schedule})
    last = int(rows["last"] or rows["first"])
    wanted = months[int(rows["first"]) - 1 : last]
    assert len(wanted) == last - int(rows["first"]) + 1, f"the plan ends before month {last}"
    return sum(
        (in_row(row, rows["what"]) for row in made.schedule if row.month in wanted and rows["debt"] in (None, row.debt)),
        Decimal(0),
    )


def in_row(row, what):
    statement = row.opening + row.interest + row.fees
    return {"statement": statement, "principal": row.opening - row.closing}.get(what) or getattr(row, what)


CHECKS = {"plan": plan_of}


@pytest.mark.parametrize(("check", "case"), CASES, ids=[case["id"] for _, case in CASES])
def test_ours_is_the_printed_number(check, case):
    ours = CHECKS[check](case)
    for measure, printed in case["expect"].items():
        shown = ours(measure).quantize(Decimal(printed), ROUND_HALF_UP)
        assert abs(shown - Decimal(printed)) <= Decimal(case.get("within", 0)), f"{measure}: {shown}, not {printed}"


def test_there_are_at_least_forty_cases_of_at_least_eight_kinds():
    assert len(CASES) >= 40
    assert len(KINDS) >= 8


def test_every_case_has_a_name_of_its_own():
    assert [name for name, count in Counter(case["id"] for _, case in CASES).items() if count > 1] == []


@pytest.mark.parametrize("case", [case for _, case in CASES], ids=lambda case: case["id"])
def test_every_case_names_its_source_and_what_is_printed_there(case):
    assert case["source"]
    assert re.search(r"\d", case["printed"])
    assert case["expect"]
    assert ("within" in case) == ("because" in case)
