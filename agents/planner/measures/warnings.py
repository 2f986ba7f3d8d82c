"""What to act on in a portfolio, each with the amount that mends it, as the kernel finds it."""

import datetime as dt
from collections.abc import Iterator
from dataclasses import dataclass
from decimal import Decimal
from functools import cached_property

from agents.planner.arrays.from_portfolios import from_portfolios
from agents.planner.arrays.rates import apr_in, contract_apr
from agents.planner.arrays.schedule import FromMinor
from agents.planner.kernel.layout import CLOSING, HORIZON, INTEREST, MINIMUM, OPENING, PAYMENT
from agents.planner.measures.alone import DebtAlone
from agents.planner.measures.disclosures import (
    PERSISTENT_MONTHS,
    REVOLVING_CREDIT,
    cost_and_principal,
    is_persistent,
    true_apr,
)
from data.answers.health import HealthWarning
from data.arrays import Ints
from data.money import round_half_up
from data.month import month_index, shift_month
from data.portfolio.debt import Debt
from data.portfolio.minimum_rule import InterestOnly
from data.portfolio.portfolio import Portfolio
from data.rules.rate_cap import caps_of

HIGH_UTILISATION = Decimal("0.8")
PROMO_MONTHS_AHEAD = 12


def warnings_of(portfolio: Portfolio, first: Ints) -> list[HealthWarning]:
    """Every warning, debt by debt, then those of the money.

    Shapes: first (debt, 6), the rows of the first planned month by minimums only.
    """
    found: list[HealthWarning] = []
    for debt, row in zip(portfolio.debts, first.tolist(), strict=True):
        if debt.balance:
            found.extend(_DebtWarnings(portfolio, debt, row).all())
    return [*found, *_of_money(portfolio, int(first[:, MINIMUM].sum()))]


