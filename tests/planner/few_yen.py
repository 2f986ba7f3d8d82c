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


OFFERED: Shapes = ((1, 12, 9), (2, 4, 4))


def offers(debts, most):
    """One offer of any type."""
    one, few = st.sampled_from([debt["name"] for debt in debts]), st.integers(1, most).map(str)
    months, rate, fee = st.integers(1, 5), st.sampled_from(RATES), st.sampled_from(["0", "0.1", "0.25"])
    promo = st.fixed_dictionaries({"apr": st.just("0"), "months": st.integers(1, 3)})
    minimum = st.fixed_dictionaries({"type": st.just("percent"), "rate": st.just("0.2"), "floor": few})
    return st.one_of(
        st.fixed_dictionaries(
            {"type": st.just("balance_transfer"), "limit": few, "fee_rate": fee, "apr": rate, "minimum": minimum},
            optional={"promo": promo},
        ),
        st.fixed_dictionaries(
            {"type": st.just("consolidation"), "amount": few, "fee_rate": fee, "apr": rate, "months": months}
        ),
        st.fixed_dictionaries(
            {"type": st.just("refinance"), "debt": one, "apr": rate, "months": months, "fee_rate": fee}
            | {"fee": st.sampled_from(["0", "1"]), "recast": st.booleans()}
        ),
        st.fixed_dictionaries(
            {"type": st.just("settlement"), "debt": one, "share": st.sampled_from(["0.3", "0.5", "0.8"])}
            | {"by": later(0, 4)}
        ),
        st.fixed_dictionaries(
            {"type": st.just("instalment"), "debt": one, "months": months, "refundable": st.booleans()}
            | {"fee_rate": st.sampled_from(["0.02", "0.05", "0.1"])},
            optional={"limit": few},
        ),
    )


@st.composite
def offered_yen(draw):
    """One or two debts, and one or two offers."""
    count, most, money = draw(st.sampled_from(OFFERED))
    debts = [
        {"name": f"debt {place}", "balance": str(draw(st.integers(1, most))), "apr": draw(st.sampled_from(RATES))}
        | {"minimum": draw(rules(most)), **draw(st.one_of(st.just({}), extras()))}
        for place in range(count)
    ]
    made = [draw(offers(debts, most)) | {"name": f"offer {place}"} for place in range(draw(st.integers(1, 3 - count)))]
    for offer in made:  # of no more than is owed
        owed = sum(int(debt["balance"]) for debt in debts if offer.get("debt", debt["name"]) == debt["name"])
        offer |= {field: str(min(int(offer[field]), owed)) for field in ("limit", "amount") if field in offer}
    budget = {"monthly": str(draw(st.integers(max(most // 4, 2), money)))}
    content = {"start": START, "currency": "JPY", "debts": debts, "offers": made, "budget": budget}
    return Portfolio.model_validate(content)
