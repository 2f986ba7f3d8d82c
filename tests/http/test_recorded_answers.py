"""The answers that the description shows are those of the service, and fit their own schemas."""

import json
import os
from typing import Any

import jsonschema
import pytest

from serve.api import description
from tests.http.recording import FILE, Recording

pytestmark = pytest.mark.anyio
DESCRIPTION = description()
NOT_TEXT = {"application/vnd.apache.parquet"}


async def test_each_answer_is_what_the_service_answers_today(app, services, house, calling):
    async with calling(app, house.admin_key) as client:
        told = await Recording(client, services).every()
    if os.environ.get("RECORD"):
        FILE.write_text(json.dumps(told, ensure_ascii=False, indent=1, sort_keys=True) + "\n", "utf-8")
    assert json.loads(FILE.read_text("utf-8")) == told, "if that is meant to be: make answers"


def successes() -> list[tuple[str, str, dict[str, Any]]]:
    return [
        (operation["operationId"], media_type, content)
        for operations in DESCRIPTION["paths"].values()
        for operation in operations.values()
        for status, told in operation["responses"].items()
        if status.startswith("2")
        for media_type, content in told.get("content", {}).items()
        if media_type not in NOT_TEXT
    ]


@pytest.mark.parametrize(("operation", "media_type", "content"), successes(), ids=[name for name, *_ in successes()])
def test_every_success_has_an_example_that_fits_its_schema(operation: str, media_type: str, content: dict[str, Any]):
    schema = {**content["schema"], "components": DESCRIPTION["components"]}
    assert "example" in content
    jsonschema.validate(content["example"], schema, format_checker=jsonschema.FormatChecker())
