"""The rate of a debt in a month, and the interest it bears on the opening balance.

Rates run in this order: promotion while it lasts, then the latest rate step, then the base rate; a penalty rate
overrides them all.
"""

from typing import Any

from agents.planner.kernel.compiled import every_month, rare
from agents.planner.kernel.due_days import days_before_new_year, days_to, year_length
from agents.planner.kernel.exact import (
    POWER_ERROR,
    RATE_ONE,
    TWELFTH,
    compound_factor,
    compound_interest,
    compound_interest_across,
    multiply_divide,
    portion,
    rounded,
)
from agents.planner.kernel.layout import ACTUAL, COMPOUNDED, FOREVER, HAS_DEFERRED, MONTHLY

MONTHLY_ONE = 12 * RATE_ONE
BOTH_YEARS = 365 * 366


@rare
def set_rate(debt: Any, steps: Any, state: Any, month: int) -> bool:
    """Set this month's rate and note when it may change next; true if it is another than last month's."""
    end = debt.first_step + debt.steps
    while state.step < end and steps[state.step].month <= month:
        state.stepped_rate = steps[state.step].value
        state.step += 1
    # No shift makes a rate negative.
    state.base_rate = max(state.stepped_rate + state.shift, 0)
    rate, change = state.base_rate, steps[state.step].month if state.step < end else FOREVER
    if month <= debt.promo_until:
        rate, change = debt.promo_rate, min(change, debt.promo_until + 1)
    if month <= state.penalty_until:
        rate, change = debt.penalty_rate, min(change, state.penalty_until + 1)
    if changes_with_the_year(debt):
        change = min(change, month + (1 if month % 12 == 0 else 12 - month % 12))
    state.next_change = change
    moved = rate != state.rate
    if moved:
        # A loan that recasts gets a new instalment with a new rate.
        state.rate, state.recast = rate, 1
    if moved or changes_with_the_year(debt):
        set_growth(debt, state, month)
    return moved


@every_month
def changes_with_the_year(debt: Any) -> bool:
    """True where a day is divided by the length of its own year: January, which holds days of two, is on its own."""
    return debt.accrual != MONTHLY and debt.day_basis == ACTUAL


@every_month
def denominator_of(debt: Any) -> int:
    """The month's simple interest is the balance x the rate x so many parts of it: twelfths, days or weighted days."""
    if debt.accrual == MONTHLY or debt.equal_months:
        return MONTHLY_ONE
    return (BOTH_YEARS if debt.day_basis == ACTUAL else debt.day_basis) * RATE_ONE


@every_month
def set_growth(debt: Any, state: Any, month: int) -> None:
    """The interest on a balance of 1 over 28, 29, 30 and 31 days, as floats."""
    if debt.accrual == COMPOUNDED:
        _set_compounded(debt, state, month)
    elif debt.accrual == MONTHLY:
        growth = state.rate / MONTHLY_ONE
        for k in range(4):
            state.growth[k] = growth
    else:
        part = state.rate / denominator_of(debt)
        for k in range(4):
            state.growth[k] = part * parts_of(debt, month, 28 + k)


@rare
def _set_compounded(debt: Any, state: Any, month: int) -> None:
    basis = basis_in(debt, month)
    if debt.equal_months:
        growth, day = compound_factor(state.rate, basis, basis / 12.0), 0.0
    else:
        before = days_before_new_year(month, debt.due_day) if changes_with_the_year(debt) else 0
        growth, day = compound_factor(state.rate, basis, 28.0 - before), state.rate / (RATE_ONE * float(basis))
        if before > 0:
            earlier = compound_factor(state.rate, year_length(month - 1), float(before))
            growth += earlier + growth * earlier
    for k in range(4):
        state.growth[k] = growth
        # One day more at the same daily rate.
        growth += day + day * growth


@every_month
def basis_in(debt: Any, month: int) -> int:
    """The days of a year, those of the month's own where days are counted as they are."""
    return debt.day_basis if debt.day_basis != ACTUAL else year_length(month)


