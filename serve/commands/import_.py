"""`import`: what a file says and every row that it cannot, with no server. Nothing is stored."""

import sys

import typer
from rich.text import Text

from data.files.cells.text import visible_text
from serve.commands.shared.input import imported, read, tell_rows
from serve.commands.shared.options import AsJson, File
from serve.commands.shared.tables import show


def import_(file: File, *, as_json: AsJson = False) -> None:
    """What a CSV, Excel or JSON file says: its portfolios, its bad rows, and warnings."""
    found = _write(file) if as_json else _tell(file)
    # A file without one portfolio is a failure, also for scripts.
    if not found:
        raise typer.Exit(1)


def _write(file: str) -> int:
    """The answer as JSON, piece by piece; tells how many portfolios there are."""
    from data.files.import_file import pieces_of  # noqa: PLC0415 (a tenth of a second that other commands need not wait)

    answer = imported(file)
    sys.stdout.flush()
    # The text layer was flushed above: both write to the same file.
    sys.stdout.buffer.writelines(pieces_of(answer))
    sys.stdout.buffer.write(b"\n")
    sys.stdout.buffer.flush()
    return answer.count


def _tell(file: str) -> int:
    result = read(file)
    tell_rows(result)
    for portfolio in result.portfolios:
        total = sum(debt.balance for debt in portfolio.debts)
        count = "1 debt" if len(portfolio.debts) == 1 else f"{len(portfolio.debts)} debts"
        show(Text(visible_text(f"{portfolio.id or file}: {count}, {total:,f} {portfolio.currency}")))
    if not result.portfolios and not result.rejects:
        sys.stderr.write(f"{file}: no row of it is a debt\n")
    return len(result.portfolios)
