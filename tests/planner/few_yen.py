"""Debts of a few yen with every rule that needs a decision, for Hypothesis: few enough plans to try them all."""

from hypothesis import strategies as st

from data.portfolio.portfolio import Portfolio

START, MONTHS = "2026-11", 6
Shapes = tuple[tuple[int, int, int], ...]
SHAPES: Shapes = ((1, 60, 50), (2, 12, 12), (2, 10, 8), (3, 4, 5))  # debts, their largest balance, the most money
FEWER: Shapes = ((1, 20, 15), (2, 6, 6), (3, 2, 3))
RATES = ("0", "0.12", "0.6", "1.2", "2.4", "3.6")


def later(low, high):
    return st.integers(low, high).map(lambda after: ("2026-11", "2026-12", "2027-01", "2027-02", "2027-03")[after])


def rules(most):
    few = st.integers(0, max(most // 3, 1)).map(str)
    return st.one_of(
        st.just({"type": "none"}),
        st.fixed_dictionaries({"type": st.just("fixed"), "amount": few}),
        st.fixed_dictionaries(
            {"type": st.just("percent"), "rate": st.sampled_from(["0.1", "0.3"]), "floor": few}
            | {"of": st.sampled_from(["statement", "opening"])}
        ),
        st.fixed_dictionaries({"type": st.just("interest_plus"), "rate": st.just("0.15"), "floor": few}),
        st.fixed_dictionaries({"type": st.just("level"), "months": st.integers(1, 6), "recast": st.booleans()}),
        st.fixed_dictionaries({"type": st.just("equal_principal"), "months": st.integers(1, 6)}),
        st.fixed_dictionaries({"type": st.just("interest_only"), "until": later(1, 4)}),
        st.fixed_dictionaries(
            {"type": st.just("flat_fee"), "principal": st.just(str(most)), "months": st.integers(2, 6)}
            | {"fee_rate": st.sampled_from(["0.05", "0.1"]), "refundable": st.booleans()}
        ),
    )


def extras():
    few = st.integers(1, 4).map(str)
    promo = {"apr": st.sampled_from(["0", "0.6"]), "until": later(0, 3), "deferred_interest": st.booleans()}
    step = st.fixed_dictionaries({"from": later(1, 4), "apr": st.sampled_from(RATES)})
    penalty = {"penalty_apr": st.sampled_from(["1.2", "2.4", "4.8"]), "penalty_months": st.sampled_from([1, 2, None])}
    missed = st.fixed_dictionaries({"fees": st.fixed_dictionaries({"late": few}), **penalty})
    alone = st.fixed_dictionaries(
        {},
        optional={
            "promo": st.fixed_dictionaries(promo),
            "rate_steps": st.lists(step, max_size=1),
            "fees": st.fixed_dictionaries({}, optional={"monthly": few, "opening": few, "late": few}),
            "prepayment": st.just({"rate": "0.2"}),
            "kind": st.sampled_from(["mortgage", "other"]),
        },
    )
    return st.one_of(alone, alone, missed)


@st.composite
def few_yen(draw, shapes=SHAPES):
    """One to three debts with any rule, and a budget that may fall short."""
    count, most, money = draw(st.sampled_from(shapes))
    debts = [
        {
            **{
                "name": f"debt {place}",
                "balance": str(draw(st.integers(1, most))),
                "apr": draw(st.sampled_from(RATES)),
            },
            **{"minimum": draw(rules(most)), **draw(extras())},
        }
        for place in range(count)
    ]
    budget = {"monthly": str(draw(st.integers(max(most // 4, 2), money)))}
    if draw(st.booleans()):
        budget["changes"] = [{"from": draw(later(1, 3)), "monthly": str(draw(st.integers(0, money)))}]
    if draw(st.booleans()):
        budget["lump_sums"] = [{"month": draw(later(0, 3)), "amount": str(draw(st.integers(1, most)))}]
    return Portfolio.model_validate({"start": START, "currency": "JPY", "debts": debts, "budget": budget})
