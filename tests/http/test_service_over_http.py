import re
import sqlite3
from contextlib import closing
from dataclasses import replace

import httpx
import pytest
from fastapi import FastAPI

from agents.running.models import ModelSource
from data.channels.task_queue.in_memory import MemoryTaskQueue
from data.channels.task_queue.queue import Line
from data.errors import ServiceUnavailable
from data.records.accounts.account_store import AccountStore
from data.records.database import Database
from data.wording.sentence import sentence_told
from serve.api import build_api
from serve.http.services import Services

pytestmark = pytest.mark.anyio


class GoneQueue(MemoryTaskQueue):
    """A queue whose server is gone."""

    async def ping(self) -> None:
        raise ServiceUnavailable("Redis at 10.1.2.3:6379 does not serve")

    async def backlog(self) -> int:
        raise ServiceUnavailable("Redis at 10.1.2.3:6379 does not serve")


async def test_alive_asks_nothing_of_other_parts(services: Services, calling):
    app = build_api(replace(services, queue=GoneQueue()))
    async with calling(app, None) as nobody:
        answer = await nobody.get("/healthz")
    assert (answer.status_code, answer.json()) == (200, {"status": "ok"})


async def test_ready_names_every_part(nobody: httpx.AsyncClient):
    answer = await nobody.get("/readyz")
    assert answer.status_code == 200
    assert answer.json() == {
        "status": "ready",
        "parts": {"database": "ready", "queue": "ready", "workers": "unknown"},
    }


@pytest.mark.parametrize("part", ["queue", "database", "workers"])
async def test_not_ready_names_the_part_that_does_not_answer(services: Services, calling, part: str, tmp_path):
    async def no() -> bool:
        return False

    if part == "queue":
        services = replace(services, queue=GoneQueue())
    elif part == "workers":
        services = replace(services, are_workers_ready=no)
    else:
        services = replace(services, database=Database(f"sqlite:///{tmp_path}/without-tables.db"))
    async with calling(build_api(services), None) as nobody:
        answer = await nobody.get("/readyz")
    await services.database.close()
    assert answer.status_code == 503
    assert [name for name, state in answer.json()["parts"].items() if state == "not_ready"] == [part]
    assert "10.1.2.3" not in answer.text


async def test_metrics_count_requests_by_route_and_not_by_address(
    admin: httpx.AsyncClient, client: httpx.AsyncClient, services: Services
):
    await services.queue.put("t1", Line("house", "key"))
    await client.get("/v1/tasks/an-unheard-of-task")
    await client.get("/v1/made/up/path")
    text = (await admin.get("/metrics")).text
    assert re.search(r'requests_total{method="GET",process="\S+",route="/v1/tasks/{task_id}",status="404"} 1.0', text)
    assert 'route="unmatched",status="404"} 1.0' in text
    assert "debt_optimizer_queue_backlog 1.0" in text
    assert "unheard" not in text
    assert (await client.get("/metrics")).status_code == 403


async def test_metrics_answer_while_the_queue_is_gone(services: Services, house, calling):
    async with calling(build_api(replace(services, queue=GoneQueue())), house.admin_key) as admin:
        answer = await admin.get("/metrics")
    assert (answer.status_code, "debt_optimizer_queue_backlog NaN" in answer.text) == (200, True)


async def test_the_offline_model_is_listed_and_answers(client: httpx.AsyncClient):
    answer = await client.get("/v1/models")
    assert answer.json() == {"items": [{"name": "offline", "is_default": True, "is_answering": True}]}


async def test_a_model_whose_endpoint_is_gone_is_listed_as_not_answering(services: Services, house, calling):
    models = ModelSource("openai:some-model", openai_base_url="http://127.0.0.1:9/v1", openai_api_key="k")
    async with calling(build_api(replace(services, models=models)), house.plain_key) as client:
        answer = await client.get("/v1/models")
    assert answer.json()["items"] == [
        {"name": "openai:some-model", "is_default": True, "is_answering": False},
        {"name": "offline", "is_default": False, "is_answering": True},
    ]


