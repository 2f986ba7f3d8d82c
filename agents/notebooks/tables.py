"""Answers of the planner as pandas tables: each column's dtype follows from the type of its field.

An amount is an exact `Decimal` in an object column, so that sums are right to the cent; `to_floats` makes numbers for
charts and statistics of them. A month is a period (`period[M]`), a count `Int64`, a rate or a probability `float64`.
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


def to_floats(frame: pd.DataFrame | pd.Series) -> Any:
    """The same with amounts as floats, for charts and statistics: they are no longer exact."""
    if isinstance(frame, pd.Series):
        return frame.astype("float64") if _holds_amounts(frame) else frame
    amounts = [name for place, name in enumerate(frame.columns) if _holds_amounts(frame.iloc[:, place])]
    return frame.astype(dict.fromkeys(amounts, "float64"))


def _holds_amounts(column: pd.Series) -> bool:
    values = column.dropna()
    return column.dtype == OBJECT and all(isinstance(value, Decimal) for value in values)


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
