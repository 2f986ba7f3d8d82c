"""The optimum against every plan there is, on debts of a few yen: none is below its bound, few below its plan."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from agents.planner.arrays.from_portfolios import from_portfolios
from agents.planner.kernel.layout import PAID_OFF
from agents.planner.optimum.hunt import optimum
from agents.planner.optimum.limits import SearchLimits
from data.answers.plan import ORDERS, Strategy
from tests.planner.cases import cases
from tests.planner.every_plan import NEVER, EveryPlan
from tests.planner.few_yen import FEWER, MONTHS, SHAPES, few_yen

WITHOUT_CUSTOM = [order for order in ORDERS if order is not Strategy.CUSTOM]
ROUNDINGS = 2  # yen: what a plan that is a few months long may lose by them


# Of some 300 plans two to five pay 3 or 4 yen more than the best, which their roundings explain: the share moves with
# the draws, and these follow from the test's own name and place.
@pytest.mark.parametrize(("count", "misses_free", "best", "near"), [(400, False, 0.9, 0.98), (120, True, 0.8, 0.95)])
def test_no_plan_is_below_the_bound_and_most_optima_are_the_best_there_is(reference, count, misses_free, best, near):
    above: list[int] = []

    @cases(count)
    @given(portfolio=few_yen(FEWER if misses_free else SHAPES), protect=st.booleans())
    def holds(portfolio, protect):
        reading = {"protect_secured": protect, "misses_free": misses_free}
        least = EveryPlan(reference, portfolio, MONTHS, **reading).least()
        found = optimum(from_portfolios([portfolio]), WITHOUT_CUSTOM, SearchLimits(time_limit_s=5, **reading))
        result = found.played.result
        assert least >= NEVER or found.bound <= least
        if result["status"] == PAID_OFF and result["months"] <= MONTHS:
            assert least <= result["paid"]
            above.append(int(result["paid"]) - least)

    holds()
    assert len(above) > count / 2
    assert sum(more == 0 for more in above) >= best * len(above)
    assert sum(more <= ROUNDINGS for more in above) >= near * len(above)
