"""`health`: what a portfolio weighs today, with no server."""

from agents.planner.health import health as measure
from serve.commands.input import read_one
from serve.commands.options import AsJson, File, Lang, Start, WhichPortfolio
from serve.commands.tables import answer, health_parts, show


def health(
    file: File,
    *,
    portfolio: WhichPortfolio = None,
    start: Start = None,
    lang: Lang = "en",
    as_json: AsJson = False,
) -> None:
    """What a portfolio weighs today, and what to act on."""
    found = measure(read_one(file, portfolio, start))
    if as_json:
        answer(found)
    else:
        show(*health_parts(found, lang))
