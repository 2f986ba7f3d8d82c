"""Where the compiled kernel rests on disk, so that nobody waits for a compiler.

The folder bears the digest of all kernel sources: a kernel of other sources is never found. It lies beside the
sources where it is already there or may be written (also in a read-only checkout, if made at install), else in the
user's cache directory; where neither can be used, the kernel is compiled in memory.
"""

from collections.abc import Callable
from functools import cache
from hashlib import sha256
from pathlib import Path
from typing import Any

import numba
import platformdirs
from numba import njit
from numba.core import config as numba_config
from numba.core.caching import InTreeCacheLocator

from agents.planner.kernel.jit import options

HERE = Path(__file__).parent
settings: Any = numba_config
SOURCES = (
    *("due_days", "endless", "exact", "interest", "jit", "compiled"),
    *("layout", "minimums", "payments", "pricing", "simulate", "statements", "strategies"),
)


@cache
def source_digest() -> str:
    """The digest of every source the kernel is compiled from, and of the compiler's version."""
    digest = sha256(numba.__version__.encode())
    for name in SOURCES:
        digest.update((HERE / f"{name}.py").read_bytes())
    return digest.hexdigest()[:16]


def cache_folders() -> list[Path]:
    """The folders in which a kernel of these sources may rest, the best first."""
    name = f"kernel-{source_digest()}"
    return [HERE / "__pycache__" / name, platformdirs.user_cache_path("debt-optimizer") / name]


class KernelCacheLocator(InTreeCacheLocator):
    """Finds the first folder that holds the kernel or may be written."""

    def __init__(self, py_func: Any, py_file: str, folder: Path) -> None:
        super().__init__(py_func, py_file)
        self._cache_path = str(folder)

    def get_source_stamp(self) -> bytes:
        """The digest of all sources, not only of the file that is compiled."""
        return source_digest().encode()

    @classmethod
    def from_function(cls, py_func: Any, py_file: str) -> "KernelCacheLocator | None":
        """A locator on the first usable folder; none if there is none."""
        for folder in cache_folders():
            locator = cls(py_func, py_file, folder)
            if any(folder.glob("*.nbc")) or locator.is_writable():
                return locator
        return None

    def is_writable(self) -> bool:
        """True where a kernel can be kept."""
        try:
            self.ensure_cache_path()
        except OSError:
            return False
        return True


def compiled(signature: Any) -> Callable[[Callable[..., Any]], Callable[..., Any]]:
    """Compile a function for one signature, or load it as it was compiled before."""

    def decorate(function: Callable[..., Any]) -> Callable[..., Any]:
        before = settings.CACHE_LOCATOR_CLASSES, settings.LOOP_VECTORIZE
        settings.CACHE_LOCATOR_CLASSES = f"{__name__}.{KernelCacheLocator.__name__}"
        settings.LOOP_VECTORIZE = (
            0  # over a handful of debts, gathering and scattering records costs more than it saves
        )
        try:
            return njit(signature, cache=True, nogil=True, **options)(function)
        except (OSError, RuntimeError):  # a folder that cannot be written, or none at all
            return njit(signature, nogil=True, **options)(function)
        finally:
            settings.CACHE_LOCATOR_CLASSES, settings.LOOP_VECTORIZE = before

    return decorate
