"""The results of a batch as Parquet, made from the CSV when somebody first asks for them. Memory: one block of rows."""

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import pyarrow.parquet

from data.answers.plan import Strategy
from data.files.cells.text import unguarded_text
from data.files.plain.arrow import Column, Table, arrow, arrow_csv, compute
from data.files.plain.cells import distinct
from serve.batches.files.place import BatchPath, reading, write_whole
from serve.batches.results import GAP_DIGITS, result_columns

MONEY_DIGITS = 4  # after the point: more than any currency has
BLOCK_BYTES = 8 << 20


def results_as_parquet(results: BatchPath, strategies: Sequence[Strategy]) -> BatchPath:
    """The Parquet file beside the CSV: amounts as decimals, ids without the apostrophe before a formula."""
    target = results.with_suffix(".parquet")
    if not target.exists():
        write_whole(target, lambda file: _convert(results, file, result_columns(strategies)))
    return target


def _convert(results: BatchPath, file: Any, columns: Sequence[str]) -> None:
    options = arrow_csv.ConvertOptions(
        column_types={name: _type(name) for name in columns}, strings_can_be_null=False, null_values=[""]
    )
    reader = arrow_csv.open_csv(
        results if isinstance(results, Path) else reading(results),
        read_options=arrow_csv.ReadOptions(block_size=BLOCK_BYTES),
        convert_options=options,
    )
    schema = arrow.schema([(name, _type(name)) for name in columns])
    with pyarrow.parquet.ParquetWriter(file, schema) as writer:
        for batch in reader:
            writer.write_table(_unguarded(arrow.Table.from_batches([batch])))


def _type(column: str) -> Any:
    if column in ("portfolio_id", "currency", "best") or column.endswith("_status"):
        return arrow.string()
    if column == "optimal_gap":
        return arrow.decimal128(24, GAP_DIGITS)
    if column == "optimal_proved":
        return arrow.bool_()
    if column == "debts" or column.endswith("_months"):
        return arrow.int32()
    return arrow.decimal128(24, MONEY_DIGITS)


def _unguarded(table: Table) -> Table:
    ids: Column = table.column("portfolio_id").combine_chunks()
    # Few files have guarded ids: most blocks go through as they are.
    if not compute.any(compute.starts_with(ids, "'")).as_py():
        return table
    texts, places = distinct(ids, unguarded_text)
    return table.set_column(0, "portfolio_id", arrow.array(texts, arrow.string()).take(arrow.array(places)))
