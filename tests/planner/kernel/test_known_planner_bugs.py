"""The bugs that other people's planners repeat, each as a test (docs/methodology.md, section 1)."""

from decimal import Decimal

from agents.planner.plans.planning import plan
from data.answers.plan import PlanStatus, Strategy
from data.portfolio.portfolio import Portfolio

CARDS = [
    {"name": "Small", "balance": 500, "apr": 0.12, "minimum": {"type": "fixed", "amount": 50}},
    {"name": "Dear", "balance": 3000, "apr": 0.24, "minimum": {"type": "fixed", "amount": 60}},
    {"name": "Large", "balance": 9000, "apr": 0.18, "minimum": {"type": "fixed", "amount": 150}},
]


def made_by(strategy, debts=CARDS, monthly=600):
    return plan(
        Portfolio.model_validate({"start": "2027-01", "debts": debts, "budget": {"monthly": monthly}}), strategy
    )


def rows_of(made, debt):
    return [row for row in made.schedule if row.debt == debt]


def test_interest_is_charged_once_on_the_priority_debt():
    first, second = rows_of(made_by(Strategy.AVALANCHE), "Dear")[:2]
    assert first.interest == Decimal("60.00")
    assert first.closing == Decimal("3000") + first.interest - first.payment
    assert second.opening == first.closing
    assert second.interest == (second.opening * Decimal("0.02")).quantize(Decimal("0.01"))


def test_what_a_paid_off_debt_leaves_cascades_within_the_month():
    made = made_by(Strategy.SNOWBALL)
    last = made.debts[0].paid_off
    paid = sum(row.payment for row in made.schedule if row.month == last)
    assert paid == Decimal("600.00")
    other = next(row for row in rows_of(made, "Dear") if row.month == last)
    assert other.payment > other.minimum


def test_the_last_month_bears_interest_too():
    for debt in ("Small", "Dear", "Large"):
        last = rows_of(made_by(Strategy.AVALANCHE), debt)[-1]
        assert last.interest > 0
        assert last.payment == last.opening + last.interest
        assert last.closing == 0


def test_snowball_and_avalanche_do_not_cost_the_same():
    assert made_by(Strategy.AVALANCHE).total_interest < made_by(Strategy.SNOWBALL).total_interest


def test_no_plan_is_cut_off_at_120_months():
    loan = {"name": "House", "balance": 300_000, "apr": 0.05, "minimum": {"type": "level", "months": 360}}
    made = made_by(Strategy.AVALANCHE, [loan], 1700)
    assert made.status == PlanStatus.PAID_OFF
    assert made.months == 320  # ln(1 / (1 - 1250 / 1700)) / ln(1 + 0.05 / 12) = 319.7


def test_the_first_month_bears_interest_before_its_payment():
    first = made_by(Strategy.AVALANCHE).schedule[0]
    assert first.month == "2027-01"
    assert first.interest == Decimal("5.00")


def test_freed_minimums_stay_in_the_budget():
    made = made_by(Strategy.SNOWBALL)
    by_month = {}
    for row in made.schedule:
        by_month[row.month] = by_month.get(row.month, 0) + row.payment
    assert set(list(by_month.values())[:-1]) == {Decimal("600.00")}
