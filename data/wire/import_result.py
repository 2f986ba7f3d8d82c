"""What a file said: its portfolios, the rows that are bad and why, and what the reader should know.

These are the shapes that go over the wire.
"""

from typing import Annotated, Any, Self

from pydantic import BaseModel, ConfigDict, Field, SerializerFunctionWrapHandler, model_serializer, model_validator

from data.portfolio.portfolio import Portfolio
from data.wording.described import Described
from data.wording.sentence import Sentence, sentence_told

Code = Annotated[str, Field(description="The same in every language: `not_a_rate`, `unknown_column` …")]
Params = Annotated[
    dict[str, Any],
    Field(description="By name: texts, counts, lists, amounts as decimal strings, or a reason within."),
]


class Reject(Described, BaseModel):
    """One bad row: the spreadsheet's own row number, the contract's column, the cell as it came, and why.

    Attributes:
        row: the spreadsheet's own number of the row; 1 is the first line of the file.
        column: the contract's name of the column; null where the whole row is bad.
        value: the cell as it came; null where there is none.
        code: what the reason says.
        params: the values in the reason.
        reason: why it is bad, quoting the file's own header, in English.
        sheet: the sheet of an Excel file; left out for others.
    """

    model_config = ConfigDict(frozen=True)

    row: int
    column: str | None = None
    value: str | None = None
    code: Code
    params: Params = {}
    reason: str
    sheet: str | None = None

    @classmethod
    def of(cls, said: Sentence, **place: Any) -> Self:
        """The reject whose reason is a sentence; `place` is the row, and what else is known of where and what."""
        return cls(code=said.code, params=said.params, reason=str(said), **place)

    @property
    def said(self) -> Sentence:
        """The sentence that is its reason."""
        return sentence_told(self.code, self.params, self.reason)

    @model_serializer(mode="wrap")
    def _without_sheet(self, handler: SerializerFunctionWrapHandler) -> dict[str, Any]:
        return _without(handler(self), {"sheet"})


class ImportWarning(Described, BaseModel):
    """Something that was read in a way the reader should know of; without a row it is about the whole file.

    Attributes:
        row: the spreadsheet's own number of the row; left out where it is about the whole file.
        column: the contract's name of the column; left out where it is about no single one.
        code: what the reason says.
        params: the values in the reason.
        reason: what was read with doubt, in English.
        sheet: the sheet of an Excel file; left out for others.
    """

    model_config = ConfigDict(frozen=True)

    row: int | None = None
    column: str | None = None
    code: Code
    params: Params = {}
    reason: str
    sheet: str | None = None

    @classmethod
    def of(cls, said: Sentence, **place: Any) -> Self:
        """The warning whose reason is a sentence; `place` is what is known of where it stands."""
        return cls(code=said.code, params=said.params, reason=str(said), **place)

    @property
    def said(self) -> Sentence:
        """The sentence that is its reason."""
        return sentence_told(self.code, self.params, self.reason)

    @model_serializer(mode="wrap")
    def _without_absent(self, handler: SerializerFunctionWrapHandler) -> dict[str, Any]:
        return _without(handler(self), {"row", "column", "sheet"})


class ImportResult(Described, BaseModel):
    """The answer to an import: the good portfolios stand whatever the bad rows are.

    Of many rejects or warnings only the first are listed; the totals count all.

    Attributes:
        portfolios: the good portfolios, in the file's order.
        rejects: the first of the bad rows.
        warnings: the first of what was read with doubt.
        rejects_total: how many bad rows there are in all.
        warnings_total: how many warnings there are in all.
    """

    portfolios: list[Portfolio] = []
    rejects: list[Reject] = []
    warnings: list[ImportWarning] = []
    rejects_total: int = 0
    warnings_total: int = 0

    @model_validator(mode="after")
    def _count_what_is_listed(self) -> Self:
        self.rejects_total = max(self.rejects_total, len(self.rejects))
        self.warnings_total = max(self.warnings_total, len(self.warnings))
        return self


def _without(fields: dict[str, Any], optional: set[str]) -> dict[str, Any]:
    return {name: value for name, value in fields.items() if value is not None or name not in optional}
