"""What a check beyond single fields has found wrong with a value, as Pydantic tells it: each with its path."""

from collections.abc import Sequence
from typing import Any

from pydantic import ValidationError
from pydantic_core import InitErrorDetails, PydanticCustomError

Finding = tuple[tuple[str | int, ...], str, Any]
"""Where it stands, what to mend, and the value as it came."""


def raise_findings(title: str, found: Sequence[Finding]) -> None:
    """Refuse a value if anything is wrong with it.

    Raises:
        ValidationError: with one entry for each finding, at the path of its field.
    """
    if not found:
        return
    entries = [
        InitErrorDetails(
            type=PydanticCustomError("contradiction", "{message}", {"message": message}), loc=path, input=value
        )
        for path, message, value in found
    ]
    raise ValidationError.from_exception_data(title, entries)
