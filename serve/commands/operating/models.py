"""`models`: the language models that tasks get, where they are, and whether they answer when they are asked."""

import asyncio
import json
import sys
from dataclasses import asdict, dataclass
from typing import Annotated

import typer
from rich.table import Table
from rich.text import Text

from agents.running.asking.trying import Trial, try_out
from agents.running.models import OFFLINE, ModelSource
from serve.commands.shared.options import AsJson
from serve.commands.shared.tables import NONE, show
from serve.composition.endpoints import model_source
from serve.machine.run_record import read_record
from serve.settings import Settings

HERE = "writes the reports itself, without any model"
WELL = Trial(is_answering=True, is_streaming=True, calls_tools=True)


@dataclass(frozen=True)
class TriedModel:
    """A model by the name that a task asks for it, where it is, and what came of asking it."""

    name: str
    where: str
    is_default: bool
    trial: Trial


def models(
    names: Annotated[
        list[str] | None, typer.Argument(metavar="[MODEL]…", help="As tasks name them; default: that of LLM.")
    ] = None,
    *,
    as_json: AsJson = False,
) -> None:
    """Show the models and try each: a few words, streamed, and a call of a tool; exit code 1 where one fails."""
    found = asyncio.run(_tried(known_models(Settings.load()), names or []))
    is_well = all(one.trial.problem is None for one in found)
    if as_json:
        told = [{**asdict(one), **asdict(one.trial)} for one in found]
        for one in told:
            del one["trial"]
        sys.stdout.write(json.dumps({"ok": is_well, "models": told}, ensure_ascii=False) + "\n")
    else:
        show(_table(found))
    if not is_well:
        raise typer.Exit(1)


def known_models(settings: Settings) -> ModelSource:
    """Those of the settings, or the one that the service running here hosts itself.

    Raises:
        BadSetting: no model can be made of LLM and what belongs to it.
    """
    record = read_record(settings.state_dir)
    if record is not None and record.is_supervised and record.model:
        settings = Settings.load(**{name.lower(): value for name, value in record.model.items()})
    return model_source(settings)


async def _tried(source: ModelSource, names: list[str]) -> list[TriedModel]:
    """One after the other: they may share a machine.

    Raises:
        BadSetting: a name is none, or its endpoint is not set up.
    """
    found: list[TriedModel] = []
    try:
        for name in dict.fromkeys(names or [*source.chain(), OFFLINE]):
            source.check(name)
            is_offline = name == OFFLINE
            where = HERE if is_offline else source.endpoint(name).base_url
            trial = WELL if is_offline else await try_out(source.model(name))
            found.append(TriedModel(name, where, name == source.chain()[0], trial))
    finally:
        await source.close()
    return found


def _table(found: list[TriedModel]) -> Table:
    table = Table(box=None, pad_edge=False)
    for heading in ("", "model", "first word", "tokens/s", "where"):
        table.add_column(heading, justify="right" if heading in ("first word", "tokens/s") else "left")
    for one in found:
        trial, is_well = one.trial, one.trial.problem is None
        mark = Text("ok", style="green") if is_well else Text("!!", style="bold red")
        told = Text(one.where)
        if trial.problem:
            told.append(f"\n-> {trial.problem}", style="yellow")
        first = NONE if trial.first_token_s is None else f"{trial.first_token_s * 1000:,.0f} ms"
        speed = NONE if trial.tokens_per_s is None else f"{trial.tokens_per_s:,.0f}"
        table.add_row(mark, one.name + (" (default)" if one.is_default else ""), first, speed, told)
    return table
