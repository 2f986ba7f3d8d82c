"""The deployment files against Ray's own schemas, so that a wrong field fails here and not on a cluster."""

from pathlib import Path
from typing import Any

import pytest
import yaml
from ray.autoscaler._private.util import validate_config
from ray.serve.schema import ServeDeploySchema

ROOT = Path(__file__).resolve().parents[2]


def read(name: str) -> dict[str, Any]:
    return yaml.safe_load((ROOT / name).read_text("utf-8"))


@pytest.mark.parametrize("name", ["local.yaml", "cluster.yaml"])
def test_rays_schema_takes_the_serve_config_and_knows_every_field_of_it(name: str):
    config = read(f"serve/config/{name}")
    schema = ServeDeploySchema.model_validate(config)
    understood = schema.model_dump(exclude_unset=True, mode="json")
    assert set(understood) == set(config)
    (application,) = schema.applications
    assert set(application.model_dump(exclude_unset=True)) == set(config["applications"][0])
    for deployment, written in zip(application.deployments, config["applications"][0]["deployments"], strict=True):
        assert {key for key, value in deployment.model_dump(exclude_unset=True).items() if key in written} == set(
            written
        )


def test_only_the_cluster_listens_beyond_its_machine():
    assert read("serve/config/local.yaml")["http_options"]["host"] == "127.0.0.1"
    assert read("serve/config/cluster.yaml")["http_options"]["host"] == "0.0.0.0"


CLUSTERS = ["ray_cluster.yaml", "ray_models.yaml"]


@pytest.mark.parametrize("name", CLUSTERS)
def test_rays_schema_takes_the_cluster(name: str):
    validate_config(read(name))


@pytest.mark.parametrize("name", CLUSTERS)
def test_the_head_does_no_work_and_every_node_needs_the_token(name: str):
    cluster = read(name)
    head = cluster["available_node_types"][cluster["head_node_type"]]
    assert head["resources"] == {"CPU": 0, "GPU": 0}
    starts = [cluster["head_start_ray_commands"][-1], cluster["worker_start_ray_commands"][-1]]
    assert all("RAY_AUTH_MODE=token" in command for command in starts)
    assert "--num-cpus=0" in starts[0]
    assert "~/.ray/auth_token" in cluster["file_mounts"]


@pytest.mark.parametrize("name", CLUSTERS)
def test_every_machine_is_set_up_whole_on_an_image_that_we_name(name: str):
    # Ray's own image is of 2018, and its own set-up of the head installs beside the system's Python.
    cluster = read(name)
    for kind in cluster["available_node_types"].values():
        assert kind["node_config"]["ImageId"].startswith("ami-")
        assert "worker_setup_commands" not in kind  # Ray would leave out those of all
    assert {"head_setup_commands", "worker_setup_commands"} <= set(cluster)
    assert any("3, 11" in command for command in cluster["setup_commands"])


def test_the_clusters_grow_by_processors_and_by_graphics_processors():
    growing = {}
    for name in CLUSTERS:
        types = read(name)["available_node_types"]
        growing |= {
            kind: each["resources"] for kind, each in types.items() if each["max_workers"] > each["min_workers"]
        }
    assert growing == {"cpu": {"CPU": 16}, "gpu": {"CPU": 96, "GPU": 8}}


def test_the_models_machines_hold_what_one_copy_of_each_model_asks_for():
    asked = [model["engine_kwargs"].get("tensor_parallel_size", 1) for model in _models()]
    gpus = read("ray_models.yaml")["available_node_types"]["gpu"]["resources"]["GPU"]
    assert all(number <= gpus for number in asked)


def _models() -> list[dict[str, Any]]:
    return [model for each in read("serve/config/llm.yaml")["applications"] for model in each["args"]["llm_configs"]]
