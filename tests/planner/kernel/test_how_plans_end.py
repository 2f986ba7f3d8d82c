"""Plans that never end, that fall short, and the edges: nothing owed, no interest, no cents, many debts, huge ones."""

from decimal import Decimal

import pytest

from agents.planner.arrays.from_portfolios import from_portfolios
from agents.planner.arrays.simulation import simulate
from agents.planner.plans.planning import compare, plan
from data.answers.plan import ORDERS, PlanStatus, Strategy
from data.errors import InvalidPortfolio
from data.portfolio.portfolio import Portfolio

NONE = {"type": "none"}
ALL = [strategy for strategy in ORDERS if strategy != Strategy.CUSTOM]


def portfolio(*debts, monthly=None, **rest):
    budget = {} if monthly is None else {"budget": {"monthly": monthly}}
    named = [{"name": f"debt {place}", **debt} for place, debt in enumerate(debts)]
    return Portfolio.model_validate({"start": "2027-01", "debts": named, **budget, **rest})


def card(balance, apr=0.24, amount=25, **rest):
    return {"balance": balance, "apr": apr, "minimum": {"type": "fixed", "amount": amount}, **rest}


def test_a_minimum_below_its_interest_never_ends_and_says_so_in_numbers():
    made = plan(portfolio(card(10_000)), Strategy.MINIMUM_ONLY)
    assert (made.status, made.months, made.debt_free) == (PlanStatus.NEVER_PAID_OFF, None, None)
    assert made.reason == (
        "After 2 months 10353.50 USD is still owed: in 2027-02 interest and fees come to 203.50 and payments to 25.00."
    )
    (reason,) = made.reasons
    assert (reason.code, reason.month, reason.months) == ("never_paid_off", "2027-02", 2)
    assert reason.amounts == {"owed": Decimal("10353.50"), "cost": Decimal("203.50"), "paid": Decimal(25)}
    assert made.saved_vs_minimum is None


@pytest.mark.parametrize("strategy", ALL)
def test_an_endless_plan_stops_long_before_the_horizon(strategy):
    result = simulate(from_portfolios([portfolio(card(10_000), card(5_000, 0.3), monthly=60)]), [strategy])[0, 0]
    assert result["status"] == 1
    assert result["months"] < 100


def test_a_plan_that_is_stopped_early_would_not_have_ended(reference):
    """What is given up as endless is not paid off after a hundred years either."""
    for monthly, apr, amount in ((250, 0.3, 10), (120, 0.15, 0), (0, 0, 0), (100, 0.12, 100), (99, 0.12, 30)):
        endless = portfolio(card(10_000, apr, amount), card(50, 0.1, 1), monthly=monthly)
        for strategy in ALL:
            result = simulate(from_portfolios([endless]), [strategy])[0, 0]
            ended = reference.Reference(endless, strategy).run().owed == 0
            assert ended == (result["status"] == 0)


def test_a_balance_that_stands_still_is_endless():
    made = plan(portfolio({"balance": 1000, "apr": 0, "minimum": NONE}, monthly=0), Strategy.AVALANCHE)
    assert made.status == PlanStatus.NEVER_PAID_OFF


def test_a_shortfall_pays_secured_debts_first_and_tells_what_was_missed():
    debts = [card(1000, 0.3, 100), card(5000, 0.05, 300, kind="mortgage"), card(2000, 0.2, 50)]
    made = plan(portfolio(*debts, monthly=360), Strategy.AVALANCHE)
    first = {row.debt: row.payment for row in made.schedule if row.month == "2027-01"}
    assert first == {"debt 0": Decimal("60.00"), "debt 1": Decimal("300.00"), "debt 2": Decimal("0.00")}
    assert made.status == PlanStatus.SHORTFALL
    assert [(one.debt, one.minimum, one.paid) for one in made.missed[:2]] == [
        ("debt 0", Decimal("100.00"), Decimal("60.00")),
        ("debt 2", Decimal("50.00"), Decimal("0.00")),
    ]
    assert made.reason is not None
    assert made.reason.startswith(
        "In 2027-01 the minimums come to 450.00 USD and the money to 360.00: 90.00 is missing."
    )
    first_reason = made.reasons[0]
    assert (first_reason.code, first_reason.month) == ("minimums_not_covered", "2027-01")
    assert first_reason.amounts == {"due": Decimal(450), "money": Decimal(360), "missing": Decimal(90)}


def test_the_required_budget_covers_every_minimum_and_one_cent_less_does_not():
    debts = [card(1000, 0.3, 100), {"balance": 9000, "apr": 0.2, "minimum": {"type": "percent", "rate": 0.03}}]
    short = plan(portfolio(*debts, monthly=200), Strategy.SNOWBALL)
    assert short.required_budget is not None
    assert plan(portfolio(*debts, monthly=short.required_budget), Strategy.SNOWBALL).missed == []
    less = short.required_budget - Decimal("0.01")
    assert plan(portfolio(*debts, monthly=less), Strategy.SNOWBALL).missed != []


def test_a_missed_minimum_brings_the_late_fee_and_the_penalty_rate_next_month():
    debt = card(1000, 0.12, 100, fees={"late": 40}, penalty_apr=0.36, penalty_months=2)
    changes = {"budget": {"monthly": 50, "changes": [{"from": "2027-02", "monthly": 200}]}}
    rows = plan(portfolio(debt, **changes), Strategy.AVALANCHE).schedule
    assert [row.fees for row in rows[:3]] == [0, Decimal("40.00"), 0]
    openings = [row.opening for row in rows[:4]]
    rates = [Decimal("0.01"), Decimal("0.03"), Decimal("0.03"), Decimal("0.01")]
    assert [row.interest for row in rows[:4]] == [
        (opening * rate + Decimal("0.0000001")).quantize(Decimal("0.01"))
        for opening, rate in zip(openings, rates, strict=True)
    ]


