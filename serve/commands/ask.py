"""`ask`: a question to an agent, its answer shown as it is written.

It asks the service that runs, by HTTP; where none runs, an agent in this very process.
"""

import asyncio
import json
import sys
from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated, Any

import typer
from pydantic import ValidationError

from agents.running.loop import AgentLoop
from data.errors import BadInput, ServiceUnavailable
from data.ident import new_id
from data.portfolio.errors_of_fields import field_errors
from data.wire.agent_run import AgentRun, Step
from data.wire.event import EventType
from data.wire.task import NewTask, TaskStatus, TaskType, TaskView
from data.wording.sentence import say
from data.wording.words import Language
from serve.commands.shared.input import read_one
from serve.commands.shared.named_service import address_of, key_to
from serve.commands.shared.options import AsJson
from serve.commands.shared.remote_task import Teller, answers_at, ask_service
from serve.composition.endpoints import model_source
from serve.settings import Settings


def ask(  # noqa: PLR0913 (a command's options are its parameters)
    question: Annotated[str, typer.Argument(metavar="QUESTION", help="What you want to know.")],
    *,
    portfolio: Annotated[str | None, typer.Option(metavar="FILE", help="The debts: JSON, CSV or Excel.")] = None,
    type_: Annotated[TaskType, typer.Option("--type", help="What to ask for.")] = TaskType.FINANCIAL_ADVICE,
    lang: Annotated[Language | None, typer.Option(help="Language of the answer; default: the question's.")] = None,
    model: Annotated[
        str | None, typer.Option(help="offline, or PROVIDER:NAME as in LLM; default: the service's.")
    ] = None,
    url: Annotated[str | None, typer.Option(envvar="API_URL", help="A service elsewhere.")] = None,
    key: Annotated[str | None, typer.Option(envvar="API_KEY", help="A key to it.")] = None,
    as_json: AsJson = False,
) -> None:
    """Ask an agent about debts and read its answer as it is written; --json gives the whole record instead."""
    language = lang or ("zh" if any("\u4e00" <= letter <= "\u9fff" for letter in question) else "en")
    debts = read_one(portfolio, None, None) if portfolio else None
    try:
        new = NewTask(type=type_, question=question, portfolio=debts, language=language, model=model)
    except ValidationError as error:
        raise BadInput(say("question_cannot_be_asked"), field_errors(error)) from None
    settings = Settings.load()
    teller = Teller(is_silent=as_json)
    where = _service(settings.state_dir, url, key)
    record = asyncio.run(ask_service(new, *where, teller) if where else _ask_here(new, settings, teller))
    if as_json:
        sys.stdout.write(json.dumps(record, ensure_ascii=False) + "\n")
    else:
        teller.end(record["result"])


def _service(state_dir: Path, url: str | None, key: str | None) -> tuple[str, str] | None:
    """Address and key of the service to ask: the one named, else the one of this machine if it answers.

    Raises:
        ServiceUnavailable: the one named does not answer, or no key to it is given.
    """
    address = address_of(state_dir, url)
    if address is None:
        return None
    if not answers_at(address):
        if url:
            raise ServiceUnavailable(f"{url} does not answer: mend --url (API_URL), or leave it out to ask without it")
        return None
    return address, key_to(address, state_dir, key)


async def _ask_here(new: NewTask, settings: Settings, teller: Teller) -> dict[str, Any]:
    """The record of a task run in this process; it is kept nowhere."""
    began = datetime.now(UTC)

    async def emit(kind: EventType, payload: dict[str, Any]) -> None:
        teller.tell(kind, payload)

    async def save(messages: bytes, steps: list[Step]) -> None:
        """Nothing is kept: an answer that was cut short is asked for again."""

    async def progress(percent: int, stage: str) -> None:
        teller.tell(EventType.PROGRESS, {"percent": percent, "stage": stage})

    task_id = new_id()
    run = AgentRun(task_id, 1, new, None, emit, save, progress)
    # Whoever sits before it would rather know at once.
    result = await AgentLoop(model_source(settings), patience_s=0)(run)
    ended = datetime.now(UTC)
    view = TaskView(
        id=task_id,
        type=new.type,
        status=TaskStatus.COMPLETED,
        progress=100,
        stage="done",
        attempt=1,
        created_at=began,
        updated_at=ended,
        finished_at=ended,
        request=new.model_dump(mode="json"),
        result=result,
    )
    return view.model_dump(mode="json")
