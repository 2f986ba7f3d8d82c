"""What a deployment needs, each looked at before anything is changed, and told with its mend."""

import asyncio
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import yaml
from pydantic import ValidationError
from ray.serve.schema import ServeDeploySchema

from data.channels.redis_connection import answers, place
from data.errors import BadSetting, NotMigrated, OperatorError, ServiceUnavailable
from data.records.database import Database
from serve.app import APPLICATION
from serve.batches.files.place import need_files
from serve.composition.shared_places import need_shared_places
from serve.machine.cluster.head import Head
from serve.machine.doctor import CheckResult
from serve.machine.local import need_model
from serve.settings import Settings

GENERATE = "run `ray get-auth-token --generate` once, and copy ~/.ray/auth_token to every node"


@dataclass(frozen=True)
class Prospect:
    """What is to be deployed, and whatever stands against it."""

    config: ServeDeploySchema | None
    found: list[CheckResult]

    @property
    def is_possible(self) -> bool:
        """True where nothing stands against it."""
        return all(check.is_ok for check in self.found)


def examine(file: Path, head: Head, settings: Settings) -> Prospect:
    """Look at everything that the deployment of this file needs; nothing is changed."""
    config, read = _config(file)
    checks: list[Callable[[], CheckResult]] = [
        lambda: _token(head),
        lambda: _head(head),
        lambda: _nodes(head, settings),
        lambda: _database(settings),
        lambda: _redis(settings),
        lambda: _batches(settings),
        lambda: _model(settings),
    ]
    return Prospect(config, [read, *(check() for check in checks)])


def _config(file: Path) -> tuple[ServeDeploySchema | None, CheckResult]:
    mend = "mend it, or leave it out for the one that comes with this version"
    try:
        written: dict[str, Any] = yaml.safe_load(file.read_text("utf-8"))
        config = ServeDeploySchema.model_validate(written)
    except (yaml.YAMLError, ValidationError, UnicodeDecodeError) as error:
        said = str(error).splitlines()[0]
        return None, CheckResult("config", is_ok=False, found=f"{file} is no Serve config: {said}", mend=mend)
    if APPLICATION not in [application.name for application in config.applications]:
        return None, CheckResult("config", is_ok=False, found=f'{file} has no application "{APPLICATION}"', mend=mend)
    return config, CheckResult("config", is_ok=True, found=str(file))


def _token(head: Head) -> CheckResult:
    found = "there" if head.has_token else "this machine has none"
    return CheckResult("Ray's token", head.has_token, found, None if head.has_token else GENERATE)


def _head(head: Head) -> CheckResult:
    name = "Ray's head"
    try:
        is_guarded = head.is_guarded()
    except ServiceUnavailable as error:
        mend = "run this on the head, start Ray there (`ray up ray_cluster.yaml`), or give --address"
        return CheckResult(name, is_ok=False, found=error.message, mend=mend)
    if not is_guarded:
        mend = f"start Ray with RAY_AUTH_MODE=token on every node, as ray_cluster.yaml does; {GENERATE}"
        return CheckResult(name, is_ok=False, found=f"{head.address} lets anybody run programs on it", mend=mend)
    return CheckResult(name, is_ok=True, found=f"{head.address} answers, and wants the token")


def _nodes(head: Head, settings: Settings) -> CheckResult:
    try:
        number = head.nodes()
        need_shared_places(number, settings)
    except ServiceUnavailable:
        return CheckResult("nodes", is_ok=False, found="not known", mend="see Ray's head")
    except BadSetting as error:
        found, _, mend = error.message.partition(": ")
        return CheckResult("nodes", is_ok=False, found=found, mend=mend)
    except OperatorError as error:
        return CheckResult("nodes", is_ok=False, found=error.message, mend="copy ~/.ray/auth_token from the head")
    return CheckResult("nodes", is_ok=True, found=f"{number}")


def _database(settings: Settings) -> CheckResult:
    try:
        asyncio.run(_ping(settings))
    except NotMigrated as error:
        found, _, mend = error.message.partition(": ")
        return CheckResult("database", is_ok=False, found=found, mend=mend)
    except OperatorError as error:
        mend = "start it, or mend DATABASE_URL; the nodes' .env must say the same"
        return CheckResult("database", is_ok=False, found=error.message, mend=mend)
    return CheckResult("database", is_ok=True, found="answers, with the tables of this version")


async def _ping(settings: Settings) -> None:
    database = Database(settings.database_url)
    try:
        await database.ping()
    finally:
        await database.close()


def _redis(settings: Settings) -> CheckResult:
    if not settings.redis_url:
        mend = "set it to a Redis or Valkey that every node reaches; `up` starts one only on one machine"
        return CheckResult("redis", is_ok=False, found="REDIS_URL is not set", mend=mend)
    where = place(settings.redis_url)
    if not answers(settings.redis_url):
        mend = "start that server or mend REDIS_URL; the nodes' .env must say the same"
        return CheckResult("redis", is_ok=False, found=f"{where} does not answer", mend=mend)
    return CheckResult("redis", is_ok=True, found=f"{where} answers")


def _batches(settings: Settings) -> CheckResult:
    place = settings.batches_dir
    try:
        need_files(place)
    except OperatorError as error:
        found, _, mend = error.message.partition(": ")
        mend = mend or "start that store or mend AWS_ENDPOINT_URL; the nodes' .env must say the same"
        return CheckResult("batches", is_ok=False, found=found, mend=mend)
    return CheckResult("batches", is_ok=True, found=f"files lie in {place}")


def _model(settings: Settings) -> CheckResult:
    try:
        need_model(settings)
    except BadSetting as error:
        return CheckResult("model", is_ok=False, found=error.message, mend="mend it in the environment or in .env")
    return CheckResult("model", is_ok=True, found=settings.llm)
