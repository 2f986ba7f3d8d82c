"""The rule of a month, written once, and the walk through the months: a compiled kernel over portfolios x debts.

Single plans, comparisons and batches all run it. Money is whole minor units, rates are whole numbers of 10^-12; every
computed amount is rounded once, half-up (`exact.py`). It knows nothing of names, currencies or the wire.

The month, for each open debt, in this order: rate, interest on the opening balance, fees, statement, minimum due;
then the payments: minimums first, lump sums aimed at one debt, what is left by the strategy's order, cascading.
Always: opening + interest + fees = payment + closing.
"""

from typing import Any

from numba import types
from numba.np.numpy_support import from_dtype

from agents.planner.kernel.compiled import compiled, every_month, rare, rarely
from agents.planner.kernel.endless import MOST, is_endless
from agents.planner.kernel.interest import first_shift, follow_shifts, set_rate
from agents.planner.kernel.layout import (
    CLOSING,
    DATED,
    DEBT,
    FEES,
    FOREVER,
    HAS_CHARGES,
    INTEREST,
    LEVEL,
    MINIMUM,
    NEVER_PAID_OFF,
    OPENING,
    PAID_OFF,
    PAYMENT,
    PORTFOLIO,
    RESULT,
    RULE,
    STATE,
)
from agents.planner.kernel.minimums import start_rule
from agents.planner.kernel.payments import pay_aimed, pay_beyond, pay_freely, pay_short, set_targets
from agents.planner.kernel.statements import bill, take_charges
from agents.planner.kernel.strategies import (
    FREE_TARGETS,
    MINIMUM_ONLY,
    TARGETS,
    is_ranked_anew,
    rank,
)


def _records(dtype: Any) -> Any:
    return types.Array(from_dtype(dtype), 1, "C")


SIGNATURE = types.void(
    _records(PORTFOLIO),
    _records(DEBT),
    _records(RULE),
    _records(DATED),  # rate steps
    _records(DATED),  # budgets
    _records(DATED),  # lump sums
    _records(DATED),  # shifts of variable rates
    types.Array(types.int8, 1, "C"),  # strategies
    types.int64,  # horizon, months
    types.Array(from_dtype(STATE), 2, "C"),  # scratch (2, debt)
    types.Array(from_dtype(RESULT), 2, "C"),  # (portfolio, strategy)
    types.Array(types.int64, 3, "C"),  # rows of the last one (month, debt, 6), or empty
    types.Array(types.int64, 2, "C"),  # what the last strategy still owes (portfolio, month), or empty
    types.Array(types.int64, 2, "C"),  # what targeted plans pay (month, debt), or empty
)


@rare
def begin(debts: Any, rules: Any, steps: Any, shifts: Any, states: Any, month: int) -> None:
    """Debts as they stand before their first month."""
    for i in range(len(debts)):
        debt, state = debts[i], states[i]
        # Two bits for each length of a month, as `lengths_in` packs them.
        state.place, state.flags, state.late = i, debt.flags, 2 * max(debt.due_day - 28, 0)
        state.balance = debt.balance
        # -1 is no rate: the first month counts as a change.
        state.stepped_rate, state.rate, state.step = debt.rate, -1, debt.first_step
        state.shift = first_shift(debt, shifts, month)
        state.opening_fee = debt.opening_fee
        state.penalty_until, state.log_rate = -1, -1
        state.fees, state.back, state.charge, state.paid_minimum, state.above = 0, 0, 0, 0, 0
        state.deferred, state.deferred_rest = 0, 0
        state.missed, state.owes_share = 0, 0
        state.rule, state.rules = debt.first_rule, debt.rules
        set_rate(debt, steps, state, month)
        state.next_event = month if debt.flags else state.next_change
        financed = (
            debt.opening_fee if rules[state.rule].kind == LEVEL else 0
        )  # a level loan's instalments repay its fee
        start_rule(rules, state, month, debt.balance + financed)


