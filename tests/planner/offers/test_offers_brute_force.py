"""The optimum with offers against every amount moved and every plan there is after it, on debts of a few yen."""

from itertools import product

import pytest
from hypothesis import assume, given

from agents.planner.arrays.from_portfolios import from_portfolios
from agents.planner.kernel.layout import PAID_OFF
from agents.planner.offers.taking import Move, is_whole, limit_of, sources_of, take
from agents.planner.optimum.limits import SearchLimits
from agents.planner.optimum.optimal_plan import optimal_plan
from data.errors import InvalidPortfolio
from data.money import to_minor
from tests.planner.cases import cases
from tests.planner.every_plan import NEVER, EveryPlan
from tests.planner.few_yen import MONTHS, offered_yen

CASES = 100
ROUNDINGS = 2  # yen: what a plan that is a few months long may lose by them


def every_move(portfolio):
    """All amounts that may be moved together, but for none at all."""
    pairs = [(offer, debt) for offer in portfolio.offers for debt in sources_of(offer, portfolio)]
    amounts = [
        (0, to_minor(debt.balance, "JPY"))
        if is_whole(offer)
        else range(min(limit_of(offer, portfolio), to_minor(debt.balance, "JPY")) + 1)
        for offer, debt in pairs
    ]
    for chosen in product(*amounts):
        moves = [Move(offer.name, debt.name, n) for (offer, debt), n in zip(pairs, chosen, strict=True) if n]
        if moves:
            yield moves


def least_with_offers(reference, portfolio):
    """What the cheapest plan pays that takes an offer and misses no minimum."""
    least = NEVER
    for moves in every_move(portfolio):
        try:
            after = take(portfolio, moves)
        except InvalidPortfolio:  # more than is owed, or part of what goes whole
            continue
        least = min(least, EveryPlan(reference, after, MONTHS, none_missed=True).least())
    return least


@pytest.mark.timeout(600)
def test_no_plan_with_offers_is_below_the_bound_and_most_optima_are_the_best_there_is(reference):
    above: list[int] = []

    @cases(CASES)
    @given(portfolio=offered_yen())
    def holds(portfolio):
        found = optimal_plan(portfolio, from_portfolios([portfolio]), SearchLimits(time_limit_s=5))
        bare = portfolio.model_copy(update={"offers": []})
        without = optimal_plan(bare, from_portfolios([bare]), SearchLimits(time_limit_s=5)).optimum.played.result
        assume(without["missed"] == 0)
        least = min(EveryPlan(reference, bare, MONTHS).least(), least_with_offers(reference, portfolio))
        assert least >= NEVER or found.optimum.bound <= least
        result = found.optimum.played.result
        if result["status"] == PAID_OFF and result["months"] <= MONTHS:
            assert least <= result["paid"]
            above.append(int(result["paid"]) - least)

    holds()
    assert len(above) > CASES / 4
    assert sum(more == 0 for more in above) >= 0.8 * len(above)
    assert sum(more <= ROUNDINGS for more in above) >= 0.95 * len(above)
