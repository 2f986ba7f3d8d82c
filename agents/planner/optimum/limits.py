"""What a search for the least-cost plan may do, and for how long."""

from dataclasses import dataclass


@dataclass(frozen=True, kw_only=True)
class SearchLimits:
    """Limits and readings of a search.

    Attributes:
        time_limit_s: of the solver; when it is spent the best plan so far is the answer, with its gap.
        protect_secured: where the money does not cover the minimums, secured debts come first.
        misses_free: a minimum may be missed in any month, at its price; else only where the money covers not all.
        none_missed: no plan counts that misses a minimum.
    """

    time_limit_s: float = 5.0
    protect_secured: bool = True
    misses_free: bool = False
    none_missed: bool = False
