"""The optimal plan on the command line: its bound and proof, what others pay above it, where only orders do."""

import json
import subprocess
import sys
from decimal import Decimal
from pathlib import Path

import pytest
from rich.cells import cell_len

from agents.planner.optimum.limits import SearchLimits
from agents.planner.plans import planning
from data.answers.plan import ORDERS, Comparison, OfferTaken, Plan
from serve.commands.shared.tables import comparison_parts, plan_parts, show, small_percent

ROOT = Path(__file__).parents[2]
MILLIONS = {
    "currency": "USD",
    "start": "2026-12",
    "budget": {"monthly": "1000000.00"},
    "debts": [
        {"name": f"Card {n}", "kind": "credit_card", "balance": "9000000.00", "apr": 0.1 + n / 100} for n in range(4)
    ],
}


def test_plan_shows_that_no_plan_pays_less(run, portfolio):
    plan = Plan.model_validate_json(run("plan", portfolio, "--strategy", "optimal", "--json").out)
    assert plan.proved
    assert plan.bound is not None
    assert plan.bound <= plan.total_paid
    shown = run("plan", portfolio, "--strategy", "optimal").out
    assert "Proved: no plan pays less" in shown
    in_chinese = run("plan", portfolio, "--strategy", "optimal", "--lang", "zh").out
    assert "已证明：任何方案的总还款都不会" in in_chinese
    if plan.gap:
        assert f"{plan.bound:,}" in shown
        assert f"{plan.bound:,}" in in_chinese


def test_an_order_tells_of_no_bound(run, portfolio):
    answer = run("plan", portfolio, "--json").json
    assert (answer["bound"], answer["gap"], answer["proved"]) == (None, None, False)
    assert "roved" not in run("plan", portfolio).out


def test_a_plan_that_is_not_proved_says_so(portfolio, run):
    plan = Plan.model_validate_json(run("plan", portfolio, "--strategy", "optimal", "--json").out)
    doubtful = plan.model_copy(update={"proved": False, "gap": 0.0123, "bound": Decimal("14321.00")})
    for language, words in (("en", "is not proved"), ("zh", "尚未证明")):
        said = "".join(str(part) for part in plan_parts(doubtful, language, with_schedule=False))
        assert words in said
        assert "14,321.00" in said
        assert "1.230%" in said
        assert "--time-limit-s" in said


def test_offers_that_a_plan_takes_are_shown(capsys, portfolio, run):
    plan = Plan.model_validate_json(run("plan", portfolio, "--strategy", "optimal", "--json").out)
    taken = OfferTaken(
        name="0% card",
        type="balance_transfer",
        debt="Visa",
        amount=Decimal("2000.00"),
        fee=Decimal("60.00"),
        charge=Decimal("1.50"),
        month="2026-12",
    )
    show(*plan_parts(plan.model_copy(update={"offers_taken": [taken]}), "en", with_schedule=False))
    shown = capsys.readouterr().out
    assert "Offers taken" in shown
    assert all(cell in shown for cell in ("0% card", "Visa", "$2,000.00", "$61.50"))


def test_compare_shows_what_each_plan_pays_above_the_optimal_one(run, portfolio):
    comparison = Comparison.model_validate(run("compare", portfolio, "--json").json)
    optimal = next(plan for plan in comparison.plans if plan.strategy == "optimal")
    shown = run("compare", portfolio).out
    assert "Proved: no plan pays less than" in shown
    assert f"{comparison.bound:,}" in shown or optimal.gap == 0
    for plan in comparison.plans:
        if plan.months is not None:
            assert plan.above_optimum == plan.total_paid - optimal.total_paid
            assert f"${plan.above_optimum:,}" in shown


def test_compare_shows_fees_first_debt_dearest_month_misses_and_gap_of_each_plan(run, portfolio):
    plans = Comparison.model_validate(run("compare", portfolio, "--json").json).plans
    shown = " ".join(run("compare", portfolio).out.split())
    assert "Cleared first Fees Dearest month Missed Gap" in shown
    for plan in plans:
        first = plan.first_cleared or "–"
        gap = "–" if plan.gap is None else f"{plan.gap:.2%}"
        row = f"{plan.strategy} {first} ${plan.total_fees:,} ${plan.worst_month_payment:,} {len(plan.missed)} {gap}"
        assert row in shown


