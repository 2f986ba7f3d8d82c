"""`apr` and `card-interest`: measures of a cash flow or a statement, with no server."""

from typing import Annotated, TypeVar

import typer
from pydantic import BaseModel, ValidationError
from rich.table import Table

from agents.planner.measures.apr import annual_rate
from agents.planner.measures.card_interest import card_interest as interest_of
from data.answers.apr import RateQuestion
from data.answers.card_interest import CardInterestQuestion
from data.errors import BadInput
from data.files.portfolio_json import parse_json
from data.portfolio.errors_of_fields import field_errors
from serve.commands.shared.input import content_of
from serve.commands.shared.options import AsJson, Lang
from serve.commands.shared.tables import answer, show
from serve.commands.shared.words import word

Question = TypeVar("Question", bound=BaseModel)
QuestionFile = Annotated[str, typer.Argument(metavar="FILE", help="The question as JSON; - is standard input.")]


def apr(file: QuestionFile, *, lang: Lang = "en", as_json: AsJson = False) -> None:
    """The annual rate of a cash flow: Reg Z, EU APRC or IRR; the question is the body of POST /v1/plans/apr."""
    question = read_question(file, RateQuestion)
    found = annual_rate(question)
    if as_json:
        answer(found)
        return
    name = "aprc" if question.method == "eu_aprc" else "annual_rate"
    show(_pairs({word(name, lang): f"{found.apr:.4%}", word("effective_rate", lang): f"{found.effective:.4%}"}))


def card_interest(file: QuestionFile, *, lang: Lang = "en", as_json: AsJson = False) -> None:
    """A card's interest on the whole statement (全额计息); the question is the body of POST /v1/plans/card-interest."""
    found = interest_of(read_question(file, CardInterestQuestion))
    if as_json:
        answer(found)
    else:
        show(_pairs({word("interest", lang): f"{found.interest:,f}"}))


def read_question(file: str, shape: type[Question]) -> Question:
    """The question that a JSON file holds.

    Raises:
        BadInput: naming every wrong field, its value and what to do.
    """
    try:
        return shape.model_validate(parse_json(content_of(file)))
    except ValidationError as error:
        errors = field_errors(error)
        first = f"{errors[0].path}: {errors[0].message}" if errors[0].path else errors[0].message
        raise BadInput(f"The question has {len(errors)} field(s) to mend; first: {first}", errors) from None


def _pairs(rows: dict[str, str]) -> Table:
    table = Table.grid(padding=(0, 2))
    table.add_column()
    table.add_column(justify="right")
    for name, value in rows.items():
        table.add_row(name, value)
    return table
