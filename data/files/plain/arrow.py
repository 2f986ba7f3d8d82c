"""Arrow as the batch uses it: columns of text and tables. Arrow ships no types; its values are `Any` from here on."""

from typing import Any

import pyarrow as pa
import pyarrow.compute
import pyarrow.csv
import pyarrow.ipc

arrow: Any = pa
compute: Any = pyarrow.compute
arrow_csv: Any = pyarrow.csv
arrow_ipc: Any = pyarrow.ipc

Column = Any
"""An Arrow array: one value a row."""

Table = Any
"""An Arrow table."""