@pytest.mark.parametrize(("language", "said"), [("en", "simple to keep"), ("zh", "简单易行")])
def test_compare_says_which_order_is_as_good(run, capsys, portfolio, language, said):
    comparison = Comparison.model_validate(run("compare", portfolio, "--json").json)
    plans = [
        plan.model_copy(update={"above_optimum": Decimal("0.07")}) if plan.strategy == "avalanche" else plan
        for plan in comparison.plans
    ]
    near = comparison.model_copy(update={"plans": plans, "best": "optimal", "recommended": "avalanche"})
    show(*comparison_parts(near, language))
    shown = capsys.readouterr().out
    assert said in shown
    assert "0.07" in shown
    show(*comparison_parts(near.model_copy(update={"recommended": "optimal"}), language))
    assert said not in capsys.readouterr().out


def test_compare_without_the_optimal_plan_shows_what_is_saved_against_the_minimums(run, portfolio):
    shown = run("compare", portfolio, "--strategies", "avalanche,snowball").out
    assert "Saved" in shown
    assert "roved" not in shown


@pytest.mark.parametrize("language", ["en", "zh"])
@pytest.mark.parametrize("command", [["plan", "--strategy", "optimal"], ["compare"]])
def test_tables_of_millions_fit_in_80_columns(run, command, language):
    answer = run(command[0], "-", *command[1:], "--lang", language, stdin=json.dumps(MILLIONS).encode())
    assert answer.code == 0
    assert max(cell_len(line) for line in answer.out.splitlines()) <= 80
    assert "…" not in answer.out


@pytest.mark.parametrize("command", [["required-budget", "--by", "2029-06"], ["frontier"], ["offers"]])
def test_what_needs_an_order_refuses_the_optimal_plan_and_names_the_orders(run, portfolio, command):
    answer = run(command[0], portfolio, *command[1:], "--strategy", "optimal")
    assert answer.code == 2
    assert "an order is needed here" in " ".join(answer.err.replace("│", "").split())
    assert all(order in answer.err for order in ORDERS)


def test_risk_refuses_the_optimal_plan(run, portfolio):
    answer = run("risk", portfolio, "--strategies", "optimal")
    assert answer.code in (1, 2)
    assert "avalanche" in answer.err


@pytest.mark.parametrize("command", [["plan", "--strategy", "optimal"], ["compare"]])
@pytest.mark.parametrize("limit", ["0", "-1", "60.5", "nan", "inf", "soon"])
def test_a_time_limit_that_cannot_be_is_wrong_usage(run, portfolio, command, limit):
    answer = run(command[0], portfolio, *command[1:], "--time-limit-s", limit)
    assert answer.code == 2
    assert "--time-limit-s" in answer.err


def test_what_if_compares_optimal_plans(run, portfolio):
    more = ("--change", "budget by=100", "--strategy", "optimal")
    found = run("what-if", portfolio, *more, "--json").json
    assert [found[name]["strategy"] for name in ("before", "after")] == ["optimal", "optimal"]
    assert Decimal(found["after"]["total_paid"]) < Decimal(found["before"]["total_paid"])
    assert found["after"]["bound"] is not None
    assert "最优还款" in run("what-if", portfolio, *more, "--lang", "zh").out


@pytest.mark.parametrize("command", ["plan", "compare"])
def test_the_search_is_as_long_and_as_free_as_asked_for(run, portfolio, command, monkeypatch):
    asked = []

    def remembered(found, chosen, *, search):
        asked.append(search)
        return (planning.plan if command == "plan" else planning.compare)(found, chosen, search=search)

    monkeypatch.setattr("serve.commands.plan.plan_one", remembered)
    monkeypatch.setattr("serve.commands.plan.plan_each", remembered)
    run(command, portfolio)
    run(command, portfolio, "--time-limit-s", "0.5", "--no-protect-secured")
    assert asked == [SearchLimits(), SearchLimits(time_limit_s=0.5, protect_secured=False)]


@pytest.mark.parametrize(("rate", "said"), [(0.0, "0.000%"), (1e-9, "<0.001%"), (0.0000198, "0.002%")])
def test_a_small_gap_is_told_apart_from_none(rate, said):
    assert small_percent(rate) == said


def test_the_solver_is_loaded_only_where_a_search_is_asked_for(portfolio):
    """Its import takes a while that plans by an order need not wait for."""
    loaded = "import sys; from serve.cli import main\ntry: main()\nfinally: print('highspy' in sys.modules)"
    for strategy in ("avalanche", "optimal"):
        command = [sys.executable, "-c", loaded, "plan", str(portfolio), "--strategy", strategy]
        said = subprocess.run(command, capture_output=True, text=True, cwd=ROOT, check=True)
        assert said.stdout.splitlines()[-1] == str(strategy == "optimal")