def test_nothing_owed_is_paid_off_in_no_month():
    made = plan(portfolio(card(0), monthly=100), Strategy.AVALANCHE)
    assert (made.status, made.months, made.schedule, made.total_paid) == (PlanStatus.PAID_OFF, 0, [], 0)


def test_a_debt_of_nothing_beside_others_has_no_rows():
    made = plan(portfolio(card(0), card(500), monthly=100), Strategy.AVALANCHE)
    assert {row.debt for row in made.schedule} == {"debt 1"}
    assert (made.debts[0].paid_off, made.first_cleared) == (None, "debt 1")


def test_no_interest_is_reckoned_at_a_rate_of_nothing():
    made = plan(portfolio(card(1000, 0), monthly=300), Strategy.AVALANCHE)
    assert (made.months, made.total_paid, made.schedule[-1].payment) == (4, 1000, 100)


def test_yen_have_no_cents():
    made = plan(portfolio(card(100_000, 0.15, 3000), monthly=12_345, currency="JPY"), Strategy.AVALANCHE)
    assert made.schedule[0].interest == Decimal(1250)
    assert all(row.payment == row.payment.to_integral_value() for row in made.schedule)


def test_a_hundred_debts_are_planned():
    debts = [card(1000 + place, 0.05 + place / 1000, 10) for place in range(100)]
    made = plan(portfolio(*debts, monthly=5000), Strategy.AVALANCHE)
    assert (made.status, len(made.debts)) == (PlanStatus.PAID_OFF, 100)
    months = [debt.paid_off for debt in reversed(made.debts)]
    assert months == sorted(months)


def test_a_trillion_is_reckoned_to_the_cent(reference):
    huge = portfolio(card(10**12, "0.249913571113", 25), card(999_999_999_999, 0.2, 25), monthly=10**11)
    for strategy in ALL:
        result = simulate(from_portfolios([huge]), [strategy])[0, 0]
        expected = reference.Reference(huge, strategy).run(int(result["months"]))
        assert (int(result["paid"]), int(result["interest"])) == (expected.total("payment"), expected.total("interest"))


def test_the_promotion_holds_until_and_including_its_month():
    made = plan(portfolio(card(1000, promo={"apr": 0, "until": "2027-02"}), monthly=100), Strategy.AVALANCHE)
    assert [row.interest for row in made.schedule[:3]] == [0, 0, Decimal("16.00")]


@pytest.mark.parametrize(("monthly", "interest"), [(100, "0.00"), ("99.99", "12.00")])
def test_one_cent_left_at_the_deadline_brings_all_deferred_interest(monthly, interest):
    """At 24 % on 300.00, 200.01 and 100.02: 6.00 + 4.0002 + 2.0004, rounded once."""
    debt = {"balance": 300, "apr": 0.24, "minimum": NONE}
    promo = {"apr": 0, "until": "2027-03", "deferred_interest": True}
    made = plan(portfolio({**debt, "promo": promo}, monthly=monthly), Strategy.AVALANCHE)
    assert made.total_interest == Decimal(interest)


def test_custom_needs_its_order_and_follows_it():
    debts = [card(1000), card(500), card(800)]
    with pytest.raises(InvalidPortfolio, match="custom_order"):
        plan(portfolio(*debts, monthly=300), Strategy.CUSTOM)
    ordered = portfolio(*debts, monthly=300, custom_order=["debt 2", "debt 0", "debt 1"])
    made = plan(ordered, Strategy.CUSTOM)
    assert made.first_cleared == "debt 2"
    assert "custom" in [one.strategy for one in compare(ordered).plans]
    assert "custom" not in [one.strategy for one in compare(portfolio(*debts, monthly=300)).plans]


def test_a_plan_needs_its_first_month():
    without = Portfolio.model_validate({"debts": [{"name": "A", **card(100)}]})
    with pytest.raises(InvalidPortfolio, match="start"):
        plan(without, Strategy.AVALANCHE)


def test_without_a_budget_every_strategy_pays_the_minimums():
    plans = compare(portfolio(card(1000), card(500))).plans
    assert len({(made.months, made.total_paid) for made in plans}) == 1


def test_the_extra_mode_adds_to_the_first_months_minimums():
    extra = portfolio(card(1000), card(500), budget={"monthly": 50, "mode": "extra"})
    rows = plan(extra, Strategy.AVALANCHE).schedule
    assert rows[0].payment + rows[1].payment == Decimal("100.00")


def test_an_aimed_lump_sum_goes_to_its_debt_and_what_is_left_to_the_others():
    lump = {"month": "2027-01", "amount": 600, "debt": "debt 1"}
    aimed = portfolio(card(1000), card(500, 0.12), budget={"monthly": 50, "lump_sums": [lump]})
    first = plan(aimed, Strategy.AVALANCHE).schedule[:2]
    assert [row.payment for row in first] == [Decimal("145.00"), Decimal("505.00")]


def test_a_prepayment_charge_is_a_fee_of_its_month_and_of_the_payoff():
    debt = {"balance": 1000, "apr": 0, "minimum": {"type": "fixed", "amount": 100}, "prepayment": {"rate": 0.01}}
    rows = plan(portfolio(debt, monthly=300), Strategy.AVALANCHE).schedule
    assert [(row.payment, row.fees, row.closing) for row in rows[:2]] == [
        (Decimal("300.00"), Decimal("2.00"), Decimal("702.00")),
        (Decimal("300.00"), Decimal("2.00"), Decimal("404.00")),
    ]
    assert sum(row.payment for row in rows) == 1000 + sum(row.fees for row in rows)