@rare
def play(
    portfolio: Any,
    debts: Any,
    rules: Any,
    steps: Any,
    budgets: Any,
    lumps: Any,
    shifts: Any,
    strategy: int,
    horizon: int,
    states: Any,
    result: Any,
    rows: Any,
    owed_by_month: Any,
    targets: Any,
) -> None:
    """Walk one portfolio through the months under one strategy, until nothing is owed or it is certain never to be."""
    n = _without_closed(states, len(debts))
    owed, flags = owed_by(states, n), flags_of(states, n)
    result.missed = result.first_minimums = 0
    all_paid, all_interest, all_fees, cost, paid = 0, 0, 0, 0, 0
    t, budget, total, lump, shift, ranked = 0, 0, 0, 0, 0, False  # `total` of the budget in force
    alone = len(budgets) == 0 or strategy == MINIMUM_ONLY
    next_budget, next_lump = month_of(budgets, 0), month_of(lumps, 0)
    while n > 0 and t < horizon:
        month = portfolio.start + t
        if rarely(shift < len(shifts)):
            shift = follow_shifts(debts, states, n, shifts, shift, month)
        if flags:
            minimums, others, interest, fees, moved = bill(debts, rules, steps, states, n, month, 0)
        else:  # the same rule, compiled without what none of these debts has
            minimums, others, interest, fees, moved = bill(debts, rules, steps, states, n, month, 1)
        if strategy >= TARGETS:
            set_targets(states, n, targets, t)
        if rarely(t == 0):
            result.first_minimums = minimums
        while rarely(next_budget <= month):
            total = budgets[budget].value + (result.first_minimums if portfolio.extra else 0)
            budget += 1
            next_budget = month_of(budgets, budget)
        first_lump = lump
        money = usual = total if len(budgets) > 0 else minimums
        while rarely(next_lump <= month):
            money = min(money + lumps[lump].value, 4 * MOST)
            lump += 1
            next_lump = month_of(lumps, lump)
        ranked, paid = ranked and not moved, minimums
        spare = spare_of(strategy, money, usual, minimums)
        if rarely(strategy == FREE_TARGETS):
            paid = pay_freely(strategy, debts, states, n, result, money, month)
        elif rarely(money < minimums):
            note_shortfall(result, month, minimums, money)
            pay_short(strategy, debts, states, n, result, money, month)
            ranked, paid = False, money
        elif spare > 0:
            left, rest = spare, states[0].statement + others - money
            if rarely(first_lump < lump):
                left, rest = pay_aimed(debts, states, n, lumps[first_lump:lump], spare, month), 0
            if not (ranked or is_ranked_anew(strategy)):
                ranked, rest = rank(strategy, debts, states, n), 0
            paid = minimums + spare - pay_beyond(strategy, debts, states, n, left, rest, month)
        if flags & HAS_CHARGES:
            fees += take_charges(states, n, month)
        if rarely(len(rows) > 0):
            write_rows(states, n, rows[t])
        cost = interest + fees
        all_paid, all_interest, all_fees = all_paid + paid, all_interest + interest, all_fees + fees
        owed += cost - paid
        if rarely(len(owed_by_month) > t):
            owed_by_month[t] = owed
        dated = month <= portfolio.last_event or t < len(targets)
        asked = rarely(cost >= paid or (alone and t % 12 == 1)) and not dated
        t += 1
        if rarely(owed > MOST) or (asked and is_endless(debts, states, n, money, alone)):
            break
        before, n = n, still_open(states, n)
        if rarely(n < before):
            flags = flags_of(states, n)
    result.paid, result.interest, result.fees = all_paid, all_interest, all_fees
    result.months, result.owed, result.last_cost, result.last_paid = t, owed, cost, paid


@every_month
def spare_of(strategy: int, money: int, usual: int, minimums: int) -> int:
    """What a month has above its minimums; for minimums only, what lump sums bring."""
    return money - (max(minimums, usual) if strategy == MINIMUM_ONLY else minimums)


@every_month
def month_of(dated: Any, place: int) -> int:
    """The month of a dated amount; after the last one, never."""
    return dated[place].month if place < len(dated) else FOREVER


@every_month
def still_open(states: Any, n: int) -> int:
    """Drop the debts that were paid off; the others keep their order."""
    for k in range(n):
        if rarely(states[k].balance == 0):
            return _without_closed(states, n)
    return n


@rare
def owed_by(states: Any, n: int) -> int:
    """The balances of all open debts together."""
    owed = 0
    for k in range(n):
        owed += states[k].balance
    return owed


@rare
def flags_of(states: Any, n: int) -> int:
    """What the month must look at for any of the open debts."""
    flags = 0
    for k in range(n):
        flags |= states[k].flags
    return flags


@rare
def _without_closed(states: Any, n: int) -> int:
    kept = 0
    for k in range(n):
        if states[k].balance > 0:
            states[kept] = states[k]
            kept += 1
    return kept


@rare
def note_shortfall(result: Any, month: int, minimums: int, money: int) -> None:
    """Keep what was due and what there was in the first month that fell short."""
    if result.missed == 0:
        result.short_month, result.short_minimums, result.short_money = month, minimums, money


@rare
def write_rows(states: Any, n: int, rows: Any) -> None:
    """The month as the schedule shows it: one row a debt."""
    for k in range(n):
        state = states[k]
        i = state.place
        rows[i, OPENING], rows[i, INTEREST], rows[i, FEES] = state.opening, state.interest, state.fees
        rows[i, MINIMUM], rows[i, CLOSING] = state.minimum, state.balance
        rows[i, PAYMENT] = state.opening + state.interest + state.fees - state.balance


@compiled(SIGNATURE)
def run(
    portfolios: Any,
    debts: Any,
    rules: Any,
    steps: Any,
    budgets: Any,
    lumps: Any,
    shifts: Any,
    strategies: Any,
    horizon: int,
    scratch: Any,
    results: Any,
    rows: Any,
    owed_by_month: Any,
    targets: Any,
) -> None:
    """Simulate every portfolio under every strategy."""
    start, states = scratch[0], scratch[1]
    for p in range(len(portfolios)):
        portfolio = portfolios[p]
        mine = debts[portfolio.first_debt : portfolio.first_debt + portfolio.debts]
        my_budgets = budgets[portfolio.first_budget : portfolio.first_budget + portfolio.budgets]
        my_lumps = lumps[portfolio.first_lump : portfolio.first_lump + portfolio.lumps]
        my_shifts = shifts[portfolio.first_shift : portfolio.first_shift + portfolio.shifts]
        # Where nobody asks what is owed, one empty row stands for all.
        my_owed = owed_by_month[min(p, len(owed_by_month) - 1)]
        # Set up once a portfolio; each strategy starts from a copy.
        begin(mine, rules, steps, my_shifts, start, portfolio.start)
        for s in range(len(strategies)):
            for i in range(len(mine)):
                states[i] = start[i]
            play(
                portfolio,
                mine,
                rules,
                steps,
                my_budgets,
                my_lumps,
                my_shifts,
                strategies[s],
                horizon,
                states,
                results[p, s],
                rows,
                my_owed,
                targets,
            )
            results[p, s].status = NEVER_PAID_OFF if results[p, s].owed > 0 else PAID_OFF
