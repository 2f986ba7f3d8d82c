"""What a budget comes to in each month: changes, raises, paydays."""

from datetime import date
from decimal import Decimal

from agents.planner.arrays.budgets import budget_path, count_paydays
from data.month import month_at, month_index
from data.portfolio.budget import Budget, Paydays

START = month_index("2026-11")


def path(**budget):
    found = budget_path(Budget.model_validate(budget), START, "USD")
    return {month_at(month): amount for month, amount in found}


def test_a_plain_budget_is_one_amount():
    assert path(monthly=500) == {"2026-11": Decimal(500)}


def test_a_change_holds_from_its_month_and_one_of_the_past_holds_from_the_start():
    changes = [{"from": "2027-03", "monthly": 700}, {"from": "2026-09", "monthly": 550}]
    assert path(monthly=500, changes=changes) == {"2026-11": Decimal(550), "2027-03": Decimal(700)}


def test_a_raise_comes_each_january_on_the_amount_in_force_rounded_to_the_cent():
    raised = path(monthly="333.33", yearly_raise="0.03")
    assert list(raised.items())[:3] == [
        ("2026-11", Decimal("333.33")),
        ("2027-01", Decimal("343.33")),
        ("2028-01", Decimal("353.63")),
    ]


def test_a_change_in_january_is_not_raised_in_that_january():
    changed = path(monthly=500, yearly_raise="0.1", changes=[{"from": "2027-01", "monthly": 600}])
    assert [changed["2027-01"], changed["2028-01"]] == [Decimal(600), Decimal(660)]


def test_biweekly_pay_comes_three_times_in_two_months_of_a_year():
    paydays = Paydays(every="biweekly", first=date(2026, 12, 4), amount=Decimal(690))
    counts = [count_paydays(paydays, month_index("2028-01") + k) for k in range(12)]
    assert (sorted(counts), sum(counts)) == ([2] * 10 + [3] * 2, 26)


def test_pay_before_the_first_payday_does_not_count():
    for every in ("weekly", "biweekly", "semimonthly"):
        paydays = Paydays(every=every, first=date(2026, 12, 18), amount=Decimal(100))
        assert count_paydays(paydays, month_index("2026-11")) == 0
        assert count_paydays(paydays, month_index("2026-12")) == {"weekly": 2, "biweekly": 1, "semimonthly": 1}[every]


def test_paydays_make_the_budget_of_a_month():
    paydays = {"every": "semimonthly", "first": "2026-11-10", "amount": 400}
    assert path(paydays=paydays) == {"2026-11": Decimal(800)}


def test_raises_end_above_all_that_can_be_owed():
    raised = path(monthly="1000000000000", yearly_raise="10")
    assert max(raised.values()) == Decimal(10) ** 15
    assert list(raised)[-1] == "2029-01"
