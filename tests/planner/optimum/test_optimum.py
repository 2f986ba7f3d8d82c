"""The optimal plan where it is known from elsewhere, where nothing can be chosen, and where the solver fails."""

from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from agents.planner.arrays.from_portfolios import from_portfolios
from agents.planner.arrays.simulation import simulate, simulate_targets
from agents.planner.equations.linear_model import NOTHING, Assembled
from agents.planner.kernel.layout import PAID_OFF
from agents.planner.kernel.strategies import FREE_TARGETS, TARGETS, UNPROTECTED_TARGETS
from agents.planner.offers.taking import take
from agents.planner.optimum.hunt import optimum
from agents.planner.optimum.limits import SearchLimits
from agents.planner.plans.planning import compare, plan
from data.answers.plan import ORDERS, PlanStatus, Strategy
from data.money import to_minor
from data.portfolio.portfolio import Portfolio
from tests.planner.cases import cases
from tests.sample_offers import TRANSFER

CENT = Decimal("0.01")
FIXED = {"type": "fixed", "amount": 10}
WITHOUT_CUSTOM = [order for order in ORDERS if order is not Strategy.CUSTOM]
QUICK = SearchLimits(time_limit_s=0.5)


def portfolio(debts, monthly=None, **rest):
    budget = {} if monthly is None else {"budget": {"monthly": monthly}}
    named = [{"name": f"debt {place}", "minimum": {"type": "none"}, **debt} for place, debt in enumerate(debts)]
    return Portfolio.model_validate({"start": "2027-01", "debts": named, **budget, **rest})


def promo(balance, until, **rest):
    return {"balance": balance, "apr": 0.2999, "promo": {"apr": 0, "until": until, **rest}}


def least_of_orders(one):
    return min(made.total_paid for made in compare(one, WITHOUT_CUSTOM).plans if made.months is not None)


THREE = [promo(6000, "2027-12"), {"balance": 3000, "apr": 0.20}, {"balance": 5000, "apr": 0.14}]
FEE = {"balance": 300, "apr": 0.15, "fees": {"monthly": 10}, "minimum": FIXED}
DEFERRED = {**promo(2400, "2027-12", deferred_interest=True), "minimum": {"type": "fixed", "amount": 25}}
COUNTER_EXAMPLES = [
    ("1072.80", 500, [promo(4000, "2027-06"), {"balance": 4000, "apr": 0.22}]),
    ("1659.30", 600, THREE),
    ("2799.69", 450, THREE),
    ("1808.63", 250, [FEE, {"balance": 5000, "apr": 0.25, "minimum": {"type": "fixed", "amount": 100}}]),
    ("567.06", 350, [DEFERRED, {"balance": 3000, "apr": 0.24}]),
]
MISSING = [  # a month in which the money covers one of the two
    {
        "balance": 3000,
        "apr": 0.1,
        "minimum": {"type": "fixed", "amount": 200},
        "fees": {"late": 90},
        "kind": "mortgage",
    },
    {"balance": 3000, "apr": 0.2, "minimum": {"type": "fixed", "amount": 200}, "fees": {"late": 10}},
]
SHORT = {
    "budget": {"monthly": 450, "changes": [{"from": "2027-03", "monthly": 250}, {"from": "2027-04", "monthly": 450}]}
}


@pytest.mark.parametrize(("cost", "monthly", "debts"), COUNTER_EXAMPLES)
def test_the_optimum_costs_what_the_counter_examples_say(cost, monthly, debts):
    """Their cost was found without rounding (docs/methodology.md, section 4), and cents may move it by less than ten.

    An optimum in cents lies a little below: it may choose payments whose interest rounds down.
    """
    made = plan(portfolio(debts, monthly), Strategy.OPTIMAL)
    assert abs(made.total_interest + made.total_fees - Decimal(cost)) < Decimal("0.10")
    assert made.proved
    assert made.bound <= made.total_paid
    assert made.total_paid - made.bound <= max(made.total_paid / 10_000, 100 * CENT)


@cases(100)
@given(data=st.data())
def test_avalanche_is_optimal_where_rates_are_constant_and_nothing_costs_a_fee(portfolios, data):
    """By exchange: a unit of money paid to a lower rate before a higher one is open costs interest, and spares none."""
    drawn = data.draw(portfolios.plain_portfolios(most=4, least_budget=1_500))
    free = [{"balance": debt.balance, "apr": debt.apr} for debt in drawn.debts]
    one = portfolio(free, drawn.budget.monthly)
    avalanche, best = plan(one, Strategy.AVALANCHE), plan(one, Strategy.OPTIMAL, search=QUICK)
    if avalanche.status == PlanStatus.PAID_OFF:
        months = (avalanche.months + 1) * len(one.debts)  # a plan may take one more, to have one more rounding
        assert 0 <= avalanche.total_paid - best.total_paid <= CENT * months / 2
        assert avalanche.total_paid - best.bound <= max(avalanche.total_paid / 10_000, CENT * months)


