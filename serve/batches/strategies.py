"""Which strategies a batch compares, and how they are named. `custom` is not among them: a CSV holds no order.

The optimal plan only where it is asked for: it is a search for each portfolio, where orders take microseconds.
"""

from collections.abc import Sequence

from data.answers.plan import ORDERS, Strategy
from data.errors import BadInput, FieldError
from data.wording.sentence import say

BATCH_STRATEGIES = tuple(strategy for strategy in ORDERS if strategy is not Strategy.CUSTOM)


def strategies_named(names: str | Sequence[str] | None) -> tuple[Strategy, ...]:
    """The strategies of a list, or of a text with commas between; without one, all orders that a batch can compare.

    Raises:
        BadInput: one is not known, or needs what a CSV does not hold.

    >>> strategies_named("avalanche, snowball")
    (<Strategy.AVALANCHE: 'avalanche'>, <Strategy.SNOWBALL: 'snowball'>)
    """
    given = names.split(",") if isinstance(names, str) else list(names or ())
    wanted = [name.strip() for name in given if name.strip()]
    known = {strategy.value: strategy for strategy in (*BATCH_STRATEGIES, Strategy.OPTIMAL)}
    unknown = [name for name in wanted if name not in known]
    if unknown:
        compared = list(known)
        raise BadInput(
            say("no_batch_strategy", strategy=unknown[0], strategies=compared),
            [FieldError("strategies", say("batch_strategies", strategies=compared), name) for name in unknown],
        )
    return tuple(dict.fromkeys(known[name] for name in wanted)) or BATCH_STRATEGIES