@dataclass(frozen=True)
class _DebtWarnings:
    """The warnings of one debt that owes something."""

    portfolio: Portfolio
    debt: Debt
    first: list[int]

    def all(self) -> Iterator[HealthWarning]:
        yield from self._minimum_below_interest()
        yield from self._promo_ends()
        yield from self._rate_above_cap()
        yield from self._persistent()
        yield from self._balloon_ahead()
        yield from self._high_utilisation()

    @cached_property
    def alone(self) -> DebtAlone:
        return DebtAlone.of(self.portfolio, self.debt)

    @cached_property
    def cash(self) -> FromMinor:
        return FromMinor(self.portfolio.currency)

    @property
    def start(self) -> str:
        return self.portfolio.start or ""

    def _named(self, name: str, minor: int | None) -> dict[str, Decimal]:
        """An amount by its name, where there is one."""
        return {} if minor is None else {name: self.cash(minor)}

    def _minimum_below_interest(self) -> Iterator[HealthWarning]:
        minimum, interest = self.first[MINIMUM], self.first[INTEREST]
        if minimum < interest:
            needed = self.alone.smallest_payment(1, lambda rows: bool(rows[0, CLOSING] < rows[0, OPENING]))
            amounts = {"minimum": self.cash(minimum), "interest": self.cash(interest), **self._named("needed", needed)}
            yield HealthWarning(code="minimum_below_interest", debt=self.debt.name, amounts=amounts)

    def _promo_ends(self) -> Iterator[HealthWarning]:
        promo = self.debt.promo
        if promo is None or not self.start <= promo.until < shift_month(self.start, PROMO_MONTHS_AHEAD):
            return
        months = month_index(promo.until) - month_index(self.start) + 1
        monthly = self.alone.smallest_payment(months, lambda rows: bool(rows[-1, CLOSING] == 0))
        deferred = self._deferred(months) if promo.deferred_interest else None
        yield HealthWarning(
            code="promo_ends",
            debt=self.debt.name,
            month=promo.until,
            amounts={
                "balance": self.debt.balance,
                **self._named("monthly", monthly),
                **self._named("deferred", deferred),
            },
            rates={"before": float(promo.apr), "after": float(apr_in(self.debt, shift_month(promo.until, 1)))},
        )

    def _deferred(self, months: int) -> int | None:
        """The interest put off that is charged at once where only minimums are paid; None where they clear the debt."""
        promo = self.debt.promo
        if promo is None:
            return None
        # The same debt without deferral: the difference of interest in the month after the promotion is what falls
        # due.
        forgiving = self.debt.model_copy(update={"promo": promo.model_copy(update={"deferred_interest": False})})
        without = DebtAlone.of(self.portfolio, forgiving).by_minimums(months + 1)
        charged = int(self.alone.by_minimums(months + 1)[-1, INTEREST]) - int(without[-1, INTEREST])
        return charged or None

    def _rate_above_cap(self) -> Iterator[HealthWarning]:
        apr = true_apr(self.debt) or contract_apr(self.debt, self.start)
        first_day = dt.date(int(self.start[:4]), int(self.start[5:]), 1)
        exceeded = [cap for cap in caps_of(self.debt, self.portfolio.currency, first_day) if apr > cap.apr]
        if exceeded:
            # The caps are sorted: of those exceeded this is the highest.
            highest = exceeded[-1]
            rates = {"apr": float(apr), "cap": float(highest.apr)}
            yield HealthWarning(code="rate_above_cap", debt=self.debt.name, rates=rates, cap=highest)

    def _persistent(self) -> Iterator[HealthWarning]:
        if self.debt.kind not in REVOLVING_CREDIT:
            return
        rows = self.alone.by_minimums(PERSISTENT_MONTHS)
        if is_persistent(rows, self.portfolio.currency):
            cost, principal = cost_and_principal(rows)
            needed = self.alone.smallest_payment(PERSISTENT_MONTHS, _repays_more_than_it_costs)
            amounts = {
                "cost": self.cash(cost),
                "principal": self.cash(max(principal, 0)),
                **self._named("needed", needed),
            }
            yield HealthWarning(code="persistent_debt", debt=self.debt.name, months=PERSISTENT_MONTHS, amounts=amounts)

    def _balloon_ahead(self) -> Iterator[HealthWarning]:
        rule = self.debt.minimum
        if not isinstance(rule, InterestOnly) or rule.then is not None:
            return
        months = month_index(rule.until) - month_index(self.start) + 1
        if not 1 <= months <= HORIZON:
            return
        balloon = int(self.alone.by_minimums(months)[-1, PAYMENT])
        # Rounded up, so that the months are enough.
        amounts = {"balloon": self.cash(balloon), "monthly": self.cash(-(-balloon // months))}
        yield HealthWarning(code="balloon_ahead", debt=self.debt.name, month=rule.until, amounts=amounts)

    def _high_utilisation(self) -> Iterator[HealthWarning]:
        limit = self.debt.credit_limit
        if limit is not None and self.debt.balance > HIGH_UTILISATION * limit:
            to_pay = self.debt.balance - round_half_up(HIGH_UTILISATION * limit, self.portfolio.currency)
            rates = {"utilisation": float(self.debt.balance / limit)}
            yield HealthWarning(code="high_utilisation", debt=self.debt.name, amounts={"to_pay": to_pay}, rates=rates)


def _repays_more_than_it_costs(rows: Ints) -> bool:
    cost, principal = cost_and_principal(rows)
    return principal >= cost


def _of_money(portfolio: Portfolio, minimums: int) -> Iterator[HealthWarning]:
    cash, budget = FromMinor(portfolio.currency), portfolio.budget
    if budget is not None and budget.mode == "total":
        # As the kernel takes it: with changes, paydays and raises of the first month.
        money = int(from_portfolios([portfolio]).budgets["value"][0])
        if money < minimums:
            amounts = {"budget": cash(money), "minimums": cash(minimums), "missing": cash(minimums - money)}
            yield HealthWarning(code="budget_below_minimums", amounts=amounts)
    if portfolio.income is not None and portfolio.income <= cash(minimums):
        yield HealthWarning(code="no_income_left", amounts={"income": portfolio.income, "minimums": cash(minimums)})
