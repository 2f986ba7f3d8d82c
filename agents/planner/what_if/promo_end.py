"""What goes wrong where a balance transfer's promotion runs out before the balance is paid, in numbers."""

from collections.abc import Sequence

from agents.planner.arrays.from_portfolios import from_portfolios
from agents.planner.arrays.schedule import FromMinor
from agents.planner.arrays.simulation import simulate, simulate_rows
from agents.planner.kernel.layout import CLOSING, INTEREST, PAID_OFF
from agents.planner.offers.taking import Move, take
from data.answers.offer_result import PromoEnd
from data.answers.plan import Plan, Strategy
from data.month import month_index, shift_month
from data.portfolio.offer import BalanceTransfer
from data.portfolio.portfolio import Portfolio


def promo_end(portfolio: Portfolio, moves: Sequence[Move], planned: Plan) -> PromoEnd | None:
    """The promotion's end of the balance transfer that the moves go to; none where it has no promotion.

    The new debt alone is followed at its minimums; `planned` is the plan that is meant to be kept.
    """
    offer = next((one for one in portfolio.offers if moves and one.name == moves[0].offer), None)
    if not isinstance(offer, BalanceTransfer) or offer.promo is None:
        return None
    last = shift_month(portfolio.start or "", offer.promo.months - 1)
    after = take(portfolio, moves)
    new = next(debt for debt in after.debts if debt.name == offer.name)
    alone = from_portfolios([after.model_copy(update={"debts": [new], "budget": None, "custom_order": None})])
    result = simulate(alone, [Strategy.MINIMUM_ONLY])[0, 0]
    # At least to the month after the promotion, whose interest is shown.
    rows = simulate_rows(alone, Strategy.MINIMUM_ONLY, max(int(result["months"]), offer.promo.months + 1))[:, 0]
    at = month_index(last) - month_index(portfolio.start or "")
    cash = FromMinor(portfolio.currency)
    ends = result["status"] == PAID_OFF
    left = [row.closing for row in planned.schedule if (row.debt, row.month) == (offer.name, last)]
    return PromoEnd(
        month=last,
        planned_balance=left[0] if left else cash(0),
        minimums_balance=cash(int(rows[at, CLOSING])),
        monthly_interest=cash(int(rows[at + 1, INTEREST])),
        interest_after=cash(int(rows[at + 1 :, INTEREST].sum())) if ends else None,
        months_after=max(int(result["months"]) - offer.promo.months, 0) if ends else None,
    )
