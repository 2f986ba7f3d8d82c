"""Measures of a portfolio as it stands today, as they go over the wire."""

from pydantic import BaseModel, ConfigDict

from data.answers.plan import Cash
from data.month import Month
from data.rules.rate_cap import CapOnDay
from data.wording.described import Described


class HealthWarning(Described, BaseModel):
    """Something to act on: `code` names it, its amounts say what to do, and each language has its sentence.

    minimum_below_interest (debt; amounts minimum, interest, needed: the least that makes it fall), promo_ends (debt,
    month; amounts balance, monthly: what clears it in time, deferred: the interest charged otherwise, where it is put
    off; rates before and after), rate_above_cap (debt, cap; rates apr and cap), persistent_debt (debt, months; amounts
    cost and principal of those months, needed: a monthly payment that ends it), balloon_ahead (debt, month; amounts
    balloon, monthly: what to set aside), high_utilisation (debt; rate; amounts to_pay: what brings it to 80 %),
    budget_below_minimums (amounts budget, minimums, missing), no_income_left (amounts income, minimums).

    Attributes:
        code: which warning it is.
        debt: the name of the debt that it is about; null where it is about all of them.
        month: the month in which it comes to pass; null where it has none.
        months: how many months it is about; null where it is about none.
        amounts: what it is about in money, by the names above.
        rates: what it is about in rates, by the names above, as fractions a year.
        cap: the legal cap that the rate is above; null for other warnings.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    code: str
    debt: str | None = None
    month: Month | None = None
    months: int | None = None
    amounts: dict[str, Cash] = {}
    rates: dict[str, float] = {}
    cap: CapOnDay | None = None


class Repayment(Described, BaseModel):
    """What one debt costs at its minimums alone, beside paying it off in 36 months.

    Attributes:
        debt: the debt's name.
        minimum_months: months until it is paid off by its minimums; null where they never pay it off.
        minimum_total: all that is paid by then, interest and fees included; null where that never ends.
        payment_36: the level payment that clears balance and interest in 36 months; fees come on top.
        total_36: 36 such payments, and the fees that are charged meanwhile.
        savings_36: `minimum_total` - `total_36`; null where the first is.
        true_apr: of an instalment with a flat fee, the annual rate that it truly has (its internal rate of return), as
            a fraction; null for others.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    debt: str
    minimum_months: int | None
    minimum_total: Cash | None
    payment_36: Cash
    total_36: Cash
    savings_36: Cash | None
    true_apr: float | None = None


class Health(Described, BaseModel):
    """The portfolio's totals and ratios.

    Attributes:
        currency: the portfolio's currency, by its ISO 4217 code.
        month: the first planned month, in which it is weighed.
        total: all balances together.
        weighted_apr: the annual rate weighted by balance, at the rates of the first planned month, as a fraction.
        monthly_minimums: the minimums due in the first planned month.
        monthly_interest: the interest of the first planned month.
        interest_share: `monthly_interest` / `monthly_minimums`; null when nothing is due.
        debt_to_income: `monthly_minimums` / income; null without an income.
        utilisation: balances / limits of the debts that have a limit; null where none has.
        minimum_months: months until all debts are paid off by their minimums only; null where one of them never is.
        minimum_total: all that is paid by then; null where one of them never is paid off.
        payment_36: the level payment that clears all balances as one, at their rates weighted by balance, in 36 months.
        savings_36: `minimum_total` less 36 such payments and the fees meanwhile; null where the minimums never end.
        repayments: the same of each debt that owes something.
        warnings: what to act on.
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
    minimum_months: int | None = None
    minimum_total: Cash | None = None
    payment_36: Cash | None = None
    savings_36: Cash | None = None
    repayments: list[Repayment] = []
    warnings: list[HealthWarning]
