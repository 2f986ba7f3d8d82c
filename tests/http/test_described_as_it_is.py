"""The endpoint keeps what its description says: schemathesis asks every operation, rightly, wrongly, in sequences.

A few hundred requests, the same each time. `make test-described` asks thousands: EXAMPLES of each operation, from SEED
on, in PHASES; with `coverage` among these each bound of each field is tried, 3,000 times where a portfolio is sent.
"""

import asyncio
import os
import re
import sys
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from serve.api import build_api
from serve.http.services import Services

pytestmark = pytest.mark.anyio
EXAMPLES = int(os.environ.get("EXAMPLES", "3"))
PYTHON = (b"Decimal(", b"datetime.", b"<class ", b"Traceback")
ARGUMENTS = [
    *("--phases", os.environ.get("PHASES", "examples,fuzzing,stateful")),
    *("--max-examples", str(EXAMPLES)),
    *("--seed", os.environ.get("SEED", "1")),
    "--continue-on-failure",
    "--no-shrink",
    # One worker: Python 3.11 may mix up the recursion depths of threads that parse sources.
    # That fields contradict each other, a description cannot say.
    *("--exclude-checks", "positive_data_acceptance"),
]


class ReadAlong:
    """The application, and where its answers show how Python writes a value."""

    def __init__(self, app: ASGIApp) -> None:
        self.app = app
        self.python_in: set[str] = set()

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        async def read(message: Message) -> None:
            body = message.get("body", b"")
            self.python_in |= {f"{sign!r} at {scope['path']}" for sign in PYTHON if sign in body}
            await send(message)

        await self.app(scope, receive, read)


@pytest.mark.timeout(600 + 60 * EXAMPLES)
async def test_every_operation_answers_as_it_is_described(services: Services, house: Any, serving: Any, tmp_path: Path):
    # A followed task never ends here: nobody works on it.
    settings = services.settings.model_copy(update={"stream_limit_s": 0.2, "json_limit_bytes": 100_000_000})
    app = ReadAlong(build_api(replace(services, settings=settings)))
    async with serving(app) as address:
        process = await asyncio.create_subprocess_exec(
            *(sys.executable, "-m", "schemathesis.cli", "run", f"http://{address}/openapi.json", *ARGUMENTS),
            *("--header", f"Authorization: Bearer {house.admin_key}"),
            cwd=tmp_path,
            stdout=asyncio.subprocess.PIPE,
            stderr=asyncio.subprocess.STDOUT,
        )
        told, _ = await asyncio.wait_for(process.communicate(), 500 + 60 * EXAMPLES)
    said = told.decode()
    (tmp_path / "told.txt").write_text(said, "utf-8")
    assert process.returncode == 0, said
    assert app.python_in == set()
    # It has asked every operation, and asked enough.
    tested = re.search(r"Tested: (\d+)", said)
    asked = re.search(r"(\d+) generated", said)
    assert tested is not None
    assert int(tested[1]) == sum(len(operations) for operations in build_api(services).openapi()["paths"].values())
    assert asked is not None
    assert int(asked[1]) >= 40 * EXAMPLES  # of 48 operations, some of which can be asked in a few ways only
