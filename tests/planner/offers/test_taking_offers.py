"""A portfolio after taking offers is an ordinary portfolio: nothing is lost on the way, and nothing appears."""

from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from agents.planner.offers.taking import Move, offers_taken, take
from agents.planner.plans.planning import plan
from data.answers.plan import ORDERS, Plan, Strategy
from data.errors import InvalidPortfolio
from data.money import to_minor
from data.portfolio.portfolio import Portfolio
from tests.sample_offers import TRANSFER

EACH = st.sampled_from(ORDERS)
RULE = {"type": "percent", "rate": "0.02", "floor": "25"}


@st.composite
def with_moves(draw: st.DrawFn, portfolios: Any, offered: Any) -> tuple[Portfolio, list[Move]]:
    portfolio = draw(offered.offered(portfolios.portfolios(most=4)))
    return portfolio, draw(offered.moves_of(portfolio))


def settled_away(portfolio: Portfolio, moves: list[Move]) -> int:
    given_up = 0
    for move in moves:
        if move.offer == "settled":
            given_up += move.amount - int((Decimal(move.amount) * Decimal("0.451") + Decimal("0.5")) // 1)
    return given_up


def owed(portfolio: Portfolio) -> int:
    return sum(to_minor(debt.balance, portfolio.currency) for debt in portfolio.debts)


@given(data=st.data())
def test_what_is_owed_after_the_moves_is_what_was_owed_but_for_what_a_settlement_forgives(portfolios, offered, data):
    portfolio, moves = data.draw(with_moves(portfolios, offered))
    assert owed(take(portfolio, moves)) == owed(portfolio) - settled_away(portfolio, moves)


@given(data=st.data(), strategy=EACH)
def test_books_balance_after_the_moves_and_the_first_fees_hold_what_the_moves_cost(portfolios, offered, data, strategy):
    portfolio, moves = data.draw(with_moves(portfolios, offered))
    taken = take(portfolio, moves)
    after, told = plan(taken, strategy), offers_taken(portfolio, moves)
    for row in after.schedule:
        assert row.opening + row.interest + row.fees == row.payment + row.closing
    first = {row.debt: row for row in after.schedule if row.month == portfolio.start}
    owing = {debt.name for debt in taken.debts if debt.balance}  # a cent may be settled for nothing
    for name in owing & {move.offer for move in moves if move.amount}:
        parts = [each for each in told if each.name == name]
        if name != "settled":
            assert first[name].opening == sum(each.amount for each in parts)
        if name != "分期":  # which has its own monthly fee beside
            cost = sum((each.fee + each.charge for each in parts), Decimal(0))
            assert first[name].fees == cost or first[name].opening == 0


@given(data=st.data())
def test_a_portfolio_after_the_moves_can_be_sent_and_read_again(portfolios, offered, data):
    portfolio, moves = data.draw(with_moves(portfolios, offered))
    after = take(portfolio, moves)
    again = Portfolio.model_validate_json(after.model_dump_json(by_alias=True))
    for strategy in (Strategy.AVALANCHE, Strategy.SNOWBALL):
        assert plan(again, strategy) == plan(after, strategy)


@given(data=st.data(), strategy=EACH)
def test_taking_nothing_changes_nothing(portfolios, offered, data, strategy):
    portfolio, moves = data.draw(with_moves(portfolios, offered))
    nothing = [Move(move.offer, move.debt, 0) for move in moves]
    without, with_offers = plan(take(portfolio, nothing), strategy), plan(portfolio, strategy)
    assert without == with_offers.model_copy(update={"ignored": without.ignored})  # it names offers it does not look at


@given(data=st.data(), strategy=EACH)
def test_an_offer_with_the_terms_of_the_only_debt_costs_the_same(portfolios, data, strategy):
    budget = data.draw(portfolios.budgets(1))
    debt = {"name": "debt 0", "kind": "credit_card", "balance": data.draw(portfolios.amounts(5000, 1)), "apr": "0.2"}
    offer = {"type": "balance_transfer", "name": "same", "limit": debt["balance"], "apr": "0.2", "minimum": RULE}
    content = {"start": portfolios.START, "budget": budget, "debts": [{**debt, "minimum": RULE}], "offers": [offer]}
    portfolio = Portfolio.model_validate({**content, "custom_order": ["debt 0"]})
    before = plan(portfolio, strategy)
    after = plan(take(portfolio, [Move("same", "debt 0", owed(portfolio))]), strategy)
    for field in ("status", "months", "total_paid", "total_interest", "total_fees"):
        assert getattr(after, field) == getattr(before, field)


def test_a_moved_debt_stays_in_the_list_and_has_no_rows():
    after = taken([{"name": "Visa", "balance": "2000", "apr": "0.24"}], [TRANSFER], ("0% card", "Visa", "2000"))
    assert [row.debt for row in after.schedule if row.month == "2026-12"] == ["0% card"]
    assert (after.debts[0].name, after.debts[0].paid) == ("Visa", 0)


def test_a_transfer_promotion_counts_its_months_from_the_first_planned_month():
    offer = {**TRANSFER, "promo": {"apr": 0, "months": 2}}
    after = taken([{"name": "Visa", "balance": "2000", "apr": "0.24"}], [offer], ("0% card", "Visa", "2000"))
    interest = [row.interest for row in after.schedule]
    assert interest[:2] == [0, 0]
    assert interest[2] > 0


def test_the_old_lenders_prepayment_charge_is_paid_with_the_offers_fee():
    debt = {"name": "Car", "balance": "2000", "apr": "0.08", "prepayment": {"rate": "0.02", "until": "2027-01"}}
    told = offers_taken(portfolio_of([debt], [TRANSFER]), [Move("0% card", "Car", 150_000)])
    assert (told[0].fee, told[0].charge) == (Decimal("45.00"), Decimal("30.00"))
    after = taken([debt], [TRANSFER], ("0% card", "Car", "1500"))
    assert [row.fees for row in after.schedule if row.month == "2026-12"] == [0, Decimal("75.00")]


def test_no_charge_falls_due_after_the_month_until_which_it_holds():
    debt = {"name": "Car", "balance": "2000", "apr": "0.08", "prepayment": {"rate": "0.02", "until": "2026-11"}}
    assert offers_taken(portfolio_of([debt], [TRANSFER]), [Move("0% card", "Car", 150_000)])[0].charge == 0


@pytest.mark.parametrize("moved", ["1200", "700", "350", "100"])
def test_no_fee_of_a_flat_fee_loan_that_refunds_nothing_is_escaped_by_moving_it(moved):
    rule = {"type": "flat_fee", "principal": "1200", "months": 12, "fee_rate": "0.006"}
    free = {**TRANSFER, "fee_rate": 0, "apr": 0, "minimum": {"type": "fixed", "amount": "50"}}
    after = taken(
        [{"name": "Phone", "balance": "1200", "apr": 0, "minimum": rule}], [free], ("0% card", "Phone", moved)
    )
    assert after.total_fees == Decimal("86.40")  # 12 x 7.20


def test_part_of_a_level_loan_moved_leaves_its_instalment_and_shortens_its_term():
    loan = {"name": "Car", "balance": "9000", "apr": "0.069", "minimum": {"type": "level", "months": 60}}
    before = plan(portfolio_of([loan], []), Strategy.MINIMUM_ONLY)
    after = taken([loan], [TRANSFER], ("0% card", "Car", "3000"), Strategy.MINIMUM_ONLY)
    car = [row for row in after.schedule if row.debt == "Car"]
    assert before.schedule[0].minimum == car[0].minimum == Decimal("177.79")
    assert len(car) < 60
    recast = {**loan, "minimum": {"type": "level", "months": 60, "recast": True}}
    lowered = taken([recast], [TRANSFER], ("0% card", "Car", "3000"), Strategy.MINIMUM_ONLY)
    car = [row for row in lowered.schedule if row.debt == "Car"]
    assert (car[0].minimum, len(car)) == (Decimal("118.52"), 60)


def test_part_of_an_equal_principal_loan_moved_leaves_its_share_of_principal():
    loan = {"name": "Car", "balance": "6000", "apr": "0.06", "minimum": {"type": "equal_principal", "months": 60}}
    after = taken([loan], [TRANSFER], ("0% card", "Car", "3000"), Strategy.MINIMUM_ONLY)
    car = [row for row in after.schedule if row.debt == "Car"]
    assert car[0].minimum == Decimal("115.00")  # 6000 / 60 + 3000 x 0.06 / 12
    assert len(car) == 30


def test_an_extra_budget_keeps_the_money_it_came_to_before_the_move():
    debts = [{"name": "Visa", "balance": "3000", "apr": "0.24", "minimum": {"type": "fixed", "amount": "150"}}]
    portfolio = portfolio_of(debts, [TRANSFER], budget={"monthly": "100", "mode": "extra", "yearly_raise": "0.1"})
    after = plan(take(portfolio, [Move("0% card", "Visa", 300_000)]), Strategy.AVALANCHE)
    assert [row.payment for row in after.schedule][:2] == [250, 260]


def test_a_lump_sum_for_a_debt_goes_to_the_loan_that_replaces_it():
    loan = {"type": "refinance", "name": "cheap", "debt": "Car", "apr": "0.03", "months": 60}
    debts = [{"name": "Car", "balance": "9000", "apr": "0.069"}, {"name": "Visa", "balance": "9000", "apr": "0.3"}]
    budget = {"monthly": "600", "lump_sums": [{"month": "2027-01", "amount": "500", "debt": "Car"}]}
    after = plan(take(portfolio_of(debts, [loan], budget=budget), [Move("cheap", "Car", 900_000)]), Strategy.AVALANCHE)
    row = next(row for row in after.schedule if (row.month, row.debt) == ("2027-01", "cheap"))
    assert row.payment == row.minimum + 500


def test_a_new_debt_follows_in_the_custom_order_the_first_that_went_into_it():
    debts = [{"name": name, "balance": "1000", "apr": "0.2"} for name in ("A", "B", "C")]
    portfolio = portfolio_of(debts, [TRANSFER], custom_order=["C", "A", "B"])
    after = take(portfolio, [Move("0% card", "A", 50_000), Move("0% card", "B", 50_000)])
    assert after.custom_order == ["C", "A", "0% card", "B"]


def test_wrong_moves_are_refused_all_at_once():
    refinance = {"type": "refinance", "name": "cheap", "debt": "Car", "apr": "0.03", "months": 60}
    debts = [{"name": "Car", "balance": "2000", "apr": "0.069"}, {"name": "Visa", "balance": "3000", "apr": "0.3"}]
    wrong = [
        Move("cheap", "Visa", 300_000),
        Move("cheap", "Car", 100_000),
        Move("none such", "Car", 1),
        Move("0% card", "Visa", 400_000),
    ]
    with pytest.raises(InvalidPortfolio) as refused:
        take(portfolio_of(debts, [refinance, TRANSFER]), wrong)
    said = {(error.path, error.message) for error in refused.value.errors}
    assert ("offers.0", 'it moves nothing of "Visa"') in said
    assert ("offers.0", 'it moves all of "Car" or nothing') in said
    assert ("offers", 'no offer is named "none such"') in said
    assert ("offers.1", "it moves 3000.00 at most") in said
    assert ("debts.1.balance", "only 3000.00 is owed") in said


def portfolio_of(debts: list[dict[str, Any]], offers: list[dict[str, Any]], **more: Any) -> Portfolio:
    content = {"start": "2026-12", "budget": {"monthly": "250"}, "debts": debts, "offers": offers}
    return Portfolio.model_validate({**content, **more})


def taken(
    debts: list[dict[str, Any]],
    offers: list[dict[str, Any]],
    move: tuple[str, str, str],
    strategy: Strategy = Strategy.AVALANCHE,
) -> Plan:
    offer, debt, amount = move
    portfolio = portfolio_of(debts, offers)
    return plan(take(portfolio, [Move(offer, debt, to_minor(Decimal(amount), "USD"))]), strategy)
