"""`python -m agents.planner.compile`: compile the kernel once, at install, so that no user waits for it."""

import shutil

import agents.planner.simulate  # noqa: F401 (importing it compiles the kernel, or loads it)
from agents.planner.kernel_cache import cache_folders


def main() -> None:
    """Drop the kernels of older sources beside the one just compiled or loaded."""
    for folder in cache_folders():
        for older in folder.parent.glob("kernel-*"):
            if older != folder:
                shutil.rmtree(older, ignore_errors=True)


if __name__ == "__main__":
    main()
