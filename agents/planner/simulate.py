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

from agents.planner.endless import MOST, is_endless
from agents.planner.interest import first_shift, follow_shifts, set_rate
from agents.planner.jit import every_month, rare
from agents.planner.kernel_cache import compiled
from agents.planner.layout import (
    CLOSING,
    DATED,
    DEBT,
    FEES,
    HAS_CHARGES,
    INTEREST,
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
from agents.planner.minimums import start_rule
from agents.planner.payments import (
    pay_aimed,
    pay_freely,
    pay_in_order,
    pay_in_proportion,
    pay_short,
    pay_targets,
    set_targets,
)
from agents.planner.statements import bill, take_charges
from agents.planner.strategies import (
    BALANCE_MATCHING,
    FREE_TARGETS,
    MINIMUM_ONLY,
    TARGETS,
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
    types.Array(types.uint64, 1, "C"),  # scratch (debt,)
    types.Array(from_dtype(RESULT), 2, "C"),  # (portfolio, strategy)
    types.Array(types.int64, 3, "C"),  # rows of the last one (month, debt, 6), or empty
    types.Array(types.int64, 2, "C"),  # what the last strategy still owes (portfolio, month), or empty
    types.Array(types.int64, 2, "C"),  # what targeted plans pay (month, debt), or empty
)


@rare
def begin(debt: Any, rules: Any, steps: Any, shifts: Any, state: Any, month: int) -> None:
    """A debt as it stands before its first month."""
    state.balance = debt.balance
    state.stepped_rate, state.rate, state.step = debt.rate, -1, debt.first_step
    state.shift = first_shift(debt, shifts, month)
    state.opening_fee = debt.opening_fee
    state.penalty_until = -1
    state.charge, state.paid_minimum, state.above = 0, 0, 0
    state.deferred, state.deferred_rest = 0, 0
    state.fee_share, state.instalment = 0, 0
    state.missed, state.owes_share = 0, 0
    state.rule, state.rules = debt.first_rule, debt.rules
    set_rate(debt, steps, state, month)
    start_rule(rules[state.rule], state, month, debt.balance)


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
    order: Any,
    result: Any,
    rows: Any,
    owed_by_month: Any,
    targets: Any,
) -> None:
    """Walk one portfolio through the months under one strategy, until nothing is owed or it is certain never to be."""
    n, owed = open_debts(states, order, len(debts))
    result.missed = result.first_minimums = 0
    all_paid, all_interest, all_fees, cost, paid = 0, 0, 0, 0, 0
    budget, lump, shift, ranked = -1, 0, 0, False
    alone = len(budgets) == 0 or strategy == MINIMUM_ONLY
    t = 0
    while n > 0 and t < horizon:
        month = portfolio.start + t
        still = order[:n]
        if shift < len(shifts):
            shift = follow_shifts(debts, states, still, shifts, shift, month)
        if portfolio.flags:
            minimums, interest, fees, moved = bill(debts, rules, steps, states, still, month, 0)
        else:  # the same rule, compiled without what none of these debts has
            minimums, interest, fees, moved = bill(debts, rules, steps, states, still, month, 1)
        if strategy >= TARGETS:
            set_targets(states, still, targets, t)
        if t == 0:
            result.first_minimums = minimums
        first_lump, money = lump, minimums
        if len(budgets) > 0:
            while budget + 1 < len(budgets) and budgets[budget + 1].month <= month:
                budget += 1
            money = budgets[budget].value + (result.first_minimums if portfolio.extra else 0)
            while lump < len(lumps) and lumps[lump].month == month:
                money = min(money + lumps[lump].value, 4 * MOST)
                lump += 1
        ranked, paid = ranked and not moved, minimums
        if strategy == FREE_TARGETS:
            rank(strategy, debts, states, still)
            paid = pay_freely(debts, states, still, result, money, month)
        elif money < minimums:
            rank(strategy, debts, states, still)
            note_shortfall(result, month, minimums, money)
            pay_short(debts, states, still, result, money, month, strategy)
            ranked, paid = False, money
        elif money > minimums and strategy != MINIMUM_ONLY:
            if not ranked:
                ranked = not rank(strategy, debts, states, still)
            left = pay_aimed(debts, states, lumps[first_lump:lump], money - minimums, month)
            if strategy == BALANCE_MATCHING:
                left = pay_in_proportion(debts, states, still, left, month)
            elif strategy >= TARGETS:
                left = pay_targets(debts, states, still, left, month)
            else:
                left = pay_in_order(debts, states, still, left, month)
            paid = money - left
        if portfolio.flags & HAS_CHARGES:
            fees += take_charges(states, still)
        write_rows(states, still, rows, t)
        cost = interest + fees
        all_paid, all_interest, all_fees = all_paid + paid, all_interest + interest, all_fees + fees
        owed += cost - paid
        if len(owed_by_month) > t:
            owed_by_month[t] = owed
        after_events = month > portfolio.last_event and t >= len(targets) and (cost >= paid or (alone and t % 12 == 1))
        t += 1
        if owed > MOST or (after_events and is_endless(debts, states, still, money, alone)):
            break
        n = still_open(states, order, n)
    result.paid, result.interest, result.fees = all_paid, all_interest, all_fees
    result.months, result.owed, result.last_cost, result.last_paid = t, owed, cost, paid


@rare
def open_debts(states: Any, order: Any, debts: int) -> tuple[int, int]:
    """Put the debts that are owed in order as given; how many, and how much in all."""
    n, owed = 0, 0
    for i in range(debts):
        if states[i].balance > 0:
            order[n] = i
            owed += states[i].balance
            n += 1
    return n, owed


@every_month
def still_open(states: Any, order: Any, n: int) -> int:
    """Drop the debts that were paid off; the others keep their order."""
    kept = 0
    for k in range(n):
        i = order[k]
        if states[i].balance > 0:
            if kept < k:  # a month without a payoff writes nothing that the next would have to wait for
                order[kept] = i
            kept += 1
    return kept


@rare
def note_shortfall(result: Any, month: int, minimums: int, money: int) -> None:
    """Keep what was due and what there was in the first month that fell short."""
    if result.missed == 0:
        result.short_month, result.short_minimums, result.short_money = month, minimums, money


@rare
def write_rows(states: Any, order: Any, all_rows: Any, t: int) -> None:
    """The month as the schedule shows it, where it is asked for: one row a debt."""
    if len(all_rows) == 0:
        return
    rows = all_rows[t]
    for i in order:
        state = states[i]
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
    order: Any,
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
        my_owed = owed_by_month[min(p, len(owed_by_month) - 1)]
        for i in range(len(mine)):
            begin(mine[i], rules, steps, my_shifts, start[i], portfolio.start)
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
                order,
                results[p, s],
                rows,
                my_owed,
                targets,
            )
            results[p, s].status = NEVER_PAID_OFF if results[p, s].owed > 0 else PAID_OFF
