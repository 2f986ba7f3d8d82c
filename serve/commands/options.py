"""Arguments and options that several commands share, as they are shown in --help."""

from typing import Annotated

import typer

from serve.commands.words import Language

File = Annotated[str, typer.Argument(metavar="FILE", help="Portfolio as JSON, CSV or Excel; - is standard input.")]
AsJson = Annotated[bool, typer.Option("--json", help="Answer in JSON, as the HTTP endpoint does.")]
WhichPortfolio = Annotated[
    str | None, typer.Option("--portfolio", metavar="ID", help="Which one, where the file holds several.")
]
Start = Annotated[
    str | None, typer.Option("--start", metavar="YYYY-MM", help="First month, where the file names none; default: now.")
]
Lang = Annotated[Language, typer.Option("--lang", help="Language of the tables.")]
