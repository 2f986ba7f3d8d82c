"""`python -m agents.planner.compile`: compile the kernel once, at install, so that no user waits for it."""

import shutil
from importlib import import_module

from agents.planner.kernel_cache import cache_folders


def main() -> None:
    """Compile the kernel or load it, which importing it does, and drop those of older sources beside it."""
    import_module("agents.planner.simulate")
    beside = cache_folders()[0]
    for older in beside.parent.glob("kernel-*"):
        if older != beside:
            shutil.rmtree(older, ignore_errors=True)


if __name__ == "__main__":
    main()
