"""Ray's way to the simulated cloud: a node provider and a shell, both of which ask the test that keeps the machines.

`ray up` and the autoscaler on the head load this where `ray_cluster.yaml` says `aws`; it knows nothing of the test but
the socket at which `tests/cluster/cloud.py` listens. In place of ssh and rsync, commands and files go through it too.
"""

import json
import socket
from pathlib import Path
from typing import Any

import click
from ray.autoscaler._private.command_runner import _with_environment_variables
from ray.autoscaler.command_runner import CommandRunnerInterface
from ray.autoscaler.node_provider import NodeProvider


class SimulatedCloud(NodeProvider):
    """What Ray asks of a cloud."""

    def ask(self, what: str, **words: Any) -> Any:
        with socket.socket(socket.AF_UNIX) as line:
            line.connect(self.provider_config["socket"])
            line.sendall(json.dumps({"what": what, **words}).encode() + b"\n")
            with line.makefile("r") as said:
                answer = json.loads(said.readline())
        if "failed" in answer:
            raise click.ClickException(answer["failed"])
        return answer["is"]

    def non_terminated_nodes(self, tag_filters: dict[str, str]) -> list[str]:
        machines: dict[str, dict[str, Any]] = self.ask("list")
        return [name for name, one in machines.items() if tag_filters.items() <= one["tags"].items()]

    def is_running(self, node_id: str) -> bool:
        return node_id in self.ask("list")

    def is_terminated(self, node_id: str) -> bool:
        return not self.is_running(node_id)

    def node_tags(self, node_id: str) -> dict[str, str]:
        return self.ask("list")[node_id]["tags"]

    def external_ip(self, node_id: str) -> str:
        return self.ask("list")[node_id]["address"]

    internal_ip = external_ip

    def create_node(self, node_config: dict[str, Any], tags: dict[str, str], count: int) -> None:
        for _ in range(count):
            self.ask("boot", tags=tags)

    def set_node_tags(self, node_id: str, tags: dict[str, str]) -> None:
        self.ask("tag", name=node_id, tags=tags)

    def terminate_node(self, node_id: str) -> None:
        self.ask("end", name=node_id)

    def get_command_runner(self, log_prefix: str, node_id: str, *_: Any, **__: Any) -> "Shell":
        return Shell(self, node_id)


class Shell(CommandRunnerInterface):
    """A machine's shell and disk."""

    def __init__(self, cloud: SimulatedCloud, name: str) -> None:
        self.cloud, self.name = cloud, name

    def run(
        self,
        cmd: str | None = None,
        timeout: int = 120,
        exit_on_fail: bool = False,
        port_forward: Any = None,
        with_output: bool = False,
        environment_variables: dict[str, object] | None = None,
        **_: Any,
    ) -> str:
        shell = _with_environment_variables(cmd or "true", environment_variables or {})
        said = self.cloud.ask("run", name=self.name, shell=shell)
        click.echo(said, nl=False)
        return said if with_output else ""

    def run_rsync_up(self, source: str, target: str, options: dict[str, Any] | None = None) -> None:
        left_out = (options or {}).get("rsync_exclude") or []
        self.cloud.ask("copy", name=self.name, source=str(Path(source).resolve()), target=target, left_out=left_out)

    def run_rsync_down(self, source: str, target: str, options: dict[str, Any] | None = None) -> None:
        # Ray asks for it in `ray rsync-down` alone, which nothing here gives.
        raise NotImplementedError

    def remote_shell_command_str(self) -> str:
        return f"(a shell on {self.name})"
