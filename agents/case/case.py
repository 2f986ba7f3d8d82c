"""What one task is about: the client's portfolio and question, and every figure computed for them, once.

The only door from the agents to the planner.
"""

from dataclasses import dataclass, field
from decimal import Decimal

from agents.planner.measures.health import health
from agents.planner.optimum.limits import SearchLimits
from agents.planner.plans.planning import compare, plan
from agents.planner.plans.recommended import recommended
from data.answers.health import Health
from data.answers.plan import ORDERS, Comparison, Plan, PlanStatus, Strategy
from data.portfolio.budget import Budget
from data.portfolio.portfolio import Portfolio
from data.wire.task import NewTask, TaskType
from data.wording.words import Language

SEARCH = SearchLimits(time_limit_s=2.0)  # for a client waits; most searches take some hundredths of a second


@dataclass
class Case:
    """A task's question and portfolio; each figure is computed when first asked for, and kept."""

    task: TaskType
    language: Language
    question: str
    portfolio: Portfolio | None
    _health: Health | None = field(default=None, repr=False)
    _comparison: Comparison | None = field(default=None, repr=False)
    _plans: dict[tuple[str, Decimal | None], Plan] = field(default_factory=dict[tuple[str, Decimal | None], Plan])

    @classmethod
    def of(cls, request: NewTask) -> "Case":
        """The case of a task as it was accepted, its portfolio resolved."""
        return cls(request.type, request.language, request.question or "", request.portfolio)

    @property
    def debts(self) -> Portfolio:
        """The portfolio of a case that has one."""
        if self.portfolio is None:
            raise LookupError("this case has no portfolio; its agent is given no tools")
        return self.portfolio

    def health(self) -> Health:
        """Measures of the portfolio today."""
        if self._health is None:
            self._health = health(self.debts)
        return self._health

    def comparison(self) -> Comparison:
        """Every strategy on the portfolio; the optimal plan only where an order pays all debts off and misses nothing.

        Elsewhere the amount is too small, and that is what the client must hear, not how best to spread it.
        """
        if self._comparison is None:
            orders = compare(
                self.debts, [one for one in ORDERS if one is not Strategy.CUSTOM or self.debts.custom_order]
            )
            best = next(plan for plan in orders.plans if plan.strategy == orders.best)
            is_enough = best.status is PlanStatus.PAID_OFF
            searched = compare(self.debts, schedule=[Strategy.OPTIMAL], search=SEARCH) if is_enough else orders
            self._comparison = searched
        return self._comparison

    def recommended(self) -> Strategy:
        """The optimal plan where it is worth its trouble, else the order that costs least."""
        return recommended(self.comparison().plans)

    def plan(self, strategy: Strategy, monthly: Decimal | None = None) -> Plan:
        """The plan of a strategy with its schedule, with another monthly budget if one is given."""
        if strategy is Strategy.OPTIMAL and monthly is None:
            return next(plan for plan in self.comparison().plans if plan.strategy == strategy)  # not sought twice
        key = (strategy.value, monthly)
        if key not in self._plans:
            debts = self.debts if monthly is None else paying(self.debts, monthly)
            self._plans[key] = plan(debts, strategy, search=SEARCH)
        return self._plans[key]

    def strategies(self) -> list[Strategy]:
        """The strategies that this portfolio can be planned by."""
        return [Strategy(plan.strategy) for plan in self.comparison().plans]


def paying(portfolio: Portfolio, monthly: Decimal) -> Portfolio:
    """The same portfolio with `monthly` for all debts together; its lump sums and yearly raise stay."""
    # Dated changes and paydays are left out: `monthly` takes their place.
    kept = portfolio.budget or Budget(monthly=monthly)
    budget = {"monthly": monthly, "lump_sums": kept.lump_sums, "yearly_raise": kept.yearly_raise}
    values = {name: getattr(portfolio, name) for name in type(portfolio).model_fields}
    return Portfolio.model_validate({**values, "budget": budget})
