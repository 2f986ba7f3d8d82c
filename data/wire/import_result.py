"""What a file said: its portfolios, the rows that are bad and why, and what the reader should know.

These are wire shapes; they know nothing of CSV or Excel.
"""

from typing import Any

from pydantic import BaseModel, ConfigDict, SerializerFunctionWrapHandler, model_serializer

from data.portfolio.portfolio import Portfolio


class Reject(BaseModel):
    """One bad row: the spreadsheet's own row number, the contract's column, the cell as it came, and why."""

    model_config = ConfigDict(frozen=True)

    row: int
    column: str | None = None
    value: str | None = None
    reason: str
    sheet: str | None = None

    @model_serializer(mode="wrap")
    def _without_sheet(self, handler: SerializerFunctionWrapHandler) -> dict[str, Any]:
        return _without(handler(self), {"sheet"})


class ImportWarning(BaseModel):
    """Something that was read in a way the reader should know of; without a row it is about the whole file."""

    model_config = ConfigDict(frozen=True)

    row: int | None = None
    column: str | None = None
    reason: str
    sheet: str | None = None

    @model_serializer(mode="wrap")
    def _without_absent(self, handler: SerializerFunctionWrapHandler) -> dict[str, Any]:
        return _without(handler(self), {"row", "column", "sheet"})


class ImportResult(BaseModel):
    """The answer to an import: the good portfolios stand whatever the bad rows are."""

    portfolios: list[Portfolio] = []
    rejects: list[Reject] = []
    warnings: list[ImportWarning] = []


def _without(fields: dict[str, Any], optional: set[str]) -> dict[str, Any]:
    return {name: value for name, value in fields.items() if value is not None or name not in optional}
