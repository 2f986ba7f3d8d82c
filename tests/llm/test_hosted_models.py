"""Tasks of each kind through the whole service, answered by a tiny Llama and a tiny Mixtral on real vLLM."""

import os
import subprocess
from pathlib import Path

import httpx
import psutil
import pytest

from serve.machine.models.hosted import DIRECT, HostedModels
from tests.journeys.house import NEW_TASK, Service, begin, record_of, until
from tests.llm.conftest import PYTHON

# Making the models, starting vLLM twice and the service takes minutes on two processors.
pytestmark = [pytest.mark.llm, pytest.mark.timeout(1500)]
FIRST_TOOL = {
    "debt_analysis": "list_debts",
    "repayment_plan": "compare_strategies",
    "financial_advice": "compare_strategies",
}


def said_of(configuration: Path) -> str:
    """What the host says of a configuration, without starting anything."""
    look = "import sys, yaml; from serve.machine.models import host; host.built(yaml.safe_load(open(sys.argv[1])))"
    variables = {**os.environ, **DIRECT, "PYTHONPATH": str(Path.cwd()), "HF_HUB_OFFLINE": "1"}
    looked = subprocess.run(
        [PYTHON, "-c", look, configuration], env=variables, capture_output=True, text=True, timeout=300, check=False
    )
    return looked.stderr if looked.returncode else ""


@pytest.mark.parametrize(
    ("right", "wrong"),
    [
        ("", ""),
        ("tensor_parallel_size:", "tensor_parallel:"),
        ("min_replicas:", "min_replica:"),
        ("accelerator_type:", "accelerator:"),
        ("route_prefix:", "route:"),
    ],
)
def test_the_clusters_configuration_fits_ray_and_vllm_and_a_misspelt_one_does_not(
    tmp_path: Path, right: str, wrong: str
):
    configuration = tmp_path / "llm.yaml"
    configuration.write_text(Path("serve/config/llm.yaml").read_text("utf-8").replace(right, wrong), "utf-8")
    said = said_of(configuration)
    assert bool(said) is bool(wrong)
    assert wrong.removesuffix(":") in said


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
    # Counted by the model, and streamed: more than the one piece that a whole answer would be.
    assert record["result"]["usage"]["output_tokens"] > 10
    assert reading.kinds.count("chunk") > 1


def test_the_service_tells_which_models_answer(service: Service):
    with service.client as client:
        told = {model["name"]: model["is_answering"] for model in client.get("/v1/models").json()["items"]}
    assert told == {"vllm:llama": True, "offline": True}


def is_answering(service: Service) -> bool:
    """Whether the service's own model answers now."""
    with service.client as client:
        return bool(client.get("/v1/models").json()["items"][0]["is_answering"])


def test_a_task_outlives_the_engine_that_answers_it(service: Service, models: HostedModels):
    host = psutil.Process(models.process.pid)
    engines = [one for one in host.children(recursive=True) if "EngineCore" in " ".join(one.cmdline())]
    assert engines
    reading = begin(service, {**NEW_TASK, "type": "repayment_plan", "model": "vllm:llama"})
    for engine in engines:
        engine.kill()
    reading.follow()
    record = record_of(reading)
    if record["status"] == "failed":
        # It says what is wrong, and goes on when the model is back.
        assert record["error"]["type"] == "model-unavailable"
        until(lambda: is_answering(service), within_s=600)
        with service.client as client:
            assert client.post(f"/v1/tasks/{reading.task_id}/retry").status_code == 202
        until(lambda: record_of(reading)["status"] == "completed", within_s=600)
    assert record_of(reading)["status"] == "completed"
