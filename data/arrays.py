"""The kinds of NumPy arrays that portfolios are held in, many values at once.

Whole amounts are minor units, as in `data/money.py`; the shape is for each array's docstring to say.
"""

import numpy as np
from numpy.typing import NDArray

Ints = NDArray[np.int64]
Floats = NDArray[np.float64]
Flags = NDArray[np.bool_]
Records = NDArray[np.void]
"""Structured arrays: each entry has the named fields of one of the dtypes of `agents/planner/kernel/layout.py`."""
