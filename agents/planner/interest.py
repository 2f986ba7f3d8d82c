"""The rate of a debt in a month, and the interest it bears on the opening balance.

Rates run in this order: promotion while it lasts, then the latest rate step, then the base rate; a penalty rate
overrides them all. Knows nothing of minimums or payments.
"""

from typing import Any

from agents.planner.due_days import days_before_new_year, days_to, year_length
from agents.planner.exact import (
    RATE_ONE,
    TWELFTH,
    compound_interest,
    compound_interest_across,
    multiply_divide,
    portion,
)
from agents.planner.jit import every_month, rare
from agents.planner.layout import ACTUAL, COMPOUNDED, FOREVER, HAS_DAYS, MONTHLY

MONTHLY_ONE = 12 * RATE_ONE
BOTH_YEARS = 365 * 366


@rare
def set_rate(debt: Any, steps: Any, state: Any, month: int) -> bool:
    """Bring the rate to this month and note when it may change next; true if it is another than last month's."""
    end = debt.first_step + debt.steps
    while state.step < end and steps[state.step].month <= month:
        state.stepped_rate = steps[state.step].value
        state.step += 1
    state.base_rate = max(state.stepped_rate + state.shift, 0)
    rate, change = state.base_rate, steps[state.step].month if state.step < end else FOREVER
    if month <= debt.promo_until:
        rate, change = debt.promo_rate, min(change, debt.promo_until + 1)
    if month <= state.penalty_until:
        rate, change = debt.penalty_rate, min(change, state.penalty_until + 1)
    state.next_change = change
    if rate == state.rate:
        return False
    state.rate, state.factor, state.recast = rate, rate / MONTHLY_ONE, 1
    return True


@rare
def first_shift(debt: Any, shifts: Any, month: int) -> int:
    """The shift of a debt's rate in its first month, by which its instalment is set."""
    if debt.variable and len(shifts) > 0 and shifts[0].month <= month:
        return shifts[0].value
    return 0


@rare
def follow_shifts(debts: Any, states: Any, order: Any, shifts: Any, shift: int, month: int) -> int:
    """Move variable rates by the shift that begins this month, if one does; the place of the next."""
    while shift < len(shifts) and shifts[shift].month <= month:
        for i in order:
            if debts[i].variable:
                states[i].shift, states[i].next_change = shifts[shift].value, month
        shift += 1
    return shift


@every_month
def interest_of(debt: Any, state: Any, month: int, flags: int) -> int:
    """B apr / 12, or b apr days / basis, or b ((1 + apr / basis)^days - 1), rounded once."""
    if flags & HAS_DAYS == 0:
        return portion(state.opening, state.rate, MONTHLY_ONE, state.factor)
    if debt.accrual == COMPOUNDED:
        return _compounded(debt, state, month)
    numerator, denominator = simple_fraction(debt, state.rate, month)
    return portion(state.opening, numerator, denominator, numerator / denominator)


@rare
def _compounded(debt: Any, state: Any, month: int) -> int:
    days = TWELFTH if debt.equal_months else days_to(month, debt.due_day)
    if debt.equal_months and debt.day_basis == 360:
        days = 30
    if debt.day_basis != ACTUAL:
        return compound_interest(state.opening, state.rate, debt.day_basis, days)
    before, length = days_before_new_year(month, debt.due_day), year_length(month)
    if before == 0:
        return compound_interest(state.opening, state.rate, length, days)
    lengths = (year_length(month - 1), length)
    return compound_interest_across(state.opening, state.rate, (before, days - before), lengths)


@every_month
def simple_fraction(debt: Any, rate: int, month: int) -> tuple[int, int]:
    """The month's simple interest on a balance of 1, as a fraction; a debt's denominator is the same in every month."""
    if debt.accrual == MONTHLY or debt.equal_months:
        return rate, MONTHLY_ONE
    days = days_to(month, debt.due_day)
    if debt.day_basis != ACTUAL:
        return rate * days, debt.day_basis * RATE_ONE
    before = days_before_new_year(month, debt.due_day)
    weight = before * (BOTH_YEARS // year_length(month - 1)) + (days - before) * (BOTH_YEARS // year_length(month))
    return rate * weight, BOTH_YEARS * RATE_ONE


@rare
def deferred_interest(debt: Any, state: Any, month: int) -> int:
    """Let simple interest at the rate without the promotion accrue aside; owed, rounded once, the month after it ends.

    A debt that is still open then has not closed in the promotion's last month.
    """
    numerator, denominator = simple_fraction(debt, state.base_rate, month)
    if month <= debt.promo_until and month > state.penalty_until:
        whole, rest = multiply_divide(state.opening, numerator, denominator, numerator / denominator)
        rest += state.deferred_rest
        carry = 1 if rest >= denominator else 0
        state.deferred += whole + carry
        state.deferred_rest = rest - carry * denominator
    if month != debt.promo_until + 1:
        return 0
    return state.deferred + (1 if state.deferred_rest * 2 >= denominator else 0)