async def test_all_models_of_a_chain_are_listed(services: Services, house, calling):
    url = "http://127.0.0.1:9/v1"
    models = ModelSource("vllm:a,openai:b,offline", openai_base_url=url, vllm_base_url=url)
    async with calling(build_api(replace(services, models=models)), house.plain_key) as client:
        items = (await client.get("/v1/models")).json()["items"]
    assert [(one["name"], one["is_default"], one["is_answering"]) for one in items] == [
        ("vllm:a", True, False),
        ("openai:b", False, False),
        ("offline", False, True),
    ]


async def test_every_answer_carries_headers_that_keep_browsers_safe(client: httpx.AsyncClient):
    headers = (await client.get("/v1/tasks")).headers
    assert headers["x-content-type-options"] == "nosniff"
    assert headers["cache-control"] == "no-store"
    assert "default-src 'none'" in headers["content-security-policy"]
    assert "access-control-allow-origin" not in headers


async def test_the_docs_page_shows_every_operation_and_needs_no_other_server(app: FastAPI, nobody: httpx.AsyncClient):
    answer = await nobody.get("/docs")
    page = answer.text
    for path, operations in app.openapi()["paths"].items():
        assert path in page
        for operation in operations.values():
            assert operation["summary"].split("`")[0] in page
    assert not re.search(r"""(src|href)=["'](https?:)?//""", page)
    assert "<script" not in page


async def test_the_description_documents_keys_problems_and_examples(app: FastAPI, nobody: httpx.AsyncClient):
    description = (await nobody.get("/openapi.json")).json()
    assert description["security"] == [{"bearer": []}]
    assert description["paths"]["/healthz"]["get"]["security"] == []
    assert "HTTPValidationError" not in description["components"]["schemas"]
    plan = description["paths"]["/v1/plans"]["post"]
    assert list(plan["responses"]["4XX"]["content"]) == ["application/problem+json"]
    for path, operations in description["paths"].items():
        for method, operation in operations.items():
            assert operation["summary"], (method, path)
            assert operation["description"], (method, path)
            assert operation["tags"], (method, path)


async def test_the_examples_of_the_description_are_accepted(app: FastAPI, admin: httpx.AsyncClient):
    tried = 0
    for path, operations in app.openapi()["paths"].items():
        content = operations.get("post", {}).get("requestBody", {}).get("content", {}).get("application/json", {})
        for example in content.get("examples", {}).values():
            tried += 1
            answer = await admin.post(path, json=example["value"])
            assert answer.status_code < 300, (path, answer.text)
    assert tried >= 7


@pytest.mark.parametrize(
    ("revision", "code", "chinese"),
    [
        (None, "schema_missing", "还没有表"),
        ("0003", "schema_older", "较旧的版本"),
        ("9999", "schema_newer", "更新的版本"),
    ],
)
async def test_tables_of_another_version_are_told_with_the_mend(
    services: Services, house, calling, tmp_path, revision: str | None, code: str, chinese: str
):
    url = f"sqlite:///{tmp_path}/other.db"
    with closing(sqlite3.connect(tmp_path / "other.db")) as file, file:
        if revision is not None:
            file.execute("CREATE TABLE alembic_version (version_num VARCHAR(32))")
            file.execute("INSERT INTO alembic_version VALUES (?)", [revision])
    database = Database(url)
    services = replace(services, database=database, accounts=AccountStore(database))
    async with calling(build_api(services), house.plain_key) as caller:
        ready, asked = await caller.get("/readyz"), await caller.get("/v1/tasks")
    await database.close()
    assert (ready.status_code, ready.json()["parts"]["database"]) == (503, "not_ready")
    (reason,) = ready.json()["reasons"]
    assert (reason["part"], reason["code"]) == ("database", code)
    told = sentence_told(reason["code"], reason["params"], reason["detail"])
    assert chinese in told.in_language("zh")
    assert ("install that version" if revision == "9999" else "debt-optimizer migrate") in reason["detail"]
    # Every other request says the same, where it would say what a missing table is called.
    assert (asked.status_code, asked.json()["code"]) == (503, code)
