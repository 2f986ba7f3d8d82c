"""How the kernel's functions are compiled: those of every month into their callers, the rare ones on their own.

Knows nothing of what they compute.
"""

from typing import Any

from numba import njit

# Nothing in the kernel makes an array, so that none need be counted: counting took two thirds of the time.
options: dict[str, Any] = {"error_model": "numpy", "_nrt": False}
every_month = njit(**options, forceinline=True)
rare = njit(**options)
