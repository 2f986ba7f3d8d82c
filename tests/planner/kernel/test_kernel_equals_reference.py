"""The kernel against the reference, month by month and cent by cent."""

from hypothesis import given
from hypothesis import strategies as st

from agents.planner.arrays.from_portfolios import from_portfolios
from agents.planner.arrays.simulation import simulate, simulate_rows
from agents.planner.plans.planning import plan
from data.answers.plan import ORDERS, Strategy
from data.month import month_index
from data.portfolio.portfolio import Portfolio
from tests.planner.cases import cases

MONTHS = 45


def compare_to_reference(reference, portfolio, strategy):
    arrays = from_portfolios([portfolio])
    result = simulate(arrays, [strategy], horizon=MONTHS)[0, 0]
    rows = simulate_rows(arrays, strategy, MONTHS)
    simulated = int(result["months"])
    expected = reference.Reference(portfolio, strategy).run(simulated)
    start = month_index(portfolio.start)
    found = [
        reference.Row(start + t, i, *(int(value) for value in row))
        for t in range(simulated)
        for i, row in enumerate(rows[t])
        if row[0] > 0
    ]
    assert found == sorted(expected.rows, key=lambda row: (row.month, row.place))
    assert int(result["missed"]) == len(expected.missed)
    assert int(result["owed"]) == expected.owed
    for name, column in (("paid", "payment"), ("interest", "interest"), ("fees", "fees")):
        assert int(result[name]) == expected.total(column)


@cases(700)
@given(data=st.data())
def test_kernel_equals_the_reference_with_all_rules_together(reference, portfolios, data):
    portfolio = data.draw(portfolios.portfolios())
    compare_to_reference(reference, portfolio, data.draw(st.sampled_from(ORDERS)))


def test_a_prepayment_that_is_refused_recasts_nothing(reference):
    """At a charge of 100 % nothing is paid above the instalment, so that it stays what it is."""
    debt = {"name": "Loan", "balance": "13623.63", "apr": "0.11", "prepayment": {"rate": "1"}}
    kept, recast = (
        Portfolio.model_validate(
            {
                "start": "2027-01",
                "budget": {"monthly": 900},
                "debts": [debt | {"minimum": {"type": "level", "months": 40, "recast": recasts}}],
            }
        )
        for recasts in (False, True)
    )
    compare_to_reference(reference, recast, Strategy.AVALANCHE)
    assert plan(recast, Strategy.AVALANCHE) == plan(kept, Strategy.AVALANCHE)
