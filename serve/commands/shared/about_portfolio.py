"""A command that asks something of one portfolio: which options all such commands share, and how they answer."""

import inspect
from collections.abc import Callable, Iterable
from typing import Any

from pydantic import BaseModel
from rich.console import RenderableType

from data.wording.words import Language
from serve.commands.shared.input import read_one
from serve.commands.shared.options import AsJson, File, Lang, Start, WhichPortfolio
from serve.commands.shared.tables import answer, show

Parts = Callable[[Any, Language], Iterable[RenderableType]]
Command = Callable[..., None]


def about_portfolio(parts: Parts) -> Callable[[Callable[..., BaseModel]], Command]:
    """Make a command of a question: a function of a portfolio and the options of its own.

    The command takes a file in the portfolio's place, and prints the answer as JSON or in parts.
    """

    def made(question: Callable[..., BaseModel]) -> Command:
        def command(
            file: File,
            *,
            portfolio: WhichPortfolio = None,
            start: Start = None,
            lang: Lang = "en",
            as_json: AsJson = False,
            **own: Any,
        ) -> None:
            found = question(read_one(file, portfolio, start), **own)
            if as_json:
                answer(found)
            else:
                show(*parts(found, lang))

        _take_options(command, question)
        command.__name__, command.__doc__ = question.__name__, question.__doc__
        return command

    return made


def _take_options(command: Command, question: Callable[..., BaseModel]) -> None:
    """Show the question's own options between the file and what all commands share: Typer reads both of these."""
    file, *shared, _ = inspect.signature(command).parameters.values()
    _, *own = inspect.signature(question).parameters.values()
    parameters = [file, *own, *shared]
    command.__signature__ = inspect.Signature(parameters)  # pyright: ignore[reportFunctionMemberAccess]
    # Typer reads annotations as well as the signature.
    command.__annotations__ = {one.name: one.annotation for one in parameters}
