"""What-ifs: changes compose, what is undone leaves nothing, and 提前还款 comes out as contracts reckon it."""

from decimal import Decimal
from itertools import pairwise
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import TypeAdapter

from agents.planner.plans.planning import plan
from agents.planner.what_if.what_if import changed, what_if
from data.answers.plan import ORDERS, Strategy
from data.answers.what_if import Changes, WhatIf
from data.errors import InvalidPortfolio
from data.money import minor_digits
from data.portfolio.portfolio import Portfolio

EACH = st.sampled_from(ORDERS)
CHANGES = TypeAdapter(Changes)
TOTALS = ("status", "months", "debt_free", "total_paid", "total_interest", "total_fees", "missed")


@given(data=st.data(), strategy=EACH)
def test_no_changes_differ_by_nothing(portfolios, data, strategy):
    found = what_if(data.draw(portfolios.portfolios()), [], strategy)
    assert found.before == found.after
    difference = found.difference
    assert difference.cheaper_from is None
    assert {difference.months, difference.interest, difference.fees, difference.total_paid} <= {0, None}
    assert all(debt.before == debt.after for debt in difference.debts)


@given(data=st.data(), strategy=EACH)
def test_a_debt_dropped_and_added_again_is_as_if_nothing_had_happened(portfolios, data, strategy):
    portfolio = data.draw(portfolios.portfolios().filter(lambda one: len(one.debts) > 1))
    last = portfolio.debts[-1]
    if portfolio.budget is not None:  # a lump sum loses its aim with its debt
        lumps = [lump.model_copy(update={"debt": None}) for lump in portfolio.budget.lump_sums]
        budget = portfolio.budget.model_copy(update={"lump_sums": lumps})
        portfolio = portfolio.model_copy(update={"budget": budget})
    order = portfolio.custom_order or []
    portfolio = portfolio.model_copy(update={"custom_order": [*(name for name in order if name != last.name)]})
    if strategy == Strategy.CUSTOM and not portfolio.custom_order:
        return
    debt = last.model_dump(mode="json", by_alias=True)
    found = what_if(
        portfolio, made({"type": "drop_debt", "debt": last.name}, {"type": "add_debt", "debt": debt}), strategy
    )
    for field in TOTALS:
        assert getattr(found.after, field) == getattr(found.before, field)


@given(data=st.data(), strategy=EACH, cents=st.integers(1, 100_000))
def test_money_added_and_taken_away_again_is_as_if_nothing_had_happened(portfolios, data, strategy, cents):
    portfolio = data.draw(portfolios.portfolios().filter(lambda one: one.budget is not None))
    by = Decimal(cents).scaleb(-minor_digits(portfolio.currency))
    found = what_if(portfolio, made({"type": "budget", "by": str(by)}, {"type": "budget", "by": str(-by)}), strategy)
    assert found.after == found.before


@given(data=st.data(), strategy=EACH)
def test_changes_in_turn_are_one_portfolio_changed_by_hand(portfolios, data, strategy):
    portfolio = data.draw(portfolios.portfolios().filter(lambda one: one.budget is not None))
    name, rate = portfolio.debts[0].name, data.draw(portfolios.rates())
    said = made(
        {"type": "rate", "debt": name, "apr": rate},
        {"type": "lump_sum", "month": "2027-03", "amount": "321.00"},
        {"type": "minimum", "debt": name, "minimum": {"type": "fixed", "amount": "77"}},
    )
    content = portfolio.model_dump(mode="json", by_alias=True)
    content["debts"][0] |= {"apr": rate, "rate_steps": [], "minimum": {"type": "fixed", "amount": "77"}}
    content["budget"]["lump_sums"].append({"month": "2027-03", "amount": "321.00"})
    assert what_if(portfolio, said, strategy).after == plan(Portfolio.model_validate(content), strategy)


