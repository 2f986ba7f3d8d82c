"""The planner in Python and notebooks: `import debt_optimizer`; files, data frames and dicts in, pandas tables out.

Everything behind a name loads when the name is first used, so that the import itself takes no time. The packages
behind it (`agents`, `data`, `serve`, `dashboard`) are no door: what stands in them may change.
"""

from importlib import import_module
from importlib.util import find_spec
from pathlib import Path
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from agents.notebooks.answers import BudgetTables, HealthTables, PlanTables, RiskTables
    from agents.notebooks.questions import compare, frontier, health, optimal, plan, required_budget, risk
    from agents.notebooks.sources import Portfolios, ReadingWarning, read
    from agents.notebooks.tables import for_charts
    from data.errors import BadInput, DebtOptimizerError, InvalidPortfolio, UnreadableFile
    from data.portfolio.portfolio import Portfolio

__all__ = [
    "BadInput",
    "BudgetTables",
    "DebtOptimizerError",
    "HealthTables",
    "InvalidPortfolio",
    "PlanTables",
    "Portfolio",
    "Portfolios",
    "ReadingWarning",
    "RiskTables",
    "UnreadableFile",
    "compare",
    "for_charts",
    "frontier",
    "health",
    "optimal",
    "plan",
    "read",
    "required_budget",
    "risk",
]

_HOMES = {
    "agents.notebooks.answers": ("BudgetTables", "HealthTables", "PlanTables", "RiskTables"),
    "agents.notebooks.questions": ("compare", "frontier", "health", "optimal", "plan", "required_budget", "risk"),
    "agents.notebooks.sources": ("Portfolios", "ReadingWarning", "read"),
    "agents.notebooks.tables": ("for_charts",),
    "data.errors": ("BadInput", "DebtOptimizerError", "InvalidPortfolio", "UnreadableFile"),
    "data.portfolio.portfolio": ("Portfolio",),
}
_HOME = {name: module for module, names in _HOMES.items() for name in names}
_HERE = Path(__file__).resolve().parent


def __getattr__(name: str) -> Any:
    """The name from its home, which is loaded now."""
    if name not in _HOME:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    for package in ("agents", "data"):
        _check_ours(package)
    value = globals()[name] = getattr(import_module(_HOME[name]), name)
    return value


def __dir__() -> list[str]:
    """What there is, for completion."""
    return __all__


def _check_ours(package: str) -> None:
    """Refuse another project's package of the same name, and say what to do."""
    found = find_spec(package)
    places = [Path(place).resolve() for place in (found.submodule_search_locations or [])] if found else []
    if _HERE / package not in places:
        where = ", ".join(map(str, places)) or (found.origin if found else None) or "nowhere"
        raise ImportError(
            f"debt_optimizer needs its own package `{package}`, but Python finds another one: {where}. Something else "
            f"installed here is called the same (openai-agents installs `agents`), or a file or package named so "
            "stands beside the notebook. Give debt-optimizer an environment of its own, or ask it over HTTP or MCP."
        )
