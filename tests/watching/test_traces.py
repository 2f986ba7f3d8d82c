"""One trace from the request over the queue to the model, through every process, and nothing of a client in it."""

import asyncio
import subprocess
import sys
import threading
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import httpx
import pytest
from opentelemetry.sdk.trace.export import SpanExportResult
from opentelemetry.trace import StatusCode

from agents.running.loop import AgentLoop
from agents.running.models import ModelSource
from agents.running.tracing import trace_agents
from data.errors import ModelUnavailable
from serve.api import build_api
from serve.composition.api_parts import make_services
from serve.http.services import Services
from serve.settings import Settings
from serve.watching.traces import Traces
from tests.agents.recorder import Recorder, task
from tests.agents.scripted_endpoint import Endpoint, calls, says, serving
from tests.watching.collector import Collector, ToldSpan, collecting

pytestmark = pytest.mark.anyio
ROOT = Path(__file__).parents[2]
SCRIPT = Path(__file__).with_name("traced_worker.py")
TRACE, CALLER = "4bf92f3577b34da6a3ce929d0e0e4736", "00f067aa0ba902b7"
NAME, LENDER, BALANCE, QUESTION, ANSWER = "Zyxwarbler", "Quillfeather", "5213.37", "Mountebank", "Perspicacious"
PLANTED = (NAME, LENDER, BALANCE, "5,213", "521337", QUESTION, ANSWER)
PORTFOLIO = {
    "id": "client-Zyxwarbler",
    "debts": [{"name": NAME, "lender": LENDER, "balance": BALANCE, "apr": 0.2499}],
    "budget": {"monthly": "300.00"},
}
BODY = {"type": "debt_analysis", "portfolio": PORTFOLIO, "question": f"{QUESTION}, what do I owe?"}


@pytest.fixture
def collector() -> Iterator[Collector]:
    with collecting() as collector:
        yield collector


@pytest.fixture
def endpoint() -> Iterator[Endpoint]:
    with serving(calls(("list_debts", {})), says(f"{ANSWER}: you owe ${BALANCE} on {NAME}.")) as endpoint:
        yield endpoint


@pytest.fixture
def environment(
    collector: Collector, endpoint: Endpoint, redis_url: str, migrated_sqlite_url: str, tmp_path: Path
) -> dict[str, str]:
    return {
        "STATE_DIR": str(tmp_path),
        "DATABASE_URL": migrated_sqlite_url,
        "REDIS_URL": redis_url,
        "LLM": "openai:scripted",
        "OPENAI_BASE_URL": endpoint.url,
        "LEASE_S": "2",
        "OTEL_EXPORTER_OTLP_ENDPOINT": collector.url,
        "OTEL_EXPORTER_OTLP_HEADERS": "x-who=us%20two",
        "OTEL_BSP_SCHEDULE_DELAY": "50",
    }


