"""Answers of the planner as pandas tables: each column's dtype follows from the type of its field.

An amount is an exact `Decimal` in an object column, so that sums are right to the cent. A month is a period
(`period[M]`), a count `Int64`, a rate or a probability `float64`. `for_charts` makes floats and times of the first two.
"""

from collections.abc import Iterator, Sequence
from decimal import Decimal
from types import UnionType
from typing import Annotated, Any, Union, get_args, get_origin, get_type_hints

import pandas as pd
from pydantic import AfterValidator, BaseModel

from data.month import parse_month

MONTH = "period[M]"
OBJECT = "object"


def table(rows: Sequence[BaseModel], model: type[BaseModel], index: Sequence[str] = ()) -> pd.DataFrame:
    """A row a value, a column a field, in the order of the contract; lists within a value are tables of their own.

    Fields of a value within a value stand beside the others, under both names: `owed_p50`.
    """
    kinds = dict(_columns(model))
    cells = [_cells(row) for row in rows]
    made = {name: _column([one.get(name) for one in cells], kind) for name, kind in kinds.items()}
    frame = pd.DataFrame(made, columns=list(kinds))
    return frame.set_index(list(index)) if index else frame


def for_charts(frame: pd.DataFrame) -> pd.DataFrame:
    """The same with amounts as floats and months as the time they begin, for charts and statistics: no longer exact."""
    made = {name: _for_charts(column) for name, column in frame.items()}
    return pd.DataFrame(made, columns=frame.columns).set_axis(_index_for_charts(frame.index), axis="index")


def _for_charts(column: pd.Series) -> Any:
    if isinstance(column.dtype, pd.PeriodDtype):
        return column.dt.to_timestamp()
    is_amounts = column.dtype == OBJECT and all(isinstance(value, Decimal) for value in column.dropna())
    return column.astype("float64") if is_amounts else column


def _index_for_charts(index: pd.Index) -> pd.Index:
    if isinstance(index, pd.MultiIndex):
        begins = [_index_for_charts(index.get_level_values(place)) for place in range(index.nlevels)]
        return pd.MultiIndex.from_arrays(begins, names=index.names)
    return index.to_timestamp() if isinstance(index, pd.PeriodIndex) else index


def _columns(model: type[BaseModel], before: str = "") -> Iterator[tuple[str, str]]:
    """The columns of a model and their dtypes."""
    for name, hint in get_type_hints(model, include_extras=True).items():
        if name not in model.model_fields:
            continue
        parts = list(_parts(hint))
        inner = next((part for part, _ in parts if isinstance(part, type) and issubclass(part, BaseModel)), None)
        if inner is not None:
            yield from _columns(inner, f"{before}{name}_")
        elif not any(get_origin(part) in (list, tuple) for part, _ in parts):
            yield f"{before}{name}", _dtype(parts)


def _parts(hint: Any, marks: tuple[Any, ...] = ()) -> Iterator[tuple[Any, tuple[Any, ...]]]:
    """Each type that a hint allows, None aside, with what its annotations say of it."""
    if get_origin(hint) is Annotated:
        yield from _parts(get_args(hint)[0], (*marks, *hint.__metadata__))
    elif get_origin(hint) in (Union, UnionType):
        for part in get_args(hint):
            yield from _parts(part, marks)
    elif hint is not type(None):
        yield hint, marks


def _dtype(parts: Sequence[tuple[Any, tuple[Any, ...]]]) -> str:
    kind, marks = parts[0]
    if any(isinstance(mark, AfterValidator) and mark.func is parse_month for mark in marks):
        return MONTH
    if not isinstance(kind, type):
        return OBJECT
    known = {bool: "bool", int: "Int64", float: "float64"}
    return known.get(kind, "str" if issubclass(kind, str) else OBJECT)


def _cells(row: BaseModel, before: str = "") -> dict[str, Any]:
    cells: dict[str, Any] = {}
    for name in type(row).model_fields:
        value = getattr(row, name)
        if isinstance(value, BaseModel):
            cells |= _cells(value, f"{before}{name}_")
        else:
            cells[f"{before}{name}"] = value
    return cells


def _column(values: Sequence[Any], dtype: str) -> Any:
    if dtype == "float64":  # a rate that does not apply is NaN
        return pd.Series([float("nan") if value is None else float(value) for value in values], dtype=dtype)
    if dtype == "str":
        return pd.Series([None if value is None else str(value) for value in values], dtype=dtype)
    return pd.Series(pd.array(values, dtype=dtype)) if dtype == MONTH else pd.Series(values, dtype=dtype)


def described(frame: pd.DataFrame, **facts: Any) -> pd.DataFrame:
    """The table with what holds for the whole of it in `attrs`: its currency, its first month."""
    frame.attrs.update({name: value for name, value in facts.items() if value is not None})
    return frame
