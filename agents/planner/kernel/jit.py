"""How the kernel's functions are compiled: those of every month into their callers, the rare ones on their own.

Knows nothing of what they compute.
"""

from typing import Any

from llvmlite import ir
from numba import njit, types
from numba.core.compiler import CompilerBase, DefaultPassBuilder
from numba.core.compiler_machinery import register_pass
from numba.core.lowering import Lower
from numba.core.typed_passes import NativeLowering
from numba.extending import intrinsic


class LowerApart(Lower):
    """Keeps a function out of its callers, whose loops would bear its registers and what it can reckon beforehand."""

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