@pytest.fixture
async def services(environment: dict[str, str], monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[Services]:
    """The endpoint's parts, made as the service makes them."""
    for name, value in environment.items():
        monkeypatch.setenv(name, value)
    monkeypatch.setattr("serve.composition.api_parts.set_up_logs", lambda *_: None)

    async def are_ready() -> bool:
        return True

    services = make_services(are_ready)
    yield services
    await services.close()


@pytest.fixture
async def caller(services: Services) -> AsyncIterator[httpx.AsyncClient]:
    organisation = await services.accounts.create_organisation("House")
    _, key = await services.accounts.create_key("key", organisation.id)
    headers = {"Authorization": f"Bearer {key}", "traceparent": f"00-{TRACE}-{CALLER}-01"}
    transport = httpx.ASGITransport(build_api(services), raise_app_exceptions=False)
    async with httpx.AsyncClient(transport=transport, base_url="http://api", headers=headers) as client:
        yield client


@contextmanager
def worker(environment: dict[str, str]) -> Iterator["subprocess.Popen[bytes]"]:
    process = subprocess.Popen([sys.executable, SCRIPT], cwd=ROOT, env={"PYTHONPATH": str(ROOT), **environment})
    try:
        yield process
    finally:
        process.kill()
        process.wait()


async def until(is_so: Callable[[], Any]) -> None:
    async with asyncio.timeout(120):
        while not is_so():
            await asyncio.sleep(0.02)


def only(collector: Collector, name: str) -> ToldSpan:
    [span] = collector.named(name)
    return span


async def test_one_trace_runs_from_the_request_to_the_model_through_a_killed_worker(
    caller: httpx.AsyncClient, collector: Collector, endpoint: Endpoint, environment: dict[str, str]
):
    asked_again, let_go, reply = threading.Event(), threading.Event(), endpoint.next_reply

    def held(request: dict[str, Any]) -> Any:
        answer = reply(request)
        if len(endpoint.requests) == 2:
            asked_again.set()
            let_go.wait(120)
        return answer

    endpoint.next_reply = held  # type: ignore[method-assign]
    answer = await caller.post("/v1/tasks", json=BODY)
    assert (answer.status_code, answer.headers["X-Trace-Id"]) == (202, TRACE)
    task_id = answer.json()["id"]
    try:
        with worker(environment):
            await until(lambda: asked_again.is_set() and collector.named("execute_tool list_debts"))
    finally:
        let_go.set()
    with worker(environment):
        await until(lambda: collector.named("attempt debt_analysis"))

    request, attempt = only(collector, "POST /v1/tasks"), only(collector, "attempt debt_analysis")
    before, after = collector.named("chat scripted")
    assert request.parent == CALLER
    assert attempt.parent == request.id
    assert after.parent == attempt.id
    # The killed attempt's own span never ended; what had ended in it was sent.
    assert before.parent == only(collector, "execute_tool list_debts").parent != attempt.id
    told = {"task.id": task_id, "task.type": "debt_analysis", "task.attempt": 2, "task.model": "openai:scripted"}
    assert attempt.attributes == told
    assert request.attributes["http.route"] == "/v1/tasks"
    assert after.attributes["gen_ai.usage.output_tokens"] == 10
    assert {span.trace for span in collector.spans} == {TRACE}
    assert {span.resource["service.name"] for span in collector.spans} == {"debt-optimizer"}
    assert {span.resource["service.instance.id"].partition("-")[0] for span in collector.spans} == {"api", "agents"}
    assert {headers["x-who"] for headers in collector.headers} == {"us two"}
    everything = b"".join(collector.bodies).decode("utf-8", "replace")
    assert [word for word in PLANTED if word in everything] == []


async def test_a_retried_task_goes_on_in_the_trace_of_whoever_retried_it(caller: httpx.AsyncClient, services: Services):
    task_id = (await caller.post("/v1/tasks", json=BODY)).json()["id"]
    await caller.post(f"/v1/tasks/{task_id}/cancel")
    other = "a" * 32
    again = await caller.post(f"/v1/tasks/{task_id}/retry", headers={"traceparent": f"00-{other}-{CALLER}-01"})
    assert again.status_code == 202
    row = await services.tasks.find(task_id)
    assert row is not None
    assert str(row.traceparent).split("-")[1] == other


async def test_addresses_and_refused_values_stay_inside(
    caller: httpx.AsyncClient, collector: Collector, services: Services
):
    await caller.get("/v1/tasks", params={"cursor": NAME})
    await caller.get(f"/v1/portfolios/{NAME}")
    await caller.get(f"/{NAME}", headers={"User-Agent": NAME, "Host": NAME})
    await caller.post("/v1/plans", json={"portfolio": {**PORTFOLIO, NAME: BALANCE}})
    await caller.get("/healthz")
    assert services.traces is not None
    services.traces.spans.force_flush()
    names = sorted(span.name for span in collector.spans)
    assert names == ["GET", "GET /v1/portfolios/{portfolio_id}", "GET /v1/tasks", "POST /v1/plans"]
    everything = b"".join(collector.bodies).decode("utf-8", "replace")
    assert [word for word in PLANTED if word in everything] == []


class Kept:
    """An exporter that keeps what it is given."""

    def __init__(self) -> None:
        self.spans: list[Any] = []

    def export(self, spans: Any) -> SpanExportResult:
        self.spans += spans
        return SpanExportResult.SUCCESS

    def shutdown(self) -> None:
        """Nothing to let go of."""

    def force_flush(self, timeout_millis: int = 0) -> bool:
        return True


@pytest.fixture
def kept() -> Kept:
    return Kept()


@pytest.fixture
async def traces(kept: Kept) -> AsyncIterator[Traces]:
    traces = Traces(kept, {"service.name": "test"}, frozenset({"list_debts"}))  # type: ignore[arg-type]
    trace_agents(traces.spans)
    yield traces
    trace_agents(None)
    await traces.close()


async def test_an_error_is_told_by_its_kind_and_never_by_its_message(traces: Traces, kept: Kept):
    async def fail(_: Any) -> dict[str, Any]:
        raise ModelUnavailable(f"the endpoint says {NAME}")

    with pytest.raises(ModelUnavailable):
        await traces.traced(fail, "offline")(Recorder().run(task(PORTFOLIO)))
    traces.spans.force_flush()
    [span] = kept.spans
    assert (span.status.status_code, span.status.description) == (StatusCode.ERROR, None)
    assert span.attributes["error.type"] == "ModelUnavailable"
    assert (span.events, span.parent) == ((), None)


async def test_a_tool_that_a_model_invents_is_not_named(traces: Traces, kept: Kept):
    with serving(calls((f"pay_{NAME}", {}), ("list_debts", {})), says("Done.")) as endpoint:
        source = ModelSource("openai:scripted", openai_base_url=endpoint.url)
        agent = traces.traced(AgentLoop(source, pause_s=0.0), source.spec)
        try:
            await agent(Recorder().run(task({**PORTFOLIO, "start": "2027-01"}, question=QUESTION)))
        finally:
            await source.close()
    traces.spans.force_flush()
    told = "".join(span.to_json() for span in kept.spans)
    assert "execute_tool list_debts" in told
    assert [word for word in PLANTED if word in told] == []


NOTHING_LOADED = """
import asyncio, sys
from serve.api import build_api
from serve.composition.agent_parts import make_agent_host
from serve.composition.api_parts import make_services

async def main():
    async def are_ready():
        return True
    services = make_services(are_ready)
    build_api(services)
    host = make_agent_host("service")
    await services.close()
    await host.close()
    ours = ("serve.watching.traces", "agents.running.tracing", "opentelemetry.exporter.otlp")
    print([name for name in ours if name in sys.modules])
asyncio.run(main())
"""


def test_nothing_is_loaded_where_nobody_asks_for_traces(environment: dict[str, str]):
    nothing = {name: value for name, value in environment.items() if not name.startswith("OTEL")}
    command = [sys.executable, "-c", NOTHING_LOADED]
    done = subprocess.run(command, cwd=ROOT, env=nothing, capture_output=True, text=True, timeout=300, check=False)
    assert (done.returncode, done.stdout.strip()) == (0, "[]"), done.stderr


@pytest.mark.parametrize(
    ("asked", "where"),
    [
        ({}, None),
        ({"endpoint": "http://c:4318"}, "http://c:4318/v1/traces"),
        ({"endpoint": "http://c:4318/"}, "http://c:4318/v1/traces"),
        ({"endpoint": "http://c:4318", "traces": "http://d/all"}, "http://d/all"),
        ({"exporter": "otlp"}, "http://localhost:4318/v1/traces"),
        ({"exporter": "none", "endpoint": "http://c:4318"}, None),
        ({"disabled": "true", "endpoint": "http://c:4318"}, None),
    ],
)
def test_where_spans_go_follows_the_standards_variables(
    asked: dict[str, str], where: str | None, monkeypatch: pytest.MonkeyPatch
):
    names = {
        "endpoint": "OTEL_EXPORTER_OTLP_ENDPOINT",
        "traces": "OTEL_EXPORTER_OTLP_TRACES_ENDPOINT",
        "exporter": "OTEL_TRACES_EXPORTER",
        "disabled": "OTEL_SDK_DISABLED",
    }
    for short, value in asked.items():
        monkeypatch.setenv(names[short], value)
    assert Settings.load().traces_endpoint == where
