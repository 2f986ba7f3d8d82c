"""Which tools the offline model calls, in which turn.

First what is owed and how the strategies compare, then the plan to recommend and the budgets worth showing beside it.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import ROUND_UP, Decimal

from agents.reading.question import monthly_amounts
from data.answers.plan import PlanStatus
from data.wire.task_result import Json

MORE = Decimal("1.1")  # the usual offer: what would a tenth more do?
PAYOFF_MONTHS = 48  # where nothing ends: about this long, if the balance shrank evenly
MAX_BUDGETS = 3


@dataclass(frozen=True)
class Call:
    """A tool to call."""

    tool: str
    arguments: Json


@dataclass(frozen=True)
class Returned:
    """The tools' answers so far, in order; None for a call that was refused."""

    answers: Sequence[tuple[str, Json | None]]

    def __len__(self) -> int:
        return len(self.answers)

    def last(self, tool: str) -> Json | None:
        """The last good answer of a tool."""
        good = [answer for name, answer in self.answers if name == tool and answer is not None]
        return good[-1] if good else None

    def was_called(self, tool: str) -> bool:
        """True if the tool has been called, also where it refused."""
        return any(name == tool for name, _ in self.answers)

    def facts(self) -> Json:
        """The answers under the names that findings are read by."""
        budgets = [answer for name, answer in self.answers if name == "what_if_budget" and answer is not None]
        return {
            "debts": self.last("list_debts"),
            "health": self.last("portfolio_health"),
            "comparison": self.last("compare_strategies"),
            "plan": self.last("plan_details"),
            "payments": self.last("first_payments"),
            "what_if": budgets,
        }


def next_calls(returned: Returned, question: str) -> list[Call]:
    """What to ask next; nothing once all is known."""
    known = [returned.last(tool) for tool in ("list_debts", "portfolio_health", "compare_strategies")]
    debts, health, comparison = known
    if debts is None or health is None or comparison is None:
        return [Call(tool, {}) for tool in ("list_debts", "portfolio_health", "compare_strategies")]
    if returned.was_called("plan_details"):
        return []
    best = comparison["recommended"]
    plan = [
        Call("plan_details", {"strategy": best}),
        Call("first_payments", {"strategy": best, "months": 3}),
    ]
    if Decimal(health["total"]) == 0:
        return plan
    amounts = list(
        dict.fromkeys([*monthly_amounts(question, _paid(debts, health)), *budgets(debts, health, comparison)])
    )
    wanted = [Call("what_if_budget", {"monthly": format(one, "f"), "strategy": best}) for one in amounts[:MAX_BUDGETS]]
    return [*plan, *wanted]


def budgets(debts: Json, health: Json, comparison: Json) -> list[Decimal]:
    """The monthly amounts worth showing beside today's: what covers the minimums, what ends the debts, a tenth more."""
    best = next(one for one in comparison["strategies"] if one["strategy"] == comparison["recommended"])
    total, minimums = Decimal(health["total"]), Decimal(health["monthly_minimums"])
    if best["status"] == PlanStatus.SHORTFALL:
        return [Decimal(best["required_budget"])] if best["required_budget"] else []
    # What ends the debts: above the minimums, and enough for the interest and an even part of the balance.
    if best["status"] == PlanStatus.NEVER_PAID_OFF:
        return [round_sum(max(minimums * MORE, Decimal(health["monthly_interest"]) + total / PAYOFF_MONTHS))]
    budget = debts["budget"]
    if budget is None:
        return [round_sum(minimums)] if minimums else [round_sum(total / PAYOFF_MONTHS)]
    paid = _paid(debts, health)
    return [round_sum(paid * MORE)] if paid else []


def _paid(debts: Json, health: Json) -> Decimal | None:
    """What is meant to be paid a month today; None where that is no one amount."""
    budget = debts["budget"]
    if budget is None or "monthly" not in budget:
        return None
    return Decimal(budget["monthly"]) + (Decimal(health["monthly_minimums"]) if budget.get("mode") == "extra" else 0)


def round_sum(amount: Decimal) -> Decimal:
    """Up to two leading digits, as people name a sum: 1,512.34 becomes 1,600; a whole number at least.

    >>> round_sum(Decimal("912.40"))
    Decimal('920')
    """
    place = Decimal(1).scaleb(max(0, amount.adjusted() - 1))
    return amount.quantize(place, rounding=ROUND_UP).quantize(Decimal(1))
