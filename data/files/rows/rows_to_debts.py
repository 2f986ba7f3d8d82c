"""Parsed rows come together as portfolios: ids, what rows share, repeated names, and every contradiction.

`debts_of_rows` works on any slice of a file that holds all rows of its portfolios.
"""

from collections.abc import Iterable, Sequence
from typing import Any

from pydantic import ValidationError
from pydantic_core import ErrorDetails

from data.files.cells.text import shortened
from data.files.columns.column_names import SHARED
from data.files.rows.currency_signs import warn_of_other_currency
from data.files.rows.debt_of_draft import debt_of_draft, reject_findings
from data.files.rows.row_draft import Draft, SheetReading, drafts_of_rows
from data.portfolio.debt import Debt
from data.portfolio.errors_of_fields import field_sentence
from data.portfolio.partly_read import MOST_READ
from data.portfolio.portfolio import Portfolio
from data.wire.import_result import ImportResult, ImportWarning, Reject
from data.wording.sentence import Sentence, say

MAX_DEBTS = 100
MAX_NAME = 80  # characters
DEFAULT_CURRENCY = "USD"
COLUMN_OF_PORTFOLIO = {"id": "portfolio_id", "budget": "monthly_budget"}


def debts_of_rows(rows: Iterable[tuple[int, Sequence[str]]], reading: SheetReading) -> ImportResult:
    """The portfolios, rejects and warnings of rows given with their spreadsheet numbers.

    >>> from data.files.columns.header import recognise
    >>> reading = SheetReading(recognise(["name", "balance", "apr"]), file_id="client-42")
    >>> debts_of_rows([(2, ["Visa", "5,200", "24.99%"])], reading).portfolios[0].debts[0].balance
    Decimal('5200.00')
    """
    drafts, warnings = drafts_of_rows(rows, reading)
    result = portfolios_of_drafts(drafts)
    return result.model_copy(update={"warnings": [*warnings, *result.warnings]})


def portfolios_of_drafts(drafts: Sequence[Draft], *, ids_required: bool | None = None) -> ImportResult:
    """The portfolios that rows of one or more sheets make, in the order of their first rows.

    Args:
        drafts: the rows, all of each portfolio.
        ids_required: an empty portfolio_id makes a bad row; by default where any other row has one.
    """
    if ids_required is None:
        ids_required = any("portfolio_id" in draft.values for draft in drafts)
    groups: dict[str | None, list[Draft]] = {}
    for draft in drafts:
        if ids_required and "portfolio_id" in draft.reading.header.places and "portfolio_id" not in draft.cells:
            reject_nameless(draft)
        else:
            groups.setdefault(draft.values.get("portfolio_id", draft.reading.file_id), []).append(draft)
    rejects: list[Reject] = []
    portfolios: list[Portfolio] = []
    for portfolio_id, group in groups.items():
        portfolio, wrong = portfolio_of_group(portfolio_id, group)
        portfolios += [portfolio] if portfolio else []
        rejects += wrong
    rejects = [*(reject for draft in drafts for reject in draft.rejects), *rejects]
    warnings = [*_guessed_currency(drafts), *(warning for draft in drafts for warning in draft.warnings)]
    return ImportResult.model_construct(portfolios=portfolios, rejects=rejects, warnings=warnings)


def reject_nameless(draft: Draft) -> None:
    """Reject a row without an id, where others have one."""
    draft.reject("portfolio_id", say("portfolio_id_missing"))


def portfolio_of_group(portfolio_id: str | None, drafts: list[Draft]) -> tuple[Portfolio | None, list[Reject]]:
    """The portfolio of its rows, or what is wrong with it as a whole."""
    shared, disagreements = _shared(drafts)
    if any(one.column == "currency" for one in disagreements):  # whose decimals the amounts have is not known
        return None, disagreements
    currency = shared.get("currency") or drafts[0].reading.header.currency or DEFAULT_CURRENCY
    warn_of_other_currency(drafts, currency)
    good = [(draft, debt) for draft in drafts if (debt := debt_of_draft(draft, shared, currency)) is not None]
    if disagreements:
        return None, disagreements
    budget = {"monthly": shared["monthly_budget"]} if "monthly_budget" in shared else None
    fields = {name: shared[name] for name in ("start", "income") if name in shared}
    fields |= {"id": portfolio_id, "currency": currency, "budget": budget}
    return _validated(fields, _named_apart(good[:MOST_READ]), drafts)