@given(data=st.data())
def test_without_a_budget_a_lump_sum_comes_on_top_of_every_minimum(portfolios, data):
    portfolio = data.draw(portfolios.portfolios(most=3)).model_copy(update={"budget": None})
    name = portfolio.debts[0].name
    lump = {"type": "lump_sum", "month": "2027-01", "amount": "250.00", "debt": name}
    after = what_if(portfolio, made(lump)).after
    assert after.missed == []
    for month in {row.month for row in after.schedule}:
        rows = [row for row in after.schedule if row.month == month]
        above = sum((row.payment - row.minimum for row in rows), Decimal(0))
        assert above <= 250
        assert above == 0 or month == "2027-01"


def test_without_a_budget_a_late_balloon_is_paid_beside_a_lump_sum():
    late = {"name": "Loan", "balance": "5000", "apr": 0, "minimum": {"type": "interest_only", "until": "2036-12"}}
    after = what_if(portfolio_of([late]), made({"type": "lump_sum", "month": "2027-01", "amount": "1000"})).after
    assert (after.months, after.missed) == (121, [])
    assert [row.payment for row in after.schedule if row.payment] == [1000, 4000]


def test_the_optimal_strategy_answers_what_ifs_with_and_without_a_budget():
    for budget in (None, {"monthly": "400"}):
        portfolio = portfolio_of(CARDS, budget=budget)
        said = made({"type": "lump_sum", "month": "2027-01", "amount": "500"})
        optimal, order = (what_if(portfolio, said, strategy) for strategy in (Strategy.OPTIMAL, Strategy.AVALANCHE))
        assert optimal.after.missed == []
        assert optimal.after.total_paid <= order.after.total_paid
        assert optimal.after.months is not None


HOME = {"name": "房贷", "kind": "mortgage", "balance": "1000000", "apr": "0.049"}
LEVEL = {**HOME, "minimum": {"type": "level", "months": 360}}


def prepaid(debt: dict[str, Any], **fields: Any) -> WhatIf:
    change = {"type": "prepay", "debt": "房贷", "month": "2027-11", "amount": "200000", **fields}
    return what_if(portfolio_of([debt], currency="CNY"), made(change))


def test_prepaying_with_the_term_shortened_keeps_the_instalment():
    found = prepaid(LEVEL, mode="shorten_term")
    instalments = {row.minimum for row in found.after.schedule[:-1]}
    assert instalments == {Decimal("5307.27")}  # 1,000,000 at 4.9 % over 360 months, as every bank's table has it
    assert found.after.schedule[11].payment == Decimal("205307.27")
    assert (found.before.months, found.after.months) == (360, by_hand("5307.27"))
    assert found.difference.cheaper_from == "2027-12"


def by_hand(instalment: str) -> int:
    """Months of 1,000,000 at 4.9 % with 200,000 more in the twelfth, by paper."""
    left, month = Decimal(1_000_000), 0
    while left > 0:
        month += 1
        interest = (left * Decimal("0.049") / 12).quantize(Decimal("0.01"), "ROUND_HALF_UP")
        left += interest - Decimal(instalment) - (200_000 if month == 12 else 0)
    return month


def test_prepaying_with_the_payment_lowered_keeps_the_term():
    found = prepaid(LEVEL, mode="lower_payment")
    assert found.after.months == 360
    rows = found.after.schedule
    assert {row.minimum for row in rows[:12]} == {Decimal("5307.27")}
    i, left = Decimal("0.049") / 12, rows[11].closing
    annuity = left * i * (1 + i) ** 348 / ((1 + i) ** 348 - 1)
    assert {row.minimum for row in rows[12:-1]} == {annuity.quantize(Decimal("0.01"), "ROUND_HALF_UP")}


def test_lowering_the_payment_saves_less_interest_than_shortening_the_term():
    shorter, lower = prepaid(LEVEL, mode="shorten_term"), prepaid(LEVEL, mode="lower_payment")
    assert shorter.difference.interest is not None
    assert lower.difference.interest is not None
    assert shorter.difference.interest < lower.difference.interest < 0


