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

from agents.planner.measures.apr import annual_rate
from agents.planner.measures.card_interest import card_interest
from agents.planner.measures.health import health
from agents.planner.offers.taking import Move, take
from agents.planner.plans.planning import plan
from data.answers.apr import RateQuestion
from data.answers.card_interest import CardInterestQuestion
from data.answers.plan import Strategy
from data.portfolio.debt import Debt
from data.portfolio.portfolio import Portfolio
from data.rules.rate_cap import caps_of

HERE = Path(__file__).parent
PAGE = HERE.parents[1] / "docs" / "golden-cases.md"
KINDS = {file.stem: json.loads(file.read_text("utf-8")) for file in sorted((HERE / "golden").glob("*.json"))}
CASES = [(kind["check"], case) for kind in KINDS.values() for case in kind["cases"]]
ROWS = re.compile(r"(?:(?P<debt>[^:]+): )?(?P<what>[a-z]+) (?P<first>\d+)(?:-(?P<last>\d+))?")


def portfolio_of(case):
    values = {"start": "2027-01", **case["portfolio"]}
    values["debts"] = [{"name": "debt", **debt} for debt in values["debts"]]
    return Portfolio.model_validate(values)


def plan_of(case):
    portfolio = portfolio_of(case)
    strategy = Strategy(case.get("strategy", "minimum_only"))
    moves = [Move(*move) for move in case.get("moves", [])]
    made = plan(take(portfolio, moves) if moves else portfolio, strategy)
    asked = {
        "aprc": lambda: aprc(made, case["cost"]),
        "saved": lambda: plan(take(portfolio, []), strategy).total_paid - made.total_paid,
    }
    return lambda measure: asked[measure]() if measure in asked else in_plan(made, measure)


def in_plan(made, measure):
    asked = ROWS.fullmatch(measure)
    if asked is None:
        return Decimal(getattr(made, measure))
    first, last = int(asked["first"]), int(asked["last"] or asked["first"])
    months = sorted({row.month for row in made.schedule})[first - 1 : last]
    rows = [row for row in made.schedule if row.month in months and asked["debt"] in (None, row.debt)]
    assert rows, f"no such rows: {measure}"
    assert len(months) == last - first + 1, f"the plan ends before month {last}"
    return sum(in_row(row, asked["what"]) for row in rows)


def in_row(row, what):
    if what == "principal":
        return row.opening - row.closing
    return row.opening + row.interest + row.fees if what == "statement" else getattr(row, what)


def aprc(made, cost):
    """The APRC of the plan's one loan, `cost` being paid when it is drawn."""
    payments = [{"amount": row.payment, "at": month} for month, row in enumerate(made.schedule, 1)]
    question = {
        "method": "eu_aprc",
        "periods_per_year": 12,
        "advances": [{"amount": made.schedule[0].opening, "at": 0}],
        "payments": [{"amount": cost, "at": 0}, *payments],
    }
    return Decimal(annual_rate(RateQuestion.model_validate(question)).apr) * 100


def rate_of(case):
    found = annual_rate(RateQuestion.model_validate(case["question"]))
    return lambda measure: Decimal(getattr(found, measure)) * 100


def card_interest_of(case):
    found = card_interest(CardInterestQuestion.model_validate(case["question"]))
    return lambda measure: getattr(found, measure)


def repayment_of(case):
    (found,) = health(portfolio_of(case)).repayments
    return lambda measure: Decimal(getattr(found, measure))


def rate_caps_of(case):
    """Each cap by its id: simple, as an effective rate, or of so many days; `caps` says how many hold."""
    debt = Debt.model_validate({"name": "debt", "apr": 0, **case["question"]["debt"]})
    found = {"caps": Decimal(0)}
    for cap in caps_of(debt, case["question"]["currency"], debt.agreed):
        found["caps"] += 1
        found[cap.id] = cap.apr * 100
        found[f"{cap.id} effective"] = ((1 + cap.apr / 12) ** 12 - 1) * 100
        found[f"{cap.id} of 30 days"] = cap.apr * 30 / 365 * 100
    return found.__getitem__


CHECKS = {
    "plan": plan_of,
    "rate": rate_of,
    "card_interest": card_interest_of,
    "repayment": repayment_of,
    "rate_caps": rate_caps_of,
}


@pytest.mark.parametrize(("check", "case"), CASES, ids=[case["id"] for _, case in CASES])
def test_ours_is_the_printed_number(check, case):
    ours = CHECKS[check](case)
    for measure, printed in case["expect"].items():
        shown = ours(measure).quantize(Decimal(printed), ROUND_HALF_UP)
        assert abs(shown - Decimal(printed)) <= allowed(case, measure), f"{measure}: {shown}, not {printed}"


def allowed(case, measure):
    within = case.get("within", {})
    return Decimal(within.get(measure, 0) if isinstance(within, dict) else within)


def test_the_page_on_golden_cases_counts_what_there_is():
    table = re.findall(r"^\| (.+?) \| (\d+) \|", PAGE.read_text("utf-8"), re.MULTILINE)
    assert table == [(kind["kind"], str(len(kind["cases"]))) for kind in KINDS.values()]


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
