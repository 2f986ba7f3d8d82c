"""What planning returns, as it goes over the wire. Amounts are decimals of the portfolio's currency."""

from decimal import Decimal
from enum import StrEnum
from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, PlainSerializer

from data.month import Month
from data.wording.described import Described, Form


class Strategy(StrEnum):
    """How debts are paid beyond their minimums: in an order, or, `optimal`, as costs least in total.

    `minimum_only` pays nothing beyond them; `snowball` pays the smallest balance first; `avalanche` the highest rate;
    `cash_flow_index` the smallest balance for its minimum; `highest_utilisation` the largest balance for its limit;
    `balance_matching` all in proportion to their balances; `custom` as the portfolio's `custom_order` says.
    """

    MINIMUM_ONLY = "minimum_only"
    SNOWBALL = "snowball"
    AVALANCHE = "avalanche"
    CASH_FLOW_INDEX = "cash_flow_index"
    HIGHEST_UTILISATION = "highest_utilisation"
    BALANCE_MATCHING = "balance_matching"
    CUSTOM = "custom"
    OPTIMAL = "optimal"


ORDERS = tuple(strategy for strategy in Strategy if strategy is not Strategy.OPTIMAL)
"""The strategies that are an order of priority, month by month."""


class PlanStatus(StrEnum):
    """How a plan ends: `paid_off`, `never_paid_off`, or `shortfall`, where a minimum is missed, paid off or not."""

    PAID_OFF = "paid_off"
    NEVER_PAID_OFF = "never_paid_off"
    SHORTFALL = "shortfall"


# `str` may write 1E+3; whoever reads decimals as text does not expect an exponent.
def _plain(amount: Decimal) -> str:
    return format(amount, "f")


# Amounts travel as strings: a float of JSON would not keep every cent of a large one.
Cash = Annotated[
    Decimal,
    PlainSerializer(_plain, when_used="json"),
    Form("A decimal string of the portfolio's currency."),
]


