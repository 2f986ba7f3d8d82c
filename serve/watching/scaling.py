"""How many replicas there should be: what Ray Serve's controller asks, of figures that the replicas report.

The controller copies this module by value and must never wait, so it holds nothing but arithmetic.
"""

import math
from typing import Any

WANTED = "wanted"  # replicas that the work at hand needs, as each worker reckons it
BUSY = "busy"  # the share of a processor that a replica of the endpoint uses
MOST_BUSY = 0.6  # above, requests begin to wait for each other


def workers_for_backlog(ctx: Any) -> tuple[int, dict[str, Any]]:
    """As many workers as the tasks that wait or run fill; as many as now where none has reported yet."""
    reported = (ctx.aggregated_metrics or {}).get(WANTED) or {}
    return math.ceil(max(reported.values(), default=ctx.target_num_replicas)), {}


def replicas_for_processor(ctx: Any) -> tuple[int, dict[str, Any]]:
    """As many replicas of the endpoint as keep each below `MOST_BUSY`: open streams cost it next to nothing."""
    reported = (ctx.aggregated_metrics or {}).get(BUSY) or {}
    if not reported:
        return ctx.target_num_replicas, {}
    return max(math.ceil(sum(reported.values()) / MOST_BUSY), 1), {}
