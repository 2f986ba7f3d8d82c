"""The Dockerfile, compose.yaml and the manifest for Kubernetes: what each tool's own rules say, and that they agree."""

import subprocess
import sys
from pathlib import Path
from typing import Any

import kubernetes_validate
import pytest
import yaml
from ray.serve.schema import ServeDeploySchema

from serve.settings import Settings

ROOT = Path(__file__).resolve().parents[2]
BIN = Path(sys.executable).parent
KUBERNETES = "1.33"
ITEMS: list[dict[str, Any]] = yaml.safe_load((ROOT / "serve/config/kubernetes.yaml").read_text("utf-8"))["items"]
CLUSTER = yaml.safe_load((ROOT / "serve/config/cluster.yaml").read_text("utf-8"))
(RAY,) = [item for item in ITEMS if item["kind"] == "RayService"]
RAY_NODES = [RAY["spec"]["rayClusterConfig"]["headGroupSpec"], *RAY["spec"]["rayClusterConfig"]["workerGroupSpecs"]]
# KubeRay adds what a node needs: a command, a probe.
PODS = [group["template"]["spec"] for group in RAY_NODES]
PODS += [item["spec"]["template"]["spec"] for item in ITEMS if item["kind"] in {"Job", "Deployment"}]


@pytest.mark.parametrize(
    "words",
    [
        ("hadolint", "Dockerfile"),
        ("check-jsonschema", "--builtin-schema", "vendor.compose-spec", "compose.yaml"),
    ],
)
def test_each_file_follows_its_tools_rules(words: tuple[str, ...]):
    looked = subprocess.run([BIN / words[0], *words[1:]], cwd=ROOT, capture_output=True, text=True)
    assert looked.returncode == 0, looked.stdout + looked.stderr


@pytest.mark.parametrize("item", [item for item in ITEMS if item is not RAY], ids=lambda item: item["kind"])
def test_kubernetes_knows_every_field(item: dict[str, Any]):
    kubernetes_validate.validate(item, KUBERNETES, strict=True)


@pytest.mark.parametrize("pod", PODS, ids=lambda pod: pod["containers"][0]["name"])
def test_every_pod_runs_without_rights_on_a_root_it_cannot_write(pod: dict[str, Any]):
    whole = {"apiVersion": "v1", "kind": "Pod", "metadata": {"name": "one"}, "spec": pod}
    kubernetes_validate.validate(whole, KUBERNETES, strict=True)
    assert pod["securityContext"]["runAsNonRoot"]
    (container,) = pod["containers"]
    assert container["securityContext"]["readOnlyRootFilesystem"]
    assert container["securityContext"]["capabilities"] == {"drop": ["ALL"]}
    assert not container["securityContext"]["allowPrivilegeEscalation"]
    assert {"/state", "/tmp"} <= {mount["mountPath"] for mount in container["volumeMounts"]}


def test_kubernetes_runs_the_same_application_as_a_cluster_of_machines():
    config = yaml.safe_load(RAY["spec"]["serveConfigV2"])
    ServeDeploySchema.model_validate(config)
    assert config == CLUSTER


def test_ray_asks_for_its_token_and_outlives_its_head():
    cluster = RAY["spec"]["rayClusterConfig"]
    assert cluster["authOptions"] == {"mode": "token"}
    assert cluster["gcsFaultToleranceOptions"]["redisAddress"]
    assert cluster["headGroupSpec"]["rayStartParams"]["num-cpus"] == "0"
    assert f'ray[serve,data]=={cluster["rayVersion"]}"' in (ROOT / "pyproject.toml").read_text("utf-8")


def test_every_setting_that_is_given_is_one(monkeypatch: pytest.MonkeyPatch):
    (given,) = [item["data"] for item in ITEMS if item["kind"] == "ConfigMap"]
    services = yaml.safe_load((ROOT / "compose.yaml").read_text("utf-8"))["services"]
    given |= {name: value for service in ("migrate", "api") for name, value in services[service]["environment"].items()}
    known = {name.upper() for name in Settings.model_fields}
    assert {name for name in given if not name.startswith("RAY_")} <= known


def test_no_secret_has_a_value():
    for file in (ROOT / "compose.yaml", ROOT / "serve/config/kubernetes.yaml"):
        lines = [line for line in file.read_text("utf-8").splitlines() if not line.strip().startswith("#")]
        named = [line for line in lines if "PASSWORD" in line or "_KEY" in line]
        assert [line for line in named if "${" not in line and "$$" not in line and "secretKeyRef" not in line] == []
