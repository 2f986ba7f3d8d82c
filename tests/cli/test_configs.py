"""The deployment files against Ray's own schemas, so that a wrong field fails here and not on a cluster."""

from pathlib import Path

import pytest
import yaml
from ray.autoscaler._private.util import validate_config
from ray.serve.schema import ServeDeploySchema

ROOT = Path(__file__).resolve().parents[2]


def read(name: str) -> dict[str, object]:
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


def test_rays_schema_takes_the_cluster():
    validate_config(read("ray_cluster.yaml"))


def test_the_head_does_no_work_and_every_node_needs_the_token():
    cluster = read("ray_cluster.yaml")
    head = cluster["available_node_types"][cluster["head_node_type"]]
    assert head["resources"] == {"CPU": 0, "GPU": 0}
    starts = [cluster["head_start_ray_commands"][-1], cluster["worker_start_ray_commands"][-1]]
    assert all("RAY_AUTH_MODE=token" in command for command in starts)
    assert "--num-cpus=0" in starts[0]
    assert "~/.ray/auth_token" in cluster["file_mounts"]


def test_the_cluster_grows_by_processors_and_by_graphics_processors():
    types = read("ray_cluster.yaml")["available_node_types"]
    growing = {name: node["resources"] for name, node in types.items() if node["max_workers"] > node["min_workers"]}
    assert growing == {"cpu": {"CPU": 16}, "gpu": {"CPU": 96, "GPU": 8}}