def _validated(
    fields: dict[str, Any], good: list[tuple[Draft, Debt]], drafts: list[Draft]
) -> tuple[Portfolio | None, list[Reject]]:
    """The portfolio; rows that contradict it are rejected, and the others tried again without them."""
    while good:
        try:
            return Portfolio.model_validate({**fields, "debts": [debt for _, debt in good]}), []
        except ValidationError as error:
            findings = error.errors(include_url=False)
        # What lies within a debt belongs to its row, everything else to the portfolio as a whole.
        of_debts = [finding for finding in findings if finding["loc"][:1] == ("debts",) and len(finding["loc"]) > 1]
        for finding in of_debts:
            reject_findings(good[int(finding["loc"][1])][0], [finding], skip=2)
        of_whole = next((finding for finding in findings if finding not in of_debts), None)
        left = [(draft, debt) for draft, debt in good if not draft.rejects]
        # Rejecting rows did not help, or left none: the portfolio itself is wrong.
        if of_whole is not None and len(left) in (0, len(good)):
            return None, [_too_many(good) if len(good) > MAX_DEBTS else _of_whole(of_whole, drafts)]
        good = left
    return None, []


def _too_many(good: list[tuple[Draft, Debt]]) -> Reject:
    return _whole_reject(good[MAX_DEBTS][0], "name", say("too_many_debts", most=MAX_DEBTS))


def _shared(drafts: list[Draft]) -> tuple[dict[str, Any], list[Reject]]:
    """What any row says for its whole portfolio; a reject for each column in which two rows disagree."""
    shared: dict[str, Any] = {}
    disagreements: dict[str, Reject] = {}
    said_by: dict[str, Draft] = {}
    for draft in drafts:
        for column in SHARED:
            if column not in draft.values:
                continue
            value, first = draft.values[column], said_by.setdefault(column, draft)
            if shared.setdefault(column, value) != value and column not in disagreements:
                cells = {"value": shortened(draft.cells[column]), "other": shortened(first.cells[column])}
                disagreements[column] = _whole_reject(draft, column, say("rows_disagree", **cells, row=first.row))
    return shared, list(disagreements.values())


def _named_apart(good: list[tuple[Draft, Debt]]) -> list[tuple[Draft, Debt]]:
    """The debts with a number after a name that has been used before."""
    taken: set[str] = set()
    apart: list[tuple[Draft, Debt]] = []
    for draft, debt in good:
        name, count = debt.name, 1
        while name in taken:
            count += 1
            suffix = f" ({count})"
            # Cut to make room for the number, within the longest name that a debt may have.
            name = debt.name[: MAX_NAME - len(suffix)] + suffix
        taken.add(name)
        if name != debt.name:
            draft.warn("name", say("name_repeated", value=shortened(debt.name), name=shortened(name)))
        apart.append((draft, debt if name == debt.name else debt.model_copy(update={"name": name})))
    return apart


def _of_whole(finding: ErrorDetails, drafts: list[Draft]) -> Reject:
    field = str(finding["loc"][0]) if finding["loc"] else ""
    column = COLUMN_OF_PORTFOLIO.get(field, field)
    shown = next((draft for draft in drafts if column in draft.cells), drafts[0])
    return _whole_reject(shown, column or None, field_sentence(finding))


def _whole_reject(draft: Draft, column: str | None, said: Sentence) -> Reject:
    """A reject that leaves the draft's own row good: it is the portfolio that is left out."""
    whole = Draft(draft.row, draft.reading, draft.cells)
    whole.reject(column, said.having(left_out=True))
    return whole.rejects[0]


def _guessed_currency(drafts: Sequence[Draft]) -> list[ImportWarning]:
    hinted = next((draft.reading for draft in drafts if draft.reading.header.currency), None)
    if hinted is None or any("currency" in draft.values for draft in drafts):
        return []
    return [guessed_currency(hinted)]


def guessed_currency(reading: SheetReading) -> ImportWarning:
    """The warning that no row tells the currency and the header had to."""
    header = reading.header
    said = say("currency_guessed", currency=header.currency)
    return ImportWarning.of(said, row=header.row, column="currency", sheet=reading.sheet)