def test_equal_principal_is_prepaid_into_a_shorter_term():
    found = prepaid({**HOME, "minimum": {"type": "equal_principal", "months": 360}}, mode="shorten_term")
    assert found.after.months == 288  # 200,000 is 72 parts of 2,777.78
    principal = [row.payment - row.interest for row in found.after.schedule]
    assert set(principal[:11] + principal[12:-1]) == {Decimal("2777.78")}


def test_after_interest_only_years_the_choice_is_of_the_rule_that_follows():
    rule = {"type": "interest_only", "until": "2028-12", "then": {"type": "level", "months": 120}}
    found = prepaid({**HOME, "minimum": rule}, mode="lower_payment", month="2029-06")
    minimums = [row.minimum for row in found.after.schedule if row.month > "2029-06"]
    assert minimums[0] < next(row.minimum for row in found.after.schedule if row.month == "2029-06")
    assert found.difference.months == 0


@pytest.mark.parametrize("charge", [{"charge_rate": "0.01"}, {"charge": "2000"}])
def test_the_charge_is_paid_out_of_the_amount(charge):
    with_it, without = prepaid(LEVEL, mode="shorten_term", **charge), prepaid(LEVEL, mode="shorten_term")
    rows = [found.after.schedule[11] for found in (with_it, without)]
    assert [row.payment for row in rows] == [Decimal("205307.27")] * 2
    assert (rows[0].fees, rows[0].closing - rows[1].closing) == (2000, 2000)
    assert with_it.after.total_fees == 2000


def test_a_longer_own_charge_goes_on_after_the_prepayment():
    own = {**LEVEL, "prepayment": {"rate": "0.03", "until": "2029-01"}}
    later = {"type": "prepay", "debt": "房贷", "month": "2028-11", "amount": "1000"}
    first = {"type": "prepay", "debt": "房贷", "month": "2027-11", "amount": "1000", "charge_rate": "0.01"}
    after = what_if(portfolio_of([own], currency="CNY"), made(first, later)).after
    assert [row.fees for row in after.schedule if row.fees] == [10, 10]


CARDS = [
    {"name": "Visa", "balance": "3000", "apr": "0.24", "minimum": {"type": "fixed", "amount": "60"}},
    {"name": "Car", "balance": "6000", "apr": "0.06", "minimum": {"type": "level", "months": 48}},
]
OFFER = {"type": "balance_transfer", "name": "0%", "limit": "2500", "fee_rate": "0.03", "apr": "0.2"}


def test_an_offer_is_taken_from_the_dearest_debts_first_or_as_asked():
    portfolio = portfolio_of(CARDS, budget={"monthly": "400"}, offers=[OFFER])
    usual = what_if(portfolio, made({"type": "take_offer", "offer": "0%"})).after
    assert [(one.debt, one.amount, one.fee) for one in usual.offers_taken] == [("Visa", 2500, 75)]
    asked = {"type": "take_offer", "offer": "0%", "amount": "1000", "from": ["Car", "Visa"]}
    assert [(one.debt, one.amount) for one in what_if(portfolio, made(asked)).after.offers_taken] == [("Car", 1000)]


def test_an_offer_and_what_follows_work_on_the_new_debt():
    portfolio = portfolio_of(CARDS, budget={"monthly": "400"}, offers=[OFFER])
    taken = {"type": "take_offer", "offer": "0%"}
    found = what_if(portfolio, made(taken, {"type": "rate", "debt": "0%", "apr": 0}))
    assert next(debt.interest for debt in found.after.debts if debt.name == "0%") == 0
    assert [debt.debt for debt in found.difference.debts] == ["Visa", "Car", "0%"]
    assert found.difference.debts[2].before is None


def test_what_a_settlement_forgives_counts_where_it_becomes_cheaper():
    offer = {"type": "settlement", "name": "half", "debt": "Visa", "share": "0.5", "by": "2026-12"}
    portfolio = portfolio_of(CARDS, budget={"monthly": "1700"}, offers=[offer])
    found = what_if(portfolio, made({"type": "take_offer", "offer": "half"}))
    assert found.difference.total_paid is not None
    assert found.difference.total_paid < -1500
    assert found.difference.cheaper_from == "2026-12"


