"""How much memory and processor time this process may use, where the system can bound it (not on Windows)."""

import os
import sys
from pathlib import Path

try:
    import resource
except ImportError:  # Windows: whoever started the process bounds it by the clock
    resource = None

CAN_LIMIT_TIME = resource is not None


def limit_memory(megabytes: int) -> None:
    """Fail with a MemoryError rather than grow beyond; only Linux keeps such a bound."""
    if resource is not None and sys.platform == "linux":
        resource.setrlimit(resource.RLIMIT_AS, (megabytes << 20, megabytes << 20))


def allow_memory(megabytes: int) -> None:
    """Fail with a MemoryError rather than grow by more than that from here on; only Linux keeps such a bound."""
    if sys.platform == "linux":
        pages = int(Path("/proc/self/statm").read_text("ascii").split()[0])
        limit_memory((pages * os.sysconf("SC_PAGE_SIZE") >> 20) + megabytes)


def limit_time(seconds: int) -> None:
    """End this process when it has used so many seconds of a processor; a later call may raise the bound."""
    if resource is not None:
        # Only the soft limit: a hard one could not be raised again.
        _, most = resource.getrlimit(resource.RLIMIT_CPU)
        resource.setrlimit(resource.RLIMIT_CPU, (seconds, most))
