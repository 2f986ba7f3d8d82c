"""Hosts language models on vLLM by Ray Serve: each model of a configuration as an application of its own.

`python -m serve.machine.models.host serve/config/llm.yaml` joins the Ray cluster of this machine, or starts a Ray for
itself with `--own FOLDER`. Runs in the environment of `requirements-llm.lock`, without the rest of the product: vLLM
and the product pin different versions of the same libraries.
"""

import argparse
import os
import signal
import sys
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, cast

import ray
import ray.serve
import yaml
from ray.serve.config import AutoscalingConfig
from ray.serve.llm import LLMConfig, LLMServingArgs, build_openai_app
from ray.serve.schema import ServeDeploySchema

from serve.machine.lone import end_when_alone, end_when_told
from serve.machine.own_ray.node import few_processes

# Read as Ray is imported: HAProxy in front, and each request straight to the engine's own server, its body looked at.
NEEDED = (
    "RAY_SERVE_ENABLE_HA_PROXY",
    "RAY_SERVE_LLM_ENABLE_DIRECT_STREAMING",
    "RAY_SERVE_INGRESS_REQUEST_ROUTER_FORWARD_BODY",
)
# What an engine on a few processors needs: its cache in GB, and no processor to itself.
ON_CPU = {"VLLM_CPU_KVCACHE_SPACE": "1", "VLLM_CPU_OMP_THREADS_BIND": "nobind", "OMP_NUM_THREADS": "1"}
OBJECT_STORE_BYTES = 100_000_000  # of a Ray of its own, which keeps nothing there
PARSERS = {"llama": "llama3_json", "mixtral": "mistral"}


class WrongConfiguration(ValueError):
    """The configuration cannot be hosted; the message says what to change."""


def tiny(models: Mapping[str, Path]) -> dict[str, Any]:
    """A configuration of the tiny models of `tiny_model.py`, by their kinds, on this machine's processors."""
    return {"applications": [_tiny_application(kind, folder) for kind, folder in models.items()]}


@dataclass(frozen=True)
class HostedApplication:
    """One model as an application of Ray Serve, with its name and its path."""

    name: str
    route: str | None
    built: Any


def built(configuration: Mapping[str, Any]) -> list[HostedApplication]:
    """The applications of a configuration; nothing is started.

    Raises:
        WrongConfiguration: a field that Ray or vLLM does not know, or models that cannot be hosted so.
    """
    applications: list[HostedApplication] = []
    try:
        for application in ServeDeploySchema.model_validate(dict(configuration)).applications:
            models = LLMServingArgs.model_validate(application.args).llm_configs
            if len(models) != 1:
                raise WrongConfiguration(f"{application.name}: one model an application, not {len(models)}")
            model = cast("LLMConfig", models[0])
            # Ray takes any of these until a replica is to be started.
            model.get_engine_config()
            scaling = model.deployment_config.get("autoscaling_config", {})
            AutoscalingConfig.model_validate(scaling)
            if unknown := scaling.keys() - AutoscalingConfig.model_fields.keys():
                raise WrongConfiguration(f"{application.name}: autoscaling_config has no {', '.join(sorted(unknown))}")
            made = build_openai_app(application.args)
            applications.append(HostedApplication(application.name, application.route_prefix, made))
    except ValueError as error:
        raise WrongConfiguration(str(error)) from error
    return applications


def deploy(configuration: Mapping[str, Any]) -> None:
    """Deploy every model to the Ray that this process has joined; returns when all of them answer."""
    for application in built(configuration):
        ray.serve.run(application.built, name=application.name, route_prefix=application.route)


def main() -> None:
    """Host until told to end; on a cluster the models stay when this process goes."""
    said = _arguments()
    _need_variables()
    configuration = tiny(dict(said.tiny)) if said.tiny else yaml.safe_load(said.configuration.read_text("utf-8"))
    where = {"host": said.host, "port": said.port} if said.own else configuration.get("http_options")
    if said.own:
        with few_processes():
            ray.init(
                address="local",
                include_dashboard=False,
                object_store_memory=OBJECT_STORE_BYTES,
                _node_ip_address="127.0.0.1",
                _temp_dir=str(said.own.resolve() / "r"),
            )
    else:
        ray.init(address="auto")
    end_when_told()
    if said.own:
        end_when_alone()
    try:
        ray.serve.start(proxy_location=configuration.get("proxy_location"), http_options=where)
        deploy(configuration)
        sys.stdout.write("ready\n")
        sys.stdout.flush()
        if said.own:
            signal.pause()
    finally:
        if said.own:
            ray.serve.shutdown()
        ray.shutdown()


def _need_variables() -> None:
    given = os.environ  # noqa: TID251 (the product's settings are not in this environment)
    if not given.get("VLLM_API_KEY"):
        raise SystemExit("VLLM_API_KEY is not set: whoever reaches the port could ask the models")
    if missing := [name for name in NEEDED if given.get(name) != "1"]:
        raise SystemExit(f"{', '.join(missing)} must be 1, here and where Ray was started on each node")


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("configuration", type=Path, nargs="?", help="a YAML file such as serve/config/llm.yaml")
    parser.add_argument("--tiny", type=_named, nargs="+", metavar="KIND=FOLDER", help="tiny models instead of a file")
    parser.add_argument("--own", type=Path, metavar="FOLDER", help="start a Ray of its own, its files in this folder")
    parser.add_argument("--host", default="127.0.0.1", help="where a Ray of its own listens")
    parser.add_argument("--port", type=int, default=8000)
    said = parser.parse_args()
    if (said.configuration is None) == (said.tiny is None):
        parser.error("name a configuration, or tiny models")
    return said


def _named(said: str) -> tuple[str, Path]:
    kind, _, folder = said.partition("=")
    if kind not in PARSERS or not folder:
        raise argparse.ArgumentTypeError(f"{said}: write {' or '.join(PARSERS)}, then = and a folder")
    return kind, Path(folder).resolve()


def _tiny_application(kind: str, folder: Path) -> dict[str, Any]:
    model = {
        "model_loading_config": {"model_id": kind, "model_source": str(folder)},
        "accelerator_config": {"kind": "cpu"},
        "engine_kwargs": {
            "max_model_len": 32_768,
            "max_num_seqs": 16,
            "enforce_eager": True,
            "dtype": "bfloat16",
            "enable_auto_tool_choice": True,
            "tool_call_parser": PARSERS[kind],
        },
        "deployment_config": {
            "autoscaling_config": {"min_replicas": 1, "max_replicas": 1},
            # Three in a row end a replica whose engine has died; a busy machine is slow to answer.
            "health_check_period_s": 2,
            "health_check_timeout_s": 30,
            # A fraction: on two processors whole ones would never all be free.
            "ray_actor_options": {"num_cpus": 0.1},
        },
        "placement_group_config": {"bundles": [{"CPU": 0.1}]},
        "runtime_env": {"env_vars": {**ON_CPU, "HF_HUB_OFFLINE": "1"}},
    }
    return {
        "name": kind,
        "route_prefix": f"/{kind}",
        "import_path": "ray.serve.llm:build_openai_app",
        "args": {"llm_configs": [model]},
    }


if __name__ == "__main__":
    main()