@pytest.mark.parametrize(
    ("change", "money"),
    [
        ({"type": "budget", "monthly": "500"}, [500, 500, 500]),
        ({"type": "budget", "by": "50"}, [450, 490, 490]),
        ({"type": "budget", "by": "50", "from": "2027-02"}, [400, 440, 490]),
        ({"type": "budget", "monthly": "500", "from": "2027-01"}, [400, 500, 500]),
        ({"type": "budget", "by": "-1000"}, [0, 0, 0]),
    ],
)
def test_a_changed_budget_is_a_path_of_amounts(change, money):
    debt = {"name": "Visa", "balance": "9000", "apr": "0.1", "minimum": {"type": "none"}}
    portfolio = portfolio_of([debt], budget={"monthly": "400", "yearly_raise": "0.1"})
    rows = what_if(portfolio, made(change)).after.schedule
    assert [row.payment for row in rows][:3] == money


def test_more_money_without_a_budget_comes_on_top_of_the_first_minimums():
    rows = what_if(portfolio_of(CARDS), made({"type": "budget", "by": "100"})).after.schedule
    paid = [sum(row.payment for row in rows if row.month == month) for month in ("2026-12", "2027-01")]
    assert paid == [Decimal("300.91")] * 2  # 60.00 + 140.91 + 100.00


def test_a_rate_rises_from_a_month_on_and_later_steps_give_way():
    debt = {"name": "Visa", "balance": "1200", "apr": "0.12", "rate_steps": [{"from": "2027-03", "apr": "0.06"}]}
    change = {"type": "rate", "debt": "Visa", "apr": "0.24", "from": "2027-02"}
    rows = what_if(portfolio_of([debt]), made(change)).after.schedule
    rates = [(row.interest / row.opening * 12).quantize(Decimal("0.01")) for row in rows[:4]]
    assert rates == [Decimal("0.12"), Decimal("0.12"), Decimal("0.24"), Decimal("0.24")]


def test_a_lump_sum_of_a_dropped_debt_and_its_offers_do_not_go_with_it_wrongly():
    offers = [OFFER, {"type": "refinance", "name": "new", "debt": "Car", "apr": "0.04", "months": 48}]
    budget = {"monthly": "400", "lump_sums": [{"month": "2027-01", "amount": "500", "debt": "Car"}]}
    portfolio = portfolio_of(CARDS, budget=budget, offers=offers, custom_order=["Car", "Visa"])
    after = changed(portfolio, made({"type": "drop_debt", "debt": "Car"})).portfolio
    assert [offer.name for offer in after.offers] == ["0%"]
    assert after.custom_order == ["Visa"]
    assert after.budget is not None
    assert [lump.debt for lump in after.budget.lump_sums] == [None]
    Portfolio.model_validate_json(after.model_dump_json(by_alias=True))