@cases(150)
@given(data=st.data(), rnd=st.randoms(use_true_random=False))
def test_no_targets_whatever_they_are_lead_below_the_bound(portfolios, data, rnd):
    drawn = data.draw(portfolios.portfolios(most=3))
    free, protect = data.draw(st.booleans()), data.draw(st.booleans())
    if drawn.budget is None:
        return
    arrays = from_portfolios([drawn])
    found = optimum(arrays, WITHOUT_CUSTOM, SearchLimits(time_limit_s=0.3, protect_secured=protect, misses_free=free))
    code = FREE_TARGETS if free else TARGETS if protect else UNPROTECTED_TARGETS
    played, best = found.played.rows[:, :, 4], found.played.result
    for _ in range(5):
        targets = played.copy()
        for _ in range(rnd.randint(1, 6) if targets.size else 0):
            t, i = rnd.randrange(len(targets)), rnd.randrange(targets.shape[1])
            targets[t, i] = rnd.choice([0, -1, targets[t, i] // 2, -1 - targets[t, i] // 2, targets[t, i] * 2, 10**9])
        result, _ = simulate_targets(arrays, targets, code)
        assert result["status"] != PAID_OFF or found.bound <= result["paid"]
    assert best["status"] != PAID_OFF or found.bound <= best["paid"]


@pytest.mark.parametrize("failing", ["relaxation", "solve"])
def test_a_solver_that_fails_leaves_the_best_order_and_a_true_bound(monkeypatch, failing):
    one = portfolio([FEE, {"balance": 5000, "apr": 0.25, "minimum": {"type": "fixed", "amount": 100}}], 250)
    monkeypatch.setattr(Assembled, failing, lambda *_, **__: NOTHING)
    best = plan(one, Strategy.OPTIMAL)
    assert best.total_paid <= least_of_orders(one)
    assert Decimal("5300") <= best.bound <= min(Decimal("7108.70"), best.total_paid)  # of the optimum, 5,300 + 1,808.63
    assert best.total_paid >= Decimal("7108.58")  # 7,108.63 before amounts are rounded, and cents move it by 0.05


def test_no_time_leaves_the_best_order_and_a_true_bound():
    one = portfolio(THREE, 600)
    best = plan(one, Strategy.OPTIMAL, search=SearchLimits(time_limit_s=1e-6))
    assert best.total_paid <= least_of_orders(one)
    assert Decimal("14000") <= best.bound <= Decimal("15659.30") + 1


def test_numbers_beyond_what_the_solver_takes_leave_the_best_order():
    """At 360 % a year what must be paid in the end grows beyond 10 to the 15th, which HiGHS refuses."""
    debts = [
        {"balance": 7, "apr": 3.6, "minimum": {"type": "equal_principal", "months": 5}},
        {**{"balance": 5, "apr": 3.6, "minimum": {"type": "equal_principal", "months": 4}, "fees": {"late": 1}}}
        | {"penalty_apr": 4.8, "penalty_months": 2},
        {"balance": 2, "apr": 0.12, "minimum": {"type": "fixed", "amount": 1}},
    ]
    best = plan(portfolio(debts, 2, currency="JPY"), Strategy.OPTIMAL)
    assert (best.months, best.gap, best.proved) == (None, None, False)
    assert best.bound >= 14


def test_without_a_budget_there_is_nothing_to_choose():
    one = portfolio([{"balance": 1000, "apr": 0.2, "minimum": {"type": "fixed", "amount": 50}}])
    best = plan(one, Strategy.OPTIMAL)
    assert best.total_paid == best.bound == plan(one, Strategy.MINIMUM_ONLY).total_paid
    assert (best.gap, best.proved) == (0.0, True)


def test_a_plan_that_never_ends_says_so_and_has_no_gap():
    best = plan(portfolio([{"balance": 10_000, "apr": 0.3}, {"balance": 500, "apr": 0.2}], 100), Strategy.OPTIMAL)
    assert best.status == PlanStatus.NEVER_PAID_OFF
    assert (best.months, best.gap, best.proved) == (None, None, False)
    assert best.bound >= 10_500


def test_debts_that_owe_nothing_cost_nothing():
    best = plan(portfolio([{"balance": 0, "apr": 0.3}, {"balance": 0, "apr": 0.1}], 100), Strategy.OPTIMAL)
    assert (best.months, best.total_paid, best.bound, best.gap, best.proved) == (0, 0, 0, 0.0, True)


@pytest.mark.parametrize(("protect", "missed"), [(True, "debt 1"), (False, "debt 1")])
def test_in_a_shortfall_the_cheaper_minimum_is_missed(protect, missed):
    one = portfolio(MISSING, **SHORT)
    best = plan(one, Strategy.OPTIMAL, search=SearchLimits(protect_secured=protect))
    assert {each.debt for each in best.missed} == {missed}
    assert best.proved


def test_a_secured_debt_is_missed_only_where_it_is_not_protected():
    dear, cheap = MISSING
    one = portfolio([{**dear, "kind": "other"}, {**cheap, "kind": "mortgage"}], **SHORT)
    costs = {}
    for protect, missed in ((True, "debt 0"), (False, "debt 1")):
        best = plan(one, Strategy.OPTIMAL, search=SearchLimits(protect_secured=protect))
        assert {each.debt for each in best.missed} == {missed}
        costs[protect] = best.total_paid
    assert costs[False] < costs[True]


def test_missing_freely_is_never_dearer():
    """A late fee of 1 is worth a month of a dear debt's interest on 200."""
    cheap = {"balance": 3000, "apr": 0.01, "minimum": {"type": "fixed", "amount": 200}, "fees": {"late": 1}}
    one = portfolio([cheap, {"balance": 3000, "apr": 0.30}], 250)
    strict, freely = (
        optimum(from_portfolios([one]), WITHOUT_CUSTOM, SearchLimits(misses_free=free)) for free in (False, True)
    )
    assert freely.played.result["paid"] < strict.played.result["paid"]
    assert freely.bound <= freely.played.result["paid"]


@pytest.mark.parametrize(
    ("scale", "currency"), [(1, "JPY"), (10**6, "USD"), (Decimal("0.01"), "USD"), (10**8, "JPY")], ids=str
)
def test_any_size_of_money_is_planned(scale, currency):
    debts = [{"balance": 4000 * scale, "apr": 0.1}, {**promo(4000 * scale, "2027-06")}]
    one = portfolio(debts, 500 * scale, currency=currency)
    best = plan(one, Strategy.OPTIMAL)
    assert best.total_paid <= plan(one, Strategy.AVALANCHE).total_paid
    assert best.proved


def test_a_hundred_debts_are_planned_and_proved():
    rule = {"type": "percent", "rate": 0.02, "floor": 25}
    debts = [{"balance": 500 + 37 * place, "apr": 0.10 + 0.002 * place, "minimum": rule} for place in range(100)]
    best = plan(portfolio(debts, 12_000), Strategy.OPTIMAL)
    assert best.proved
    assert best.total_paid <= plan(portfolio(debts, 12_000), Strategy.AVALANCHE).total_paid


def test_the_same_input_gives_the_same_bytes():
    one = portfolio(MISSING, **SHORT)
    first, second = (plan(one, Strategy.OPTIMAL).model_dump_json() for _ in range(2))
    assert first == second


def test_a_plain_balance_transfer_is_taken_and_proved():
    one = portfolio(
        [{"balance": 4000, "apr": 0.24}, {"balance": 2000, "apr": 0.12}],
        500,
        offers=[{**TRANSFER, "promo": {"apr": 0, "months": 12}, "minimum": {"type": "none"}}],
    )
    best, without = plan(one, Strategy.OPTIMAL), plan(one.model_copy(update={"offers": []}), Strategy.OPTIMAL)
    assert [(each.debt, each.amount) for each in best.offers_taken] == [("debt 0", 3000)]
    assert best.total_paid < without.total_paid
    assert best.proved


@cases(60)
@given(data=st.data())
def test_offers_are_never_worse_than_without_and_no_moves_lead_below_the_bound(portfolios, offered, data):
    drawn = data.draw(offered.offered(portfolios.portfolios(most=3)))
    moves = data.draw(offered.moves_of(drawn))
    best = plan(drawn, Strategy.OPTIMAL, schedule=False, search=QUICK)
    bare = drawn.model_copy(update={"offers": []})
    for order in compare(bare, WITHOUT_CUSTOM).plans:
        assert order.status != PlanStatus.PAID_OFF or best.total_paid <= order.total_paid
    if drawn.budget is None:
        return
    after = from_portfolios([take(drawn, moves)])
    for result in simulate(after, WITHOUT_CUSTOM)[0]:
        assert result["status"] != PAID_OFF or to_minor(best.bound, drawn.currency) <= result["paid"]
