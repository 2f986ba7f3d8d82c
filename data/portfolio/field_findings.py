"""What a check beyond single fields has found wrong with a value, as Pydantic tells it: each with its path."""

from collections.abc import Iterable, Sequence
from typing import Any

from pydantic import ValidationError
from pydantic_core import ErrorDetails, InitErrorDetails, PydanticCustomError

from data.wording.sentence import Sentence

Finding = tuple[tuple[str | int, ...], Sentence, Any]
"""Where it stands, what to mend, and the value as it came."""


def raise_findings(title: str, found: Sequence[Finding], beside: Iterable[ErrorDetails] = ()) -> None:
    """Refuse a value if anything is wrong with it; `beside` is what is wrong with single fields, told before.

    Raises:
        ValidationError: with one entry for each finding, at the path of its field.
    """
    entries = [_of_field(entry) for entry in beside]
    entries += [
        # As Pydantic's own errors, so that single fields and contradictions come in one list.
        InitErrorDetails(
            type=PydanticCustomError("contradiction", "{message}", {"message": str(said), "said": said}),
            loc=path,
            input=value,
        )
        for path, said, value in found
    ]
    if entries:
        raise ValidationError.from_exception_data(title, entries)


def _of_field(entry: ErrorDetails) -> InitErrorDetails:
    again = InitErrorDetails(type=entry["type"], loc=entry["loc"], input=entry["input"])
    return again | {"ctx": entry["ctx"]} if "ctx" in entry else again  # pyright: ignore[reportReturnType]
