"""`import`: what a file says and every row that it cannot, with no server. Nothing is stored."""

import sys

import typer
from rich.text import Text

from data.files.cells.text import visible_text
from serve.commands.shared.input import read, tell_rows
from serve.commands.shared.options import AsJson, File
from serve.commands.shared.tables import show


def import_(file: File, *, as_json: AsJson = False) -> None:
    """What a CSV, Excel or JSON file says: its portfolios, its bad rows, and warnings."""
    result = read(file)
    if as_json:
        sys.stdout.write(result.model_dump_json(by_alias=True) + "\n")
    else:
        tell_rows(result)
        for portfolio in result.portfolios:
            total = sum(debt.balance for debt in portfolio.debts)
            count = "1 debt" if len(portfolio.debts) == 1 else f"{len(portfolio.debts)} debts"
            show(Text(visible_text(f"{portfolio.id or file}: {count}, {total:,f} {portfolio.currency}")))
    if not result.portfolios:
        if not as_json and not result.rejects:
            sys.stderr.write(f"{file}: no row of it is a debt\n")
        raise typer.Exit(1)
