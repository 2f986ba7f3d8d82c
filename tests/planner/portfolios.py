"""Hypothesis strategies for portfolios that use every rule together."""

from datetime import date
from decimal import Decimal
from functools import cache
from typing import Any

from hypothesis import strategies as st

from data.month import month_at, month_index
from data.portfolio.portfolio import Portfolio

START = "2026-11"
FIRST = month_index(START)


@cache
def months(low: int = 0, high: int = 40) -> st.SearchStrategy[str]:
    return st.integers(low, high).map(lambda later: month_at(FIRST + later))


@cache
def amounts(most: int = 20_000, least: int = 0) -> st.SearchStrategy[str]:
    """Amounts with cents, round ones among them."""
    exact = st.integers(least * 100, most * 100).map(lambda cents: str(Decimal(cents) / 100))
    return st.one_of(exact, st.integers(least, most).map(str))


@cache
def balances() -> st.SearchStrategy[str]:
    """What debts come to, now and then no more than cents, or as much as a country's."""
    return st.one_of(amounts(), amounts(), amounts(), st.sampled_from(["0.01", "0.99", "5", "123456789012.34"]))


@cache
def rates(most: str = "0.40") -> st.SearchStrategy[str]:
    grid = st.sampled_from(["0", "0.06", "0.12", "0.18", "0.24", "0.2499", "0.0006", "0.1825", "0.36", "2.4"])
    fine = st.decimals("0", most, places=6).map(str)
    return st.one_of(grid, grid, fine)


@cache
def simple_rules() -> st.SearchStrategy[dict[str, Any]]:
    return st.one_of(
        st.fixed_dictionaries({"type": st.just("fixed"), "amount": amounts(300)}),
        st.fixed_dictionaries(
            {
                "type": st.just("percent"),
                "rate": rates("0.2"),
                "floor": amounts(50),
                "of": st.sampled_from(["statement", "opening"]),
            }
        ),
        st.fixed_dictionaries(
            {"type": st.just("interest_plus"), "rate": rates("0.05"), "floor": amounts(50), "add": amounts(30)}
        ),
    )


@cache
def loan_rules() -> st.SearchStrategy[dict[str, Any]]:
    return st.one_of(
        st.fixed_dictionaries({"type": st.just("level"), "months": st.integers(1, 48), "recast": st.booleans()}),
        st.fixed_dictionaries({"type": st.just("equal_principal"), "months": st.integers(1, 48)}),
        st.fixed_dictionaries(
            {
                "type": st.just("flat_fee"),
                "principal": amounts(15_000),
                "months": st.integers(1, 36),
                "fee_rate": st.decimals("0", "0.02", places=4).map(str),
                "refundable": st.booleans(),
            }
        ),
        st.just({"type": "none"}),
    )


@cache
def greatest() -> st.SearchStrategy[dict[str, Any]]:
    return st.fixed_dictionaries(
        {"type": st.just("greatest"), "rules": st.lists(simple_rules(), min_size=1, max_size=3)}
    )


@cache
def rules() -> st.SearchStrategy[dict[str, Any]]:
    plain = st.one_of(simple_rules(), loan_rules(), greatest())
    until = st.fixed_dictionaries({"type": st.just("interest_only"), "until": months()}, optional={"then": plain})
    return st.sampled_from([plain, plain, until]).flatmap(
        lambda one: one
    )  # one_of would draw `until` less than once in ten


@cache
def steps() -> st.SearchStrategy[list[dict[str, Any]]]:
    step = st.fixed_dictionaries({"from": months(-5), "apr": rates()})
    return st.lists(step, max_size=3, unique_by=lambda one: one["from"])


@cache
def extras() -> st.SearchStrategy[dict[str, Any]]:
    """What a debt may have beside its balance, rate and minimum."""
    promo = {"apr": rates("0.1"), "until": months(0, 20), "deferred_interest": st.booleans()}
    fees = {
        "opening": amounts(200),
        "monthly": amounts(10),
        "annual": amounts(90),
        "annual_month": st.integers(1, 12),
        "late": amounts(40),
    }
    charge = {"rate": st.decimals("0", "0.1", places=4).map(str)}
    return st.fixed_dictionaries(
        {},
        optional={
            "kind": st.sampled_from(["credit_card", "mortgage", "auto_loan", "other"]),
            "accrual": st.sampled_from(["monthly", "daily", "daily_compounded"]),
            "day_basis": st.sampled_from([365, 360, "actual"]),
            "month_length": st.sampled_from(["calendar", "equal"]),
            "due_day": st.one_of(st.integers(1, 31), st.integers(28, 31)),
            "promo": st.fixed_dictionaries(promo),
            "rate_steps": steps(),
            "fees": st.fixed_dictionaries({}, optional=fees),
            "prepayment": st.fixed_dictionaries(charge, optional={"until": months()}),
            "credit_limit": amounts(30_000, 1),
            "penalty_apr": rates(),
        },
    )