REFUSED: list[tuple[dict[str, Any], str]] = [
    ({"type": "budget"}, "monthly"),
    ({"type": "budget", "monthly": "1", "by": "1"}, "monthly"),
    ({"type": "budget", "by": "1", "from": "2026-11"}, "from"),
    ({"type": "budget", "by": "1.234"}, "by"),
    ({"type": "lump_sum", "month": "2026-11", "amount": "5"}, "month"),
    ({"type": "lump_sum", "month": "2027-01", "amount": "5", "debt": "None"}, "debt"),
    ({"type": "lump_sum", "month": "2027-01", "amount": "0.001"}, "amount"),
    ({"type": "rate", "debt": "None", "apr": "0.1"}, "debt"),
    ({"type": "rate", "debt": "Visa", "apr": "0.1", "from": "2020-01"}, "from"),
    ({"type": "minimum", "debt": "Visa", "minimum": {"type": "interest_only", "until": "2020-01"}}, "minimum.until"),
    ({"type": "drop_debt", "debt": "None"}, "debt"),
    ({"type": "add_debt", "debt": {"name": "Visa", "balance": "1", "apr": "0"}}, "debt.name"),
    ({"type": "add_debt", "debt": {"name": "0%", "balance": "1", "apr": "0"}}, "debt.name"),
    ({"type": "add_debt", "debt": {"name": "N", "balance": "1.234", "apr": "0"}}, "debt.balance"),
    (
        {"type": "add_debt", "debt": {"name": "N", "balance": "1", "apr": "0", "penalty_months": 3}},
        "debt.penalty_months",
    ),
    ({"type": "take_offer", "offer": "none such"}, "offer"),
    ({"type": "take_offer", "offer": "0%", "amount": "2500.01"}, "amount"),
    ({"type": "take_offer", "offer": "0%", "from": ["Visa", "None"]}, "from.1"),
    ({"type": "take_offer", "offer": "new", "amount": "5"}, "amount"),
    ({"type": "prepay", "debt": "None", "month": "2027-01", "amount": "5"}, "debt"),
    ({"type": "prepay", "debt": "Car", "month": "2020-01", "amount": "5"}, "month"),
    ({"type": "prepay", "debt": "Visa", "month": "2027-01", "amount": "5", "mode": "lower_payment"}, "mode"),
    ({"type": "prepay", "debt": "Car", "month": "2027-01", "amount": "5", "charge": "5"}, "charge"),
    ({"type": "prepay", "debt": "Car", "month": "2027-01", "amount": "5", "charge": "1", "charge_rate": "0"}, "charge"),
]


def test_what_cannot_be_done_is_refused_by_field_all_at_once():
    offers = [OFFER, {"type": "refinance", "name": "new", "debt": "Car", "apr": "0.04", "months": 48}]
    portfolio = portfolio_of(CARDS, budget={"monthly": "400"}, offers=offers)
    with pytest.raises(InvalidPortfolio) as refused:
        what_if(portfolio, made(*(change for change, _ in REFUSED)))
    assert [error.path for error in refused.value.errors] == [
        f"changes.{place}.{field}" for place, (_, field) in enumerate(REFUSED)
    ]


@pytest.mark.parametrize(
    ("change", "field"),
    [
        ({"type": "drop_debt", "debt": "Visa"}, "debt"),
        ({"type": "budget", "by": "-5"}, "by"),
        ({"type": "budget", "by": "5", "from": "2027-01"}, "from"),
    ],
)
def test_the_only_debt_stays_and_a_budget_that_is_not_there_cannot_be_cut(change, field):
    with pytest.raises(InvalidPortfolio) as refused:
        what_if(portfolio_of(CARDS[:1]), made(change))
    assert [error.path for error in refused.value.errors] == [f"changes.0.{field}"]


def test_an_equal_principal_loan_says_that_only_its_term_can_shrink():
    with pytest.raises(InvalidPortfolio) as refused:
        prepaid({**HOME, "minimum": {"type": "equal_principal", "months": 360}}, mode="lower_payment")
    assert "shorten_term" in refused.value.errors[0].message


def test_the_cost_so_far_is_what_the_months_say():
    found = what_if(portfolio_of(CARDS, budget={"monthly": "400"}), made({"type": "budget", "by": "100"}))
    month = found.difference.cheaper_from
    assert month is not None
    for last, is_less in [
        (month, True),
        *((before, False) for before, after in pairwise(months(found)) if after == month),
    ]:
        costs = [
            sum(row.interest + row.fees for row in made.schedule if row.month <= last)
            for made in (found.before, found.after)
        ]
        assert (costs[1] < costs[0]) == is_less


def months(found: WhatIf) -> list[str]:
    return list(dict.fromkeys(row.month for row in found.before.schedule))


def made(*changes: dict[str, Any]) -> Any:
    return CHANGES.validate_python(list(changes))


def portfolio_of(debts: list[dict[str, Any]], **more: Any) -> Portfolio:
    return Portfolio.model_validate({"start": "2026-12", "debts": debts, **more})
