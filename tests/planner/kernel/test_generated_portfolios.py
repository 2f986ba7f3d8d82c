"""The generated portfolios reach every rule of the month: what is never drawn, no law holds for."""

import pytest
from hypothesis import Phase, given, settings
from hypothesis import strategies as st

from agents.planner.arrays.from_portfolios import from_portfolios
from agents.planner.arrays.simulation import simulate, simulate_rows
from agents.planner.kernel.layout import CLOSING, FEES, INTEREST, MINIMUM, OPENING, PAID_OFF, PAYMENT
from data.answers.plan import ORDERS
from data.month import month_index

MONTHS = 45
RULES = (
    "fixed",
    "percent",
    "interest_plus",
    "greatest",
    "level",
    "equal_principal",
    "interest_only",
    "flat_fee",
    "none",
)
FOLLOWING = [f"interest only, then {rule}" for rule in RULES if rule != "interest_only"]
ACCRUALS = [
    f"{accrual} {basis} {length}"
    for accrual in ("daily", "daily_compounded")
    for basis in (365, 360, "actual")
    for length in ("calendar", "equal")
]
REACHED = [
    *RULES,
    *FOLLOWING,
    "interest only, balloon",
    *ACCRUALS,
    *("percent of opening", "recast", "refundable", "fees owed at once", "greatest of several"),
    *("promo", "promo meets penalty", "deferred interest falls due", "rate step", "step before the start", "zero rate"),
    *("opening fee", "monthly fee", "annual fee", "late fee", "prepayment charge", "charge ends"),
    *("shortfall", "secured in a shortfall", "paid in part", "penalty for good", "penalty for months"),
    *("weekly", "biweekly", "semimonthly", "change", "change ends paydays", "raise", "cut", "extra", "no budget"),
    *("lump sum", "aimed lump sum", "lump sum aimed at a closed debt", "two paid off in a month"),
    *("due on the 29th or later", "USD", "CNY", "JPY", "cents only", "more than a float holds", "partial order"),
    *("paid off", "still owed"),
]


def rules_of(debt):
    """What the debt's own terms use."""
    rule, fees, promo = debt.minimum, debt.fees, debt.promo
    yield rule.type
    if rule.type == "interest_only":
        yield "interest only, balloon" if rule.then is None else f"interest only, then {rule.then.type}"
    if debt.accrual != "monthly":
        yield f"{debt.accrual} {debt.day_basis} {debt.month_length}"
    yield from (name for name in ("recast", "refundable") if getattr(rule, name, False))
    terms = {
        "percent of opening": getattr(rule, "of", "") == "opening",
        "greatest of several": len(getattr(rule, "rules", ())) > 1,
        "promo": promo is not None,
        "rate step": bool(debt.rate_steps),
        "step before the start": any(step.from_ < "2026-11" for step in debt.rate_steps),
        "zero rate": debt.apr == 0,
        "opening fee": fees.opening > 0,
        "monthly fee": fees.monthly > 0,
        "annual fee": fees.annual > 0,
        "charge ends": debt.prepayment is not None and debt.prepayment.until is not None,
        "due on the 29th or later": debt.due_day >= 29,
        "cents only": 0 < debt.balance < 1,
        "more than a float holds": debt.balance > 10**11,
    }
    yield from (name for name, used in terms.items() if used)


def money_of(portfolio):
    """What the budget and the portfolio use."""
    yield portfolio.currency
    if 0 < len(portfolio.custom_order or []) < len(portfolio.debts):
        yield "partial order"
    budget = portfolio.budget
    if budget is None:
        yield "no budget"
        return
    if budget.paydays is not None:
        yield budget.paydays.every
    terms = {
        "extra": budget.mode == "extra",
        "change": bool(budget.changes),
        "change ends paydays": bool(budget.changes and budget.paydays),
        "raise": budget.yearly_raise > 0,
        "cut": budget.yearly_raise < 0,
        "lump sum": any(lump.debt is None for lump in budget.lump_sums),
        "aimed lump sum": any(lump.debt is not None for lump in budget.lump_sums),
    }
    yield from (name for name, used in terms.items() if used)


def months_of(portfolio, rows, start):
    """What happens in the months, as the rows show it."""
    short = rows[:, :, PAYMENT] < rows[:, :, MINIMUM]  # (month, debt)
    closed = (rows[:, :, OPENING] > 0) & (rows[:, :, CLOSING] == 0)
    if (closed.sum(axis=1) > 1).any():
        yield "two paid off in a month"
    if short.any():
        yield "shortfall"
    if (short & (rows[:, :, PAYMENT] > 0)).any():
        yield "paid in part"
    for i, debt in enumerate(portfolio.debts):
        yield from _of_debt(debt, rows[:, i], short[:, i], start)
    for lump in portfolio.budget.lump_sums if portfolio.budget else ():
        places = [i for i, debt in enumerate(portfolio.debts) if debt.name == lump.debt]
        t = month_index(lump.month) - start
        if places and t < len(rows) and rows[:t, places[0], OPENING].any() and not rows[t, places[0], OPENING]:
            yield "lump sum aimed at a closed debt"


def _of_debt(debt, rows, short, start):
    missed = int(short.argmax()) if short.any() else None
    if missed is not None:
        if debt.is_secured:
            yield "secured in a shortfall"
        if debt.penalty_apr is not None:
            yield "penalty for good" if debt.penalty_months is None else "penalty for months"
            if debt.promo is not None and start + missed < month_index(debt.promo.until):
                yield "promo meets penalty"
        if debt.fees.late > 0 and missed + 1 < len(rows) and rows[missed + 1, FEES] >= debt.fees.late:
            yield "late fee"
    above = rows[:, PAYMENT] > rows[:, MINIMUM]
    if debt.prepayment is not None and debt.prepayment.rate > 0 and above.any():
        yield "prepayment charge"
    flat = getattr(debt.minimum, "then", None) or debt.minimum
    if flat.type == "flat_fee" and flat.fee_rate > 0 and not flat.refundable and above.any():
        yield "fees owed at once"
    if debt.promo is not None and debt.promo.deferred_interest:
        t = month_index(debt.promo.until) + 1 - start
        if t < len(rows) and rows[t, OPENING] and rows[t, INTEREST] > 3 * rows[t - 1, INTEREST]:
            yield "deferred interest falls due"


@pytest.fixture(scope="module")
def reached(portfolios):
    found = set()

    # What is drawn depends on which modules are loaded: as many as it takes, within bounds.
    @settings(max_examples=3000, derandomize=True, database=None, phases=[Phase.generate])
    @given(st.data())
    def draw(data):
        portfolio, strategy = data.draw(portfolios.portfolios()), data.draw(st.sampled_from(ORDERS))
        if found.issuperset(REACHED):
            return
        arrays = from_portfolios([portfolio])
        result = simulate(arrays, [strategy], horizon=MONTHS)[0, 0]
        rows = simulate_rows(arrays, strategy, int(result["months"]))
        found.update(money_of(portfolio), months_of(portfolio, rows, month_index(portfolio.start)))
        found.update(rule for debt in portfolio.debts for rule in rules_of(debt))
        found.add("paid off" if result["status"] == PAID_OFF else "still owed")

    draw()
    return found


@pytest.mark.parametrize("rule", REACHED)
def test_every_rule_is_reached(reached, rule):
    assert rule in reached
