"""How the kernel's functions are compiled, and where the result rests on disk, so that nobody waits for a compiler.

Those of every month are compiled into their callers, the rare ones on their own.

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
from llvmlite import ir
from numba import njit, types
from numba.core import config as numba_config
from numba.core.caching import InTreeCacheLocator
from numba.core.compiler import CompilerBase, DefaultPassBuilder
from numba.core.compiler_machinery import register_pass
from numba.core.lowering import Lower
from numba.core.typed_passes import NativeLowering
from numba.extending import intrinsic

HERE = Path(__file__).parent
settings: Any = numba_config


class LowerApart(Lower):
    """Keeps a function out of its callers, whose loops would otherwise carry its registers and precomputed values."""

    def setup_function(self, fndesc: Any) -> None:
        """As ever, and marked never to be inlined."""
        super().setup_function(fndesc)
        self.function.attributes.add("noinline")


@register_pass(mutates_CFG=True, analysis_only=False)
class NativeLoweringApart(NativeLowering):
    """Numba's last pass, for functions that stay apart."""

    _name = "native_lowering_apart"

    @property
    def lowering_class(self) -> type[Lower]:
        """What makes the compiler's input."""
        return LowerApart


class CompilerApart(CompilerBase):
    """Numba's compiler with that pass."""

    def define_pipelines(self) -> list[Any]:
        """Numba's own passes but for the last."""
        manager = DefaultPassBuilder.define_nopython_pipeline(self.state)
        manager.passes = [(NativeLoweringApart if one is NativeLowering else one, why) for one, why in manager.passes]
        manager.finalize()
        return [manager]


# Nothing in the kernel makes an array, so that none need be counted: counting took two thirds of the time.
options: dict[str, Any] = {"error_model": "numpy", "_nrt": False}
every_month = njit(**options, forceinline=True)
rare = njit(**options, forceinline=False, pipeline_class=CompilerApart)  # else it would be as its first caller
# One rounding less for a product and a sum: only where whatever a float gets wrong is caught.
every_month_fused = njit(**options, forceinline=True, fastmath={"contract"})


def _expected_false(_typing: Any, _condition: Any) -> Any:
    def expect(_context: Any, builder: Any, _signature: Any, arguments: Any) -> Any:
        bit = ir.IntType(1)
        function = builder.module.declare_intrinsic("llvm.expect", [bit], ir.FunctionType(bit, [bit, bit]))
        return builder.call(function, [arguments[0], bit(0)])

    return types.boolean(types.boolean), expect


rarely: Any = intrinsic(_expected_false)
"""The condition itself; the compiler lays what hangs on it out of the way."""


def _fused(_typing: Any, _one: Any, _other: Any, _more: Any) -> Any:
    def fuse(_context: Any, builder: Any, _signature: Any, arguments: Any) -> Any:
        double = ir.DoubleType()
        kind = ir.FunctionType(double, [double, double, double])
        return builder.call(builder.module.declare_intrinsic("llvm.fmuladd", [double], kind), arguments)

    return types.float64(types.float64, types.float64, types.float64), fuse


multiply_add: Any = intrinsic(_fused)
"""One number x another + a third, rounded once where the processor can, else twice."""


@cache
def source_digest() -> str:
    """The digest of every file of the kernel, and of the compiler's version."""
    digest = sha256(numba.__version__.encode())
    for source in sorted(HERE.glob("*.py")):
        digest.update(source.read_bytes())
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
            # A kernel that is already there needs no right to write.
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
            # Without the GIL, plans and searches of other threads go on meanwhile.
            return njit(signature, cache=True, nogil=True, **options)(function)
        except (OSError, RuntimeError):  # a folder that cannot be written, or none at all
            return njit(signature, nogil=True, **options)(function)
        finally:
            settings.CACHE_LOCATOR_CLASSES, settings.LOOP_VECTORIZE = before

    return decorate