class _Wire(Described, BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


class PlanMonth(_Wire):
    """One debt in one month: opening + interest + fees = payment + closing.

    Attributes:
        month: the month.
        debt: the debt's name.
        opening: what is owed at its beginning.
        interest: the month's interest.
        fees: the month's fees.
        minimum: the least that must be paid.
        payment: what the plan pays.
        closing: what is owed at its end.
    """

    month: Month
    debt: str
    opening: Cash
    interest: Cash
    fees: Cash
    minimum: Cash
    payment: Cash
    closing: Cash


class PlanDebt(_Wire):
    """One debt over the whole plan; `paid_off` is the month of its last payment.

    Attributes:
        name: the debt's name.
        paid_off: the month of its last payment; null where it is never paid off.
        interest: all interest on it.
        fees: all fees on it.
        paid: all that is paid on it.
    """

    name: str
    paid_off: Month | None
    interest: Cash
    fees: Cash
    paid: Cash


class MissedMinimum(_Wire):
    """A minimum that the money did not cover, wholly or in part.

    Attributes:
        month: the month in which it falls short.
        debt: the debt's name.
        minimum: what was due.
        paid: what was paid of it.
    """

    month: Month
    debt: str
    minimum: Cash
    paid: Cash


class OfferTaken(_Wire):
    """An offer that the plan takes up: how much it moves, from which debt, at what fee.

    Attributes:
        name: the offer's name.
        type: the offer's type, such as `balance_transfer`.
        debt: the debt from which it moves money; of a settlement, the debt that it ends.
        amount: how much it moves.
        fee: this move's part of the offer's fee; it is in the new debt's fees of the first month.
        charge: what the old lender charges for being paid early; it is in the same fees.
        month: the month in which it is taken.
    """

    name: str
    type: str
    debt: str
    amount: Cash
    fee: Cash
    charge: Cash = Decimal(0)
    month: Month


class PlanReason(_Wire):
    """Why a plan is short of money or never ends, by a code and its numbers: what a sentence in any language needs.

    Attributes:
        code: `minimums_not_covered` (amounts due, money, missing, of the first such month), or `never_paid_off`
            (amounts owed, cost, paid, of the last month of the `months` simulated).
        month: the month that shows it.
        months: how many months were simulated; null where that is not the reason.
        amounts: its numbers, by the names that `code` lists.
    """

    code: Literal["minimums_not_covered", "never_paid_off"]
    month: Month
    months: int | None = None
    amounts: dict[str, Cash]


class IgnoredField(_Wire):
    """A field that makes no difference to a plan, and why: what a sentence in any language needs, and one in English.

    Attributes:
        path: where the field stands, as in `budget.lump_sums.0`, or, of a what-if, `changes.0`.
        code: `minimums_only`, `custom_only` or `optimal_only`, the strategies that look at no such field, or alone at
            it; `after_debt_free`, a lump sum that finds nothing owed (`debt_free`, the month).
        params: the values that a sentence of it needs, by their names.
        detail: the same as a sentence in English.
    """

    path: str
    code: str
    params: dict[str, str] = {}
    detail: str


class Plan(_Wire):
    """What to pay, to whom, in which month, and the totals.

    Attributes:
        strategy: how debts are paid beyond their minimums: an order, or `optimal`.
        status: how it ends.
        currency: the portfolio's currency, by its ISO 4217 code.
        start: the first planned month.
        months: months until debt-free; null when the plan never ends.
        debt_free: the month in which the last debt is paid off; null when the plan never ends.
        total_paid: all that is paid over the whole plan.
        total_interest: all interest over the whole plan.
        total_fees: all fees over the whole plan.
        missed: the minimums that the money does not cover.
        bound: a proved lower bound on what any plan pays in total; null where none was computed.
        gap: (total_paid - bound) / total_paid, as a fraction; null where there is no bound.
        proved: whether the gap is at most 0.01 %, or what rounding to cents explains.
        above_optimum: total paid more than by the optimal plan; null where that is not known.
        saved_vs_minimum: total paid by `minimum_only` less this plan's; null where that plan never ends.
        saved_vs_matching: the same against `balance_matching`.
        missed_cost: with a shortfall, interest and fees that lenders charge for what is missed: late fees, penalty
            rates, and the interest on both.
        required_budget: with a shortfall, the smallest monthly budget that covers every minimum.
        reason: why the plan never ends, or what falls short, in numbers, in English; null where neither is so.
        reasons: the same as data.
        ignored: fields of the portfolio that this strategy does not look at.
        first_cleared: the name of the first debt to reach zero; null where none does.
        first_cleared_month: the month in which it does.
        worst_month: the month with the largest payment.
        worst_month_payment: what is paid in it.
        debts: each debt over the whole plan, in the portfolio's order.
        schedule: every month of every debt; empty where it was not asked for.
        offers_taken: the offers that the plan takes up, move by move.
        version: which version of the planner made it.
    """

    strategy: str
    status: PlanStatus
    currency: str
    start: Month
    months: int | None
    debt_free: Month | None
    total_paid: Cash
    total_interest: Cash
    total_fees: Cash
    missed: list[MissedMinimum] = []
    bound: Cash | None = None
    gap: float | None = None
    proved: bool = False
    above_optimum: Cash | None = None
    saved_vs_minimum: Cash | None = None
    saved_vs_matching: Cash | None = None
    missed_cost: Cash | None = None
    required_budget: Cash | None = None
    reason: str | None = None
    reasons: list[PlanReason] = []
    ignored: list[IgnoredField] = []
    first_cleared: str | None = None
    first_cleared_month: Month | None = None
    worst_month: Month | None = None
    worst_month_payment: Cash | None = None
    debts: list[PlanDebt]
    schedule: list[PlanMonth] = []
    offers_taken: list[OfferTaken] = []
    version: str


class Comparison(_Wire):
    """Every strategy on the same portfolio; `best` has the least total paid, ties to the earlier payoff.

    Attributes:
        plans: each strategy's plan; months are left out but of those that `schedules` asks for.
        best: the strategy with the least total paid.
        recommended: the best, or an order that is simple to keep and costs hardly more than the optimal plan.
        bound: a proved lower bound on what any plan pays in total; null where none was computed.
    """

    plans: list[Plan]
    best: str
    recommended: str | None = None
    bound: Cash | None = None
