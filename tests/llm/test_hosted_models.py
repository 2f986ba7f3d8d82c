"""Tasks of each kind through the whole service, answered by a tiny Llama and a tiny Mixtral on real vLLM."""

import json
import os
import subprocess
from pathlib import Path

import httpx
import psutil
import pytest
from tenacity import RetryError

from serve.machine.models.hosted import DIRECT, HostedModels
from tests.journeys.house import NEW_TASK, Reading, Service, begin, record_of, until
from tests.llm.conftest import PYTHON

# Making the models, starting vLLM twice and the service takes minutes on two processors.
pytestmark = [pytest.mark.llm, pytest.mark.timeout(3000)]
FIRST_TOOL = {
    "debt_analysis": "list_debts",
    "repayment_plan": "compare_strategies",
    "financial_advice": "compare_strategies",
}


WRONG = {
    "tensor_parallel_size:": "tensor_parallel:",
    "min_replicas:": "min_replica:",
    "accelerator_type:": "accelerator:",
    "route_prefix:": "route:",
}
LOOK = """
import sys, yaml
from serve.machine.models import host
for text in sys.argv[1:]:
    try:
        host.built(yaml.safe_load(text))
        print("well")
    except host.WrongConfiguration as error:
        print(" ".join(str(error).split()))
"""


def test_the_clusters_configuration_fits_ray_and_vllm_and_a_misspelt_one_does_not():
    right = Path("serve/config/llm.yaml").read_text("utf-8")
    texts = [right, *(right.replace(known, misspelt) for known, misspelt in WRONG.items())]
    variables = {**os.environ, **DIRECT, "PYTHONPATH": str(Path.cwd()), "HF_HUB_OFFLINE": "1"}
    # All at once: vLLM takes long to load.
    looked = subprocess.run(
        [PYTHON, "-c", LOOK, *texts], env=variables, capture_output=True, text=True, timeout=300, check=False
    )
    assert looked.returncode == 0, looked.stderr
    # vLLM greets on standard output too.
    said = looked.stdout.splitlines()[-len(texts) :]
    assert said[0] == "well"
    assert all(misspelt.removesuffix(":") in line for misspelt, line in zip(WRONG.values(), said[1:], strict=True))


@pytest.mark.parametrize("model", ["llama", "mixtral"])
def test_models_answer_only_to_the_key(models: HostedModels, model: str):
    url = models.base_url.format(model=model)
    answers = {
        key: httpx.get(f"{url}/models", headers={"Authorization": f"Bearer {key}"}, trust_env=False).status_code
        for key in (models.key, "another")
    }
    assert answers == {models.key: 200, "another": 401}


@pytest.mark.parametrize("kind", FIRST_TOOL)
@pytest.mark.parametrize("model", ["llama", "mixtral"])
def test_a_task_is_answered_with_tools_and_streamed(service: Service, model: str, kind: str):
    reading = begin(service, {**NEW_TASK, "type": kind, "model": f"vllm:{model}"})
    reading.follow()
    record = record_of(reading)
    assert (record["status"], record["result"]["model"]) == ("completed", model)
    calls = [event["name"] for event in reading.events if event["type"] == "tool_call"]
    assert calls[0] == FIRST_TOOL[kind]
    assert any(event["ok"] for event in reading.events if event["type"] == "tool_result")
    assert reading.text == record["result"]["narrative"]
    assert record["result"]["grounding"]["unsupported"] == []
    assert record["result"]["usage"]["output_tokens"] > 10


def test_the_service_tells_which_models_answer(service: Service):
    with service.client as client:
        told = {model["name"]: model["is_answering"] for model in client.get("/v1/models").json()["items"]}
    assert told == {"vllm:llama": True, "offline": True}


