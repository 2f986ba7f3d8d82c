"""A question on its whole way, through real Ray, real Redis and SQLite, and through the death of each part."""

import json
import signal

import psutil
import pytest
from websockets.sync.client import connect

from tests.journeys.house import NEW_TASK, PORTFOLIO, Service, begin, record_of, until

pytestmark = pytest.mark.timeout(200)  # the first test waits for the service to start


def test_a_task_is_accepted_streamed_and_recorded(service: Service):
    reading = begin(service)
    reading.follow()
    record = record_of(reading)
    assert record["status"] == "completed"
    assert reading.kinds[-1] == "complete"
    assert reading.events[-1]["result"] == record["result"]
    assert reading.text == record["result"]["narrative"]
    assert record["result"]["grounding"]["unsupported"] == []
    assert {"progress", "tool_call", "tool_result", "chunk"} <= set(reading.kinds)
    ids = [tuple(map(int, event["id"].split("-"))) for event in reading.events]
    assert ids == sorted(set(ids))


def test_a_socket_sees_what_the_stream_shows_also_afterwards(service: Service):
    reading = begin(service)
    address = f"ws://127.0.0.1:{service.api_port}/v1/tasks/{reading.task_id}/ws"
    headers = {"Authorization": f"Bearer {service.key}"}
    with connect(address, additional_headers=headers, proxy=None) as socket:
        seen = [json.loads(message) for message in socket]
    assert socket.close_code == 1000
    reading.follow()
    text = "".join(event["text"] for event in seen if event["type"] == "chunk")
    assert text == reading.text
    assert [event["id"] for event in seen] == [event["id"] for event in reading.events]


def test_the_endpoint_and_the_command_line_give_the_same_plan(service: Service, tmp_path):
    file = tmp_path / "portfolio.json"
    file.write_text(json.dumps(PORTFOLIO))
    with service.client as client:
        answer = client.post("/v1/plans", json={"portfolio": PORTFOLIO, "strategy": "snowball"})
    assert answer.status_code == 200
    assert json.loads(service.run("plan", str(file), "--strategy", "snowball", "--json").stdout) == answer.json()


def test_nothing_but_health_and_docs_answers_without_the_key(service: Service):
    with service.client as client:
        client.headers.pop("Authorization")
        answers = {path: client.get(path).status_code for path in ("/healthz", "/readyz", "/docs", "/v1/tasks")}
    assert answers == {"/healthz": 200, "/readyz": 200, "/docs": 200, "/v1/tasks": 401}


def test_a_task_whose_worker_is_killed_finishes_and_its_text_comes_once(service: Service):
    reading = begin(service)
    reading.follow(until_text=200)
    assert not reading.is_finished
    psutil.Process(service.replica("AgentWorker")).send_signal(signal.SIGKILL)
    reading.follow()
    record = record_of(reading)
    assert (record["status"], record["attempt"]) == ("completed", 2)
    assert reading.kinds.count("restart") == 1
    assert reading.kinds.count("complete") == 1
    assert reading.text == record["result"]["narrative"]


def test_a_reader_whose_endpoint_is_killed_comes_back_and_misses_nothing(service: Service):
    reading = begin(service)
    reading.follow(until_text=200)
    psutil.Process(service.replica("Api")).send_signal(signal.SIGKILL)
    reading.follow()
    record = record_of(reading)
    assert (record["status"], record["attempt"]) == ("completed", 1)
    assert "restart" not in reading.kinds
    assert reading.text == record["result"]["narrative"]


def test_a_task_waits_for_redis_and_goes_on(service: Service):
    reading = begin(service)
    reading.follow(until_text=200)
    before = service.pid_of("redis")
    psutil.Process(before).send_signal(signal.SIGKILL)
    until(lambda: service.pid_of("redis") != before)
    reading.follow()
    record = record_of(reading)
    assert record["status"] == "completed"
    assert reading.text == record["result"]["narrative"]


def test_a_running_task_is_cancelled(service: Service):
    reading = begin(service)
    reading.follow(until_text=100)
    with service.client as client:
        assert client.post(f"/v1/tasks/{reading.task_id}/cancel").is_success
    reading.follow()
    assert reading.kinds[-1] == "cancelled"
    assert record_of(reading)["status"] == "cancelled"


def test_ask_streams_the_answer_of_the_service_that_runs(service: Service, tmp_path):
    file = tmp_path / "portfolio.json"
    file.write_text(json.dumps(PORTFOLIO))
    told = service.run("ask", "What should I pay first?", "--portfolio", str(file))
    assert told.returncode == 0, told.stderr
    assert len(told.stdout) > 500
    with service.client as client:
        latest = client.get("/v1/tasks", params={"limit": 1}).json()["items"][0]
        record = client.get(f"/v1/tasks/{latest['id']}").json()
    assert record["request"]["question"] == "What should I pay first?"
    assert record["result"]["narrative"] in told.stdout


def test_a_task_asked_twice_under_one_idempotency_key_is_one_task(service: Service):
    with service.client as client:
        first, second = (
            client.post("/v1/tasks", json=NEW_TASK, headers={"Idempotency-Key": "monday"}) for _ in range(2)
        )
    assert first.json()["id"] == second.json()["id"]
