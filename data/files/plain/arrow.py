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


def begin() -> None:
    """Have Arrow start the threads that it keeps: where memory is bounded afterwards, they could not be started."""
    arrow_csv.read_csv(pa.BufferReader(b"a\n1\n"), read_options=arrow_csv.ReadOptions(use_threads=False))
