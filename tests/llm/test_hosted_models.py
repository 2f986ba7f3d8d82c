"""Tasks of each kind through the whole service, answered by a tiny Llama and a tiny Mixtral on real vLLM."""

import os
import subprocess
from pathlib import Path

import httpx
import psutil
import pytest

from serve.machine.models.hosted import DIRECT, HostedModels
from tests.journeys.house import NEW_TASK, Reading, Service, begin, record_of, until
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


def tried_again(reading: Reading) -> bool:
    """Whether the task is completed; one that has failed is tried again."""
    record = record_of(reading)
    if record["status"] == "failed":
        # It says what is wrong. The list of models answers while the engine is away, so that only a task can tell.
        assert record["error"]["type"] == "model-unavailable"
        with reading.service.client as client:
            assert client.post(f"/v1/tasks/{reading.task_id}/retry").status_code == 202
    return record["status"] == "completed"


def test_a_task_outlives_the_engine_that_answers_it(service: Service, models: HostedModels):
    host = psutil.Process(models.process.pid)
    engines = [one for one in host.children(recursive=True) if "EngineCore" in " ".join(one.cmdline())]
    assert engines
    reading = begin(service, {**NEW_TASK, "type": "repayment_plan", "model": "vllm:llama"})
    for engine in engines:
        engine.kill()
    until(lambda: tried_again(reading), within_s=600)
