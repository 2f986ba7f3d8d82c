"""What is known about a case, and what a report and its recommendations ask of it.

Computes no money; it only looks things up and picks among them.
"""

from decimal import Decimal
from enum import Enum

from data.answers.health import HealthWarning
from data.answers.plan import PlanDebt, PlanStatus, Strategy
from data.wire.case_facts import BudgetTried, CaseFacts, ComparedOutcome, DebtFact, PromotionBeaten


class Situation(Enum):
    """Which story the figures tell."""

    NOTHING_OWED = "nothing_owed"
    SHORTFALL = "shortfall"
    NEVER = "never_paid_off"
    MINIMUMS_ONLY = "minimums_only"
    PAID_OFF = "paid_off"


class Findings(CaseFacts):
    """Everything that is known about one case."""

    @property
    def currency(self) -> str:
        """The currency of every amount."""
        return self.debts.currency

    @property
    def situation(self) -> Situation:
        """Which story the figures tell."""
        if self.health.total == 0:
            return Situation.NOTHING_OWED
        if self.plan.status is PlanStatus.SHORTFALL:
            return Situation.SHORTFALL
        if self.plan.status is PlanStatus.NEVER_PAID_OFF:
            return Situation.NEVER
        return Situation.MINIMUMS_ONLY if self.debts.budget is None else Situation.PAID_OFF

    @property
    def open_debts(self) -> list[DebtFact]:
        """The debts with a balance."""
        return [debt for debt in self.debts.debts if debt.balance > 0]

    @property
    def dearest_rate(self) -> DebtFact:
        """The debt with the highest annual rate."""
        return max(self.open_debts, key=lambda debt: (debt.apr, debt.balance))

    @property
    def dearest_bill(self) -> DebtFact:
        """The debt with the most interest this month."""
        return max(self.open_debts, key=lambda debt: (debt.interest_this_month, debt.apr))

    @property
    def target(self) -> str | None:
        """The debt that gets the most above its minimum in the first month; None if none does."""
        first = self.payments.months[0].payments if self.payments.months else []
        above = [payment for payment in first if payment.payment > payment.minimum]
        return max(above, key=lambda payment: payment.payment - payment.minimum).debt if above else None

    @property
    def monthly(self) -> Decimal | None:
        """What is paid in the first month."""
        return self.payments.months[0].total if self.payments.months else None

    @property
    def meant_monthly(self) -> Decimal | None:
        """What is meant to be paid a month today; None where that is no one amount."""
        budget = self.debts.budget
        if budget is None or budget.monthly is None:
            return None
        return budget.monthly + (self.health.monthly_minimums if budget.mode == "extra" else 0)

    @property
    def rising(self) -> DebtFact | None:
        """The debt whose promotion hides the highest rate; None where none does."""
        hidden = [debt for debt in self.open_debts if debt.promo is not None and debt.apr_now < debt.apr]
        return max(hidden, key=lambda debt: debt.apr, default=None)

    @property
    def is_steady(self) -> bool:
        """True when the same amount is meant for every month."""
        budget = self.debts.budget
        return budget is None or not (budget.changes or budget.paydays or budget.yearly_raise)

    @property
    def rival(self) -> ComparedOutcome | None:
        """What a client would else have chosen: their own order if they gave one, else the usual one.

        That is the avalanche beside the optimal plan, and the snowball beside an order.
        """
        rival = self.outcome("custom") or self.outcome("avalanche" if self.is_optimal else "snowball")
        return None if rival is None or rival.strategy == self.plan.strategy else rival

    @property
    def is_optimal(self) -> bool:
        """True when the plan is the optimal one, with amounts of its own for every month."""
        return self.plan.strategy == Strategy.OPTIMAL

    @property
    def above_best(self) -> Decimal:
        """What the plan pays more than the cheapest: little, where it is an order and the cheapest the optimal plan."""
        own = self.outcome(self.plan.strategy)
        return Decimal(0) if own is None or own.more_than_best is None else own.more_than_best

    @property
    def is_indifferent(self) -> bool:
        """True when every strategy comes out the same."""
        return all(one.more_than_best == 0 and one.months == self.plan.months for one in self.others)

    @property
    def others(self) -> list[ComparedOutcome]:
        """The strategies that were not chosen, the cheapest first, those that never end last."""
        others = [one for one in self.comparison.strategies if one.strategy != self.plan.strategy]
        return sorted(others, key=lambda one: (one.more_than_best is None, one.more_than_best, one.months))

    @property
    def minimum_only(self) -> ComparedOutcome | None:
        """How minimum payments alone end."""
        return self.outcome("minimum_only")

    def outcome(self, strategy: str) -> ComparedOutcome | None:
        """How a strategy ends."""
        return next((one for one in self.comparison.strategies if one.strategy == strategy), None)

    @property
    def order(self) -> list[PlanDebt]:
        """The debts in the order in which the plan clears them; those it never clears come last."""
        opened = {debt.name for debt in self.open_debts} | {one.offer for one in self.plan.offers_taken}
        # "9" sorts after every month.
        return sorted((debt for debt in self.plan.debts if debt.name in opened), key=lambda debt: debt.paid_off or "9")

    def warnings(self, code: str) -> list[HealthWarning]:
        """The health warnings of one code."""
        return [warning for warning in self.health.warnings if warning.code == code]

    @property
    def promotions_ending(self) -> list[HealthWarning]:
        """The promotions that end within sight, the first first."""
        return sorted(self.warnings("promo_ends"), key=lambda one: one.month or "")

    def cleared(self, debt: str | None) -> str | None:
        """The month in which the plan has paid a debt off; None where it never does."""
        return next((one.paid_off for one in self.plan.debts if one.name == debt), None)

    def beaten(self, debt: str | None) -> PromotionBeaten | None:
        """The budget that pays a debt before its promotion ends, where the plan does not."""
        return next((one for one in self.plan.promotions if one.debt == debt), None)

    def with_budget(self, monthly: Decimal) -> BudgetTried | None:
        """What was found for another monthly budget."""
        return next((one for one in self.what_if if one.monthly == monthly), None)

    @property
    def helpful(self) -> BudgetTried | None:
        """The first other budget that clears the debts, sooner than today's or where today's never does."""
        for one in self.what_if:
            ends = one.after.status is PlanStatus.PAID_OFF
            if ends and (one.difference.months_sooner is None or one.difference.months_sooner > 0):
                return one
        return None