@pytest.mark.parametrize("model", ["llama", "mixtral"])
def test_an_answer_is_streamed_as_it_is_written(models: HostedModels, model: str):
    # Asked directly: the service gathers what comes together, and a tiny model is quick.
    asked = {"model": model, "stream": True, "messages": [{"role": "user", "content": "Which debt first?"}]}
    headers = {"Authorization": f"Bearer {models.key}"}
    url = f"{models.base_url.format(model=model)}/chat/completions"
    with httpx.stream("POST", url, json=asked, headers=headers, timeout=120, trust_env=False) as answer:
        assert answer.status_code == 200
        pieces = [line for line in answer.iter_lines() if line.startswith("data: {")]
    assert len(pieces) > 5


def test_the_command_line_tries_them(service: Service):
    told = service.run("models", "vllm:llama", "vllm:mixtral", "--json")
    assert told.returncode == 0, told.stdout + told.stderr
    for model in json.loads(told.stdout)["models"]:
        assert (model["is_answering"], model["is_streaming"], model["calls_tools"]) == (True, True, True)
        assert model["tokens_per_s"] > 0


def test_nothing_of_their_host_listens_for_other_machines(models: HostedModels):
    host = psutil.Process(models.process.pid)
    open_to_all = [
        (each.name(), socket.laddr.port)
        for each in [host, *host.children(recursive=True)]
        if each.name() == "haproxy"
        for socket in each.net_connections("tcp")
        if socket.status == psutil.CONN_LISTEN and socket.laddr.ip not in ("127.0.0.1", "::1")
    ]
    assert open_to_all == []


def engine_of(models: HostedModels, model: str) -> psutil.Process:
    """The process that computes for a model."""
    host = psutil.Process(models.process.pid)
    (engine,) = [
        each
        for each in host.children(recursive=True)
        if "EngineCore" in " ".join(each.cmdline()) and f"ServeReplica:{model}:" in " ".join(each.parent().cmdline())
    ]
    return engine


def held_within_a_task(service: Service, engine: psutil.Process) -> Reading:
    """A task whose first tool has answered and whose engine is stopped before it has its second word."""
    for _ in range(20):
        reading = begin(service, {**NEW_TASK, "type": "repayment_plan", "model": "vllm:llama"})
        with service.client as client, client.stream("GET", f"/v1/tasks/{reading.task_id}/events") as answer:
            next(line for line in answer.iter_lines() if '"type":"tool_result"' in line.replace(": ", ":"))
        engine.suspend()
        if not ends(reading):
            return reading
        # It was quicker than we are.
        engine.resume()
    raise AssertionError("every task was over before its engine could be stopped")


def ends(reading: Reading) -> bool:
    """Whether a task ends although its engine is stopped: its last words may have been on their way."""
    try:
        until(lambda: record_of(reading)["status"] != "processing", within_s=15)
    except RetryError:
        return False
    return True


def is_answering(service: Service) -> bool:
    with service.client as client:
        told = {model["name"]: model["is_answering"] for model in client.get("/v1/models").json()["items"]}
    return told["vllm:llama"]


def test_a_task_outlives_the_engine_that_answers_it(service: Service, models: HostedModels):
    engine = engine_of(models, "llama")
    reading = held_within_a_task(service, engine)
    engine.kill()
    until(lambda: not is_answering(service), within_s=120)
    # By itself: nobody tries the task again.
    reading.follow()
    record = record_of(reading)
    assert (record["status"], record["attempt"]) == ("completed", 1)
    # What was finished before is not asked for again: each tool was called once, and told of once.
    calls = [event["call_id"] for event in reading.events if event["type"] == "tool_call"]
    results = [event["call_id"] for event in reading.events if event["type"] == "tool_result"]
    assert calls == results
    assert len(calls) == len(set(calls)) == record["result"]["usage"]["tool_calls"]
    assert record["result"]["usage"]["requests"] == len(calls) + 1
    assert "waiting_for_model" in [event.get("stage") for event in reading.events]
    assert engine_of(models, "llama").pid != engine.pid
    until(lambda: is_answering(service), within_s=60)
