"""Measures of a portfolio as it stands today, as they go over the wire. Knows nothing of how they are computed."""

from pydantic import BaseModel, ConfigDict

from data.month import Month
from data.plan import Cash


class HealthWarning(BaseModel):
    """Something to act on: `code` names it, and each language has its sentence.

    minimum_below_interest (debt; amounts minimum, interest), promo_ends (debt, month; amounts balance, rates before
    and after), high_utilisation (debt; rate), budget_below_minimums (amounts budget, minimums), no_income_left
    (amounts income, minimums).
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    code: str
    debt: str | None = None
    month: Month | None = None
    amounts: dict[str, Cash] = {}
    rates: dict[str, float] = {}


class Health(BaseModel):
    """What a portfolio weighs.

    Attributes:
        weighted_apr: annual rate weighted by balance, at the rates of the first planned month.
        monthly_minimums: the minimums due in the first planned month; monthly_interest: its interest.
        interest_share: monthly_interest / monthly_minimums; null when nothing is due.
        debt_to_income: monthly_minimums / income; null without an income.
        utilisation: balances / limits of the debts that have a limit; null where none has.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    currency: str
    month: Month
    total: Cash
    weighted_apr: float
    monthly_minimums: Cash
    monthly_interest: Cash
    interest_share: float | None
    debt_to_income: float | None
    utilisation: float | None
    warnings: list[HealthWarning]
