"""What the offers of a portfolio are worth, as it goes over the wire.

Amounts are decimals of the portfolio's currency.
"""

from pydantic import BaseModel, ConfigDict

from data.answers.plan import Cash, OfferTaken, Plan
from data.month import Month
from data.wording.described import Described


class _Wire(Described, BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


class PromoEnd(_Wire):
    """What goes wrong where an offer's promotion runs out before the balance is paid.

    Attributes:
        month: the promotion's last month.
        planned_balance: what the plan leaves of the new debt then; 0 where it is cleared in time.
        minimums_balance: what is left then if only the new debt's minimums are paid.
        monthly_interest: the first month's interest on that, at the rate after the promotion.
        interest_after: all interest on it from then on, at minimums; null where they never pay it off.
        months_after: how many more months that takes; null where they never pay it off.
    """

    month: Month
    planned_balance: Cash
    minimums_balance: Cash
    monthly_interest: Cash
    interest_after: Cash | None
    months_after: int | None


class Taken(_Wire):
    """Some offers taken, against none.

    Attributes:
        take: whether to take it: false where the best that was found, which is shown, is no better than the debts as
            they are.
        moves: how much of which debt goes to which offer, and what that costs.
        saved: total paid without it less total paid with it; below 0 where it costs more, null where a plan never ends
            or a settlement is not met.
        break_even: the first month from which on what it has cost so far is no more than without it; null where never.
        plan: the plan with it.
    """

    take: bool
    moves: list[OfferTaken]
    saved: Cash | None
    break_even: Month | None
    plan: Plan


class OfferVerdict(Taken):
    """One offer by itself: take it or not, how much, from which debts, and what that comes to.

    Attributes:
        name: the offer's name.
        type: the offer's type, such as `balance_transfer`.
        promo_end: what goes wrong where its promotion runs out too early; null where it has none.
    """

    name: str
    type: str
    promo_end: PromoEnd | None = None


class OfferAnswer(_Wire):
    """Every offer by itself, and the best of them together; `before` is the plan without any.

    Attributes:
        before: the plan without any offer.
        offers: each offer by itself, in the portfolio's order.
        best: the best of them together.
    """

    before: Plan
    offers: list[OfferVerdict]
    best: Taken
