"""The client over real HTTP: answers become values, and whatever goes wrong becomes one typed error."""

from collections.abc import Iterator

import pytest

from dashboard.asking.client import ApiError, Client
from tests.dashboard.scripted_api import Script, portfolio


@pytest.fixture
def client(api: str, script: Script) -> Iterator[Client]:
    made = Client(api, script.key, timeout_s=2)
    yield made
    made.close()


def refused(client: Client) -> ApiError:
    with pytest.raises(ApiError) as caught:
        client.health(portfolio())
    return caught.value


def test_answers_are_values(client: Client):
    assert str(client.health(portfolio()).total) == "15400.00"
    assert client.plan(portfolio(), "avalanche").strategy == "avalanche"
    assert len(client.compare(portfolio()).plans) == 7
    assert client.is_ready()


def test_a_refused_field_is_named_with_its_path(client: Client):
    wrong = portfolio()
    wrong["debts"][1]["apr"] = 2499
    with pytest.raises(ApiError) as caught:
        client.health(wrong)
    assert (caught.value.kind, caught.value.status, caught.value.trace_id) == ("refused", 422, "trace-1")
    assert [field.path for field in caught.value.fields] == ["portfolio.debts.1.apr"]
    assert not caught.value.is_outage


@pytest.mark.parametrize("fault", ["500", "garbage"])
def test_a_failing_service_is_an_outage(client: Client, script: Script, fault: str):
    script.fault = fault
    error = refused(client)
    assert (error.kind, error.is_outage) == ("server", True)
    assert not client.is_ready()


def test_a_service_that_is_not_there_is_an_outage():
    nobody = Client("http://127.0.0.1:9", "key", timeout_s=1)
    assert refused(nobody).kind == "unreachable"
    assert not nobody.is_ready()
    nobody.close()


def test_a_wrong_key_says_so(api: str):
    stranger = Client(api, "wrong", timeout_s=2)
    assert refused(stranger).kind == "key"
    stranger.close()


def test_what_a_role_does_not_open_says_so(client: Client, script: Script):
    script.fault = "forbidden"
    with pytest.raises(ApiError) as raised:
        client.health({})
    assert (raised.value.kind, raised.value.is_outage) == ("forbidden", False)


def test_an_unknown_task_is_missing(client: Client):
    with pytest.raises(ApiError) as caught:
        client.task("nobodys")
    assert caught.value.kind == "missing"


def test_an_answer_of_another_shape_is_the_services_fault(client: Client, script: Script):
    script.tasks["t1"] = {"id": "t1"}
    with pytest.raises(ApiError) as caught:
        client.task("t1")
    assert caught.value.kind == "server"


def test_the_same_question_sent_twice_is_one_task(client: Client, script: Script):
    new = {"type": "repayment_plan", "portfolio": portfolio(), "language": "en"}
    first = client.start_task(new, idempotency_key="k")
    assert client.start_task(new, idempotency_key="k") == first
    assert len(script.tasks) == 1


def test_events_are_read_after_the_last_one_seen_and_reading_ends_when_nothing_comes(client: Client, script: Script):
    script.say("t1", {"type": "chunk", "text": "a"}, {"type": "chunk", "text": "b"})
    first = list(client.events("t1", None, quiet_s=0.3, most_s=1))
    assert [event["text"] for event in first] == ["a", "b"]
    script.say("t1", {"type": "chunk", "text": "c"})
    assert [event["text"] for event in client.events("t1", first[-1]["id"], quiet_s=0.3, most_s=1)] == ["c"]


def test_reading_events_of_a_failing_service_is_an_error(client: Client, script: Script):
    script.fault = "500"
    with pytest.raises(ApiError):
        list(client.events("t1", None, quiet_s=0.3, most_s=1))


def test_a_version_that_has_moved_on_is_a_conflict(client: Client, script: Script):
    from data.portfolio.portfolio import Portfolio

    held = Portfolio.model_validate(portfolio())
    saved = client.save("Mine", held, idempotency_key="k")
    assert client.replace(saved.id, 1, "Mine", held).version == 2
    with pytest.raises(ApiError) as caught:
        client.replace(saved.id, 1, "Mine", held)
    assert caught.value.kind == "conflict"