@cache
def debts() -> st.SearchStrategy[dict[str, Any]]:
    """Debts with any rule; the caller names them."""
    bare = st.fixed_dictionaries({"balance": balances(), "apr": rates(), "minimum": rules()})
    return st.tuples(bare, extras(), st.integers(0, 8)).map(_with_penalty_months)


def _with_penalty_months(parts: tuple[dict[str, Any], dict[str, Any], int]) -> dict[str, Any]:
    bare, extra, lasts = parts
    lasting = {"penalty_months": lasts} if "penalty_apr" in extra and lasts else {}
    return {**bare, **extra, **lasting}


@cache
def budgets(debts: int) -> st.SearchStrategy[dict[str, Any]]:
    """Budgets in either mode, with changes, raises, lump sums and paydays."""
    little = st.one_of(amounts(3_000), amounts(150))
    change = st.fixed_dictionaries({"from": months(-3), "monthly": little})
    lump = {"month": months(), "amount": amounts(4_000)}
    aimed = {"debt": st.integers(0, debts - 1).map(name)}
    paydays = {
        "every": st.sampled_from(["weekly", "biweekly", "semimonthly"]),
        "first": st.dates(date(2026, 9, 1), date(2027, 3, 31)).map(str),
        "amount": amounts(1_500),
    }
    monthly = st.one_of(amounts(3_000), amounts(3_000), amounts(150))  # little money misses minimums
    return st.fixed_dictionaries(
        {"monthly": monthly, "mode": st.sampled_from(["total", "extra"])},
        optional={
            "changes": st.lists(change, max_size=2, unique_by=lambda one: one["from"]),
            "lump_sums": st.lists(st.fixed_dictionaries(lump, optional=aimed), max_size=3),
            "yearly_raise": st.sampled_from(["0", "0.03", "-0.1", "0.025"]),
            "paydays": st.fixed_dictionaries(paydays),
        },
    )


def name(place: int) -> str:
    return f"debt {place}"


@cache
def portfolios(most: int = 5) -> st.SearchStrategy[Portfolio]:
    """Portfolios of up to `most` debts, with any rule, fee, rate path and budget."""
    return st.integers(1, most).flatmap(_portfolios_of)


@cache
def _portfolios_of(count: int) -> st.SearchStrategy[Portfolio]:
    fields = {
        "debts": st.lists(debts(), min_size=count, max_size=count),
        "currency": st.sampled_from(["USD", "CNY", "JPY"]),
        "custom_order": st.lists(st.sampled_from([name(place) for place in range(count)]), min_size=1, unique=True),
    }
    return st.fixed_dictionaries(fields, optional={"budget": budgets(count)}).map(_portfolio)


AMOUNTS = ("balance", "amount", "floor", "add", "principal", "monthly", "annual", "late", "opening", "credit_limit")


def _in_yen(value: Any, field: str = "") -> Any:
    """The same document with every amount whole, and none that must not be zero so."""
    if isinstance(value, dict):
        return {name: _in_yen(item, name) for name, item in value.items()}
    if isinstance(value, list):
        return [_in_yen(item, field) for item in value]
    if field not in AMOUNTS:
        return value
    whole = int(Decimal(value))
    return str(max(whole, 1) if field == "credit_limit" else whole)


def _portfolio(document: dict[str, Any]) -> Portfolio:
    if document.get("currency") == "JPY":
        document = _in_yen(document)
    named = [{"name": name(place), **debt} for place, debt in enumerate(document["debts"])]
    return Portfolio.model_validate({**document, "start": START, "debts": named})


@cache
def plain_portfolios(most: int = 5, least_budget: int = 0) -> st.SearchStrategy[Portfolio]:
    """Balance-only interest at constant rates, no fees, and the same budget every month."""
    rule = st.one_of(simple_rules(), st.just({"type": "none"}))
    debt = st.fixed_dictionaries({"balance": amounts(), "apr": rates(), "minimum": rule})
    budget = st.fixed_dictionaries({"monthly": amounts(3_000, least_budget)})
    fields = {"debts": st.lists(debt, min_size=1, max_size=most), "budget": budget}
    return st.fixed_dictionaries(fields).map(_portfolio)
