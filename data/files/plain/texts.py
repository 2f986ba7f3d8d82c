"""Columns of text cells as they stand in JSON: names, lenders and ids, read as the reader of files reads them."""

from dataclasses import dataclass

import numpy as np
from pydantic_core import to_json

from data.arrays import Flags
from data.files.cells.text import BadCell
from data.files.plain.arrow import Column, arrow, compute
from data.files.plain.cells import CellReader, to_numpy
from data.files.rows.row_draft import SheetReading

# What needs no care: nothing to take out or to trim, nothing that begins a formula, nothing that JSON escapes.
PLAIN_TEXT = r"^[\pL\pN](?:[\pL\pN !#-\[\]-~]{0,78}[\pL\pN!#-\[\]-~])?$"
LONGEST_TEXT = 80
NULL = "null"


@dataclass(frozen=True)
class Texts:
    """One column.

    Attributes:
        json: each text in its quotes, null where there is none. is_given: the cell is not blank.
        is_odd: the reader of files has something to say of it.
    """

    json: Column
    is_given: Flags
    is_odd: Flags


def read_texts(name: str, column: Column | None, reading: SheetReading, rows: int) -> Texts:
    """The texts of a column; of one that the file does not have, none."""
    if column is None:
        nothing = np.zeros(rows, bool)
        return Texts(arrow.array([NULL], arrow.string()).take(arrow.array(np.zeros(rows, np.int64))), nothing, nothing)
    # Each different text is read once: lenders and often names repeat down the column.
    encoded = column.dictionary_encode()
    different, places = encoded.dictionary, encoded.indices
    is_plain = to_numpy(compute.match_substring_regex(different, PLAIN_TEXT))
    read = CellReader(name, reading)
    others = np.flatnonzero(~is_plain)
    found = [_read(text, read) for text in different.take(arrow.array(others)).to_pylist()]
    is_odd = np.zeros(len(different), bool)
    is_odd[others] = [is_odd for _, is_odd in found]
    json = compute.binary_join_element_wise('"', different, '"', "")
    if found:
        json = compute.replace_with_mask(json, arrow.array(~is_plain), arrow.array([text for text, _ in found]))
    is_given = to_numpy(compute.not_equal(json, NULL))
    return Texts(json.take(places), is_given[to_numpy(places)], is_odd[to_numpy(places)])


def _read(text: str, read: CellReader) -> tuple[str, bool]:
    try:
        value, is_told = read(text)
    except BadCell:
        return NULL, True
    return (NULL, False) if value is None else (to_json(value).decode(), is_told or not 0 < len(value) <= LONGEST_TEXT)
