"""The endpoint keeps what its description says: schemathesis asks every operation, rightly, wrongly, in sequences.

A few hundred requests, the same each time. For more: `schemathesis run` on a running service, with its coverage phase.
"""

import asyncio
import re
import sys
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from serve.api import build_api
from serve.http.services import Services

pytestmark = pytest.mark.anyio
ARGUMENTS = [
    *("--phases", "examples,fuzzing,stateful"),
    *("--max-examples", "3"),
    *("--seed", "1"),
    "--continue-on-failure",
    "--no-shrink",
    # One worker: Python 3.11 may mix up the recursion depths of threads that parse sources.
    # That fields contradict each other, a description cannot say.
    *("--exclude-checks", "positive_data_acceptance"),
]


async def test_every_operation_answers_as_it_is_described(services: Services, house: Any, serving: Any, tmp_path: Path):
    # A followed task never ends here: nobody works on it.
    settings = services.settings.model_copy(update={"stream_limit_s": 0.2, "json_limit_bytes": 1_000_000})
    async with serving(build_api(replace(services, settings=settings))) as address:
        process = await asyncio.create_subprocess_exec(
            *(sys.executable, "-m", "schemathesis.cli", "run", f"http://{address}/openapi.json", *ARGUMENTS),
            *("--header", f"Authorization: Bearer {house.admin_key}"),
            cwd=tmp_path,
            stdout=asyncio.subprocess.PIPE,
            stderr=asyncio.subprocess.STDOUT,
        )
        told, _ = await asyncio.wait_for(process.communicate(), 500)
    said = told.decode()
    assert process.returncode == 0, said
    # It has asked every operation, and asked enough.
    tested = re.search(r"Tested: (\d+)", said)
    asked = re.search(r"(\d+) generated", said)
    assert tested is not None
    assert int(tested[1]) == sum(len(operations) for operations in build_api(services).openapi()["paths"].values())
    assert asked is not None
    assert int(asked[1]) >= 150
