"""What keeps a Ray of our own to itself: a token, the loopback interface, no usage reports."""

from pathlib import Path
from secrets import token_hex

from serve.machine.private import write_private


def closed_variables(folder: Path) -> dict[str, str]:
    """What Ray must be told; its token, made anew, lies in the folder, readable by this user only."""
    token = folder / "ray_token"
    # Made anew: one that was read, or put there, before this run opens nothing.
    write_private(token, token_hex(32))
    return {
        "RAY_AUTH_MODE": "token",
        "RAY_AUTH_TOKEN": "",  # one of the caller's shell would be taken before the file
        "RAY_AUTH_TOKEN_PATH": str(token),
        "RAY_ENABLE_WINDOWS_OR_OSX_CLUSTER": "0",  # off: the node's address is 127.0.0.1 instead of the machine's
        "RAY_USAGE_STATS_ENABLED": "0",
        "RAY_enable_metrics_collection": "0",  # nobody takes them
        # Notes of every task: 5 kB each in Ray's metadata server, 3 kB with whoever asked, and nobody reads them.
        "RAY_task_events_report_interval_ms": "0",
    }
