"""`python -m agents.planner.compile`: compile the kernel once, at install, so that no user waits for it."""

import shutil
from importlib import import_module

from agents.planner.kernel.compiled import cache_folders


def main() -> None:
    """Compile the kernels or load them, which importing them does, and drop those of older sources beside it."""
    for name in ("simulate", "pricing"):
        import_module(f"agents.planner.kernel.{name}")
    beside = cache_folders()[0]
    for older in beside.parent.glob("kernel-*"):
        if older != beside:
            shutil.rmtree(older, ignore_errors=True)


if __name__ == "__main__":
    main()
