"""What can be read of a value some of whose fields are wrong: the good ones as they are, the others `Unknown`.

With it contradictions are found beside what is wrong with single fields, so that a client corrects all at once.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from functools import cache
from types import UnionType
from typing import Annotated, Any, Self, TypeVar, Union, cast, get_args, get_origin

from pydantic import Field, TypeAdapter, ValidationError
from pydantic.fields import FieldInfo
from pydantic_core import ErrorDetails

from data.portfolio.value import Value

MOST_READ = 1_000  # entries of a list that is too long
Read = TypeVar("Read", bound=Value)


class Unknown:
    """A value that could not be read: it equals nothing, is neither less nor more than anything, and is of no kind.

    Whatever is computed from it, and all that it holds, is as unknown.
    """

    def __getattr__(self, name: str) -> Unknown:
        """A field of it."""
        # Private names are asked for by Python and Pydantic themselves: they must stay absent.
        if name.startswith("_"):
            raise AttributeError(name)
        return Unknown()

    def __str__(self) -> str:
        """What a person sees in its place."""
        return "?"

    def __eq__(self, other: object) -> bool:
        """Nothing is known to be the same."""
        return False

    def __hash__(self) -> int:
        """Each unknown value is a different one."""
        return id(self)

    def __lt__(self, other: object) -> bool:
        """Nothing is known to be more."""
        return False

    __gt__ = __lt__

    def __iter__(self) -> Iterator[Any]:
        """No entries are known."""
        return iter(())

    def __add__(self, other: object) -> Self:
        """A sum with an unknown part is unknown."""
        return self

    __radd__ = __mul__ = __rmul__ = __add__


def is_known(value: object) -> bool:
    """True of what could be read."""
    return not isinstance(value, Unknown)


def partly_read(model: type[Read], raw: dict[str, Any]) -> Read:
    """The model of an object, its fields as far as they can be read.

    >>> from data.portfolio.debt import Debt
    >>> debt = partly_read(Debt, {"name": "Visa", "balance": "-5", "apr": 0.2, "minimum": {"type": "none"}})
    >>> debt.name, str(debt.balance)
    ('Visa', '?')
    """
    values: dict[str, Any] = {}
    for name, info in model.model_fields.items():
        given = [key for key in (info.alias, name) if key in raw]
        if given:
            # The wire name comes first, as Pydantic takes it.
            values[name] = _read(kind_of(info), raw[given[0] or name])
        else:
            values[name] = Unknown() if info.is_required() else info.get_default(call_default_factory=True)
    # Not validated: it may hold Unknowns, and is only looked at for contradictions.
    return model.model_construct(**values)


def _read(kind: Any, raw: Any) -> Any:
    try:
        return _adapter(kind).validate_python(raw)
    except ValidationError:
        pass
    model = _model(kind, raw)
    if model is not None:
        return partly_read(model, raw)
    entry = _entry_of(kind)
    if entry is not None and isinstance(raw, list | tuple):
        return [_read(entry, one) for one in cast("list[Any]", raw[:MOST_READ])]
    return Unknown()


def errors_of_entries(kind: Any, raw: Any) -> Iterator[ErrorDetails]:
    """What is wrong with the entries of a list that is refused for its length alone."""
    entry = _entry_of(kind)
    for place, one in enumerate(cast("list[Any]", raw[:MOST_READ])):
        try:
            _adapter(entry).validate_python(one)
        except ValidationError as error:
            for found in error.errors(include_url=False):
                yield {**found, "loc": (place, *found["loc"])}


def kind_of(info: FieldInfo) -> Any:
    """The type of a model's field, with all that holds it to bounds."""
    bounds = [*info.metadata, *([Field(discriminator=info.discriminator)] if info.discriminator else [])]
    return Annotated[info.annotation, *bounds] if bounds else info.annotation


@cache
# Adapters are slow to build, and each kind comes up again and again.
def _adapter(kind: Any) -> TypeAdapter[Any]:
    return TypeAdapter(kind)


def _model(kind: Any, raw: Any) -> type[Value] | None:
    """The model that an object is meant to be: the only one, or the one of its `type`."""
    if not isinstance(raw, dict):
        return None
    models = list(_models(kind))
    tag = cast("dict[str, Any]", raw).get("type")
    tagged = [model for model in models if "type" in model.model_fields and model.model_fields["type"].default == tag]
    return next(iter(tagged if len(models) > 1 else models), None)


def _models(kind: Any) -> Iterable[type[Value]]:
    if isinstance(kind, type) and issubclass(kind, Value):
        yield kind
    elif get_origin(kind) in (Annotated, Union, UnionType):
        for part in get_args(kind):
            yield from _models(part)


def _entry_of(kind: Any) -> Any:
    """The type of a list's entries; none of what is no list."""
    if get_origin(kind) is list:
        return get_args(kind)[0]
    parts = get_args(kind) if get_origin(kind) in (Annotated, Union, UnionType) else ()
    return next((entry for part in parts if (entry := _entry_of(part)) is not None), None)