@every_month
def span_of(debt: Any, days: int) -> int:
    """The days of a month, or TWELFTH of a year of 365 days, where all months are alike."""
    if not debt.equal_months:
        return days
    return 30 if debt.day_basis == 360 else TWELFTH


@rare
def first_shift(debt: Any, shifts: Any, month: int) -> int:
    """The shift of a debt's rate in its first month, by which its instalment is set."""
    if debt.variable and len(shifts) > 0 and shifts[0].month <= month:
        return shifts[0].value
    return 0


@rare
def follow_shifts(debts: Any, states: Any, n: int, shifts: Any, shift: int, month: int) -> int:
    """Move variable rates by the shift that begins this month, if one does; the place of the next."""
    while shift < len(shifts) and shifts[shift].month <= month:
        for k in range(n):
            if debts[states[k].place].variable:
                states[k].shift = shifts[shift].value
                states[k].next_change = states[k].next_event = month
        shift += 1
    return shift


@every_month
def interest_of(debts: Any, state: Any, month: int, lengths: int, plain: int) -> int:
    """B apr / 12, or b apr days / basis, or b ((1 + apr / basis)^days - 1), rounded once."""
    # Plain debts accrue by twelfths: all four growths are the same.
    if plain:
        return portion(state.opening, state.rate, MONTHLY_ONE, state.growth[0])
    # Which of the four lengths: two bits of `lengths`, at twice the days after the 28th.
    interest, sure = rounded(state.opening, state.growth[(lengths >> state.late) & 3], POWER_ERROR)
    return state.back + (interest if sure else _exact_interest(debts[state.place], state, month))


@rare
def _exact_interest(debt: Any, state: Any, month: int) -> int:
    days = days_to(month, debt.due_day)
    if debt.accrual == COMPOUNDED:
        return _compounded(debt, state, month, days)
    numerator, denominator = state.rate * parts_of(debt, month, days), denominator_of(debt)
    return portion(state.opening, numerator, denominator, numerator / denominator)


@rare
def _compounded(debt: Any, state: Any, month: int, days: int) -> int:
    before = days_before_new_year(month, debt.due_day) if changes_with_the_year(debt) else 0
    if before == 0:
        return compound_interest(state.opening, state.rate, basis_in(debt, month), span_of(debt, days))
    lengths = (year_length(month - 1), year_length(month))
    return compound_interest_across(state.opening, state.rate, (before, days - before), lengths)


@every_month
def parts_of(debt: Any, month: int, days: int) -> int:
    """How many parts of `denominator_of` so many days have that end in this month."""
    if debt.accrual == MONTHLY or debt.equal_months:
        return 1
    if debt.day_basis != ACTUAL:
        return days
    before = days_before_new_year(month, debt.due_day)
    return before * parts_of_day(month - 1) + (days - before) * parts_of_day(month)


@every_month
def parts_of_day(month: int) -> int:
    """How many parts in 365 x 366 a day has that is divided by its own year's length: the other length."""
    return 731 - year_length(month)


@rare
def deferred_interest(debt: Any, state: Any, month: int) -> int:
    """Let simple interest at the rate without the promotion accrue aside; owed, rounded once, the month after it ends.

    A debt that is still open then has not closed in the promotion's last month.
    """
    denominator = denominator_of(debt)
    if month <= debt.promo_until:
        # At a penalty rate interest is charged at once, so none is put aside.
        if month > state.penalty_until:
            parts = state.base_rate * parts_of(debt, month, days_to(month, debt.due_day))
            # Fractions of a cent are carried along: the whole is rounded once, at the end.
            whole, rest = multiply_divide(state.opening, parts, denominator, parts / denominator)
            rest += state.deferred_rest
            carry = 1 if rest >= denominator else 0
            state.deferred += whole + carry
            state.deferred_rest = rest - carry * denominator
        return 0
    state.flags &= ~HAS_DEFERRED
    return state.deferred + (1 if state.deferred_rest * 2 >= denominator else 0)
