"""`deploy` where it does not come about: what stands against it, and a service that does not start."""

from dataclasses import dataclass, field
from pathlib import Path

import pytest
from ray.serve.schema import ApplicationDetails, ApplicationStatus, ServeInstanceDetails

from data.errors import OperatorError, ServiceUnavailable
from serve.machine.cluster.deploy import wait

NOBODY = "http://127.0.0.1:1"
TRACE = """Deploying app 'debt-optimizer' failed with exception:
Traceback (most recent call last):
  File "serve/composition/shared_places.py", line 19, in need_shared_places
    raise BadSetting("...")
data.errors.BadSetting: the cluster has 2 nodes: DATABASE_URL is a SQLite file

The above exception was the direct cause of the following:
"""


@dataclass
class TwoStates:
    """A head whose application is first in one state and then in another."""

    then: str
    told_at: float = 2.0
    asked: list[int] = field(default_factory=list)

    def details(self) -> ServeInstanceDetails:
        self.asked.append(1)
        status = ApplicationStatus("DEPLOYING" if len(self.asked) == 1 else self.then)
        application = ApplicationDetails.model_construct(
            status=status, message=TRACE, last_deployed_time_s=self.told_at, deployments={}
        )
        return ServeInstanceDetails.model_construct(
            applications={"debt-optimizer": application}, proxies={}, http_options=None
        )


def test_a_service_that_cannot_start_says_why_in_a_line():
    with pytest.raises(OperatorError) as raised:
        wait(TwoStates("DEPLOY_FAILED"), 1.0, 60, lambda _: None)
    assert raised.value.message.endswith("the cluster has 2 nodes: DATABASE_URL is a SQLite file")


def test_a_failure_of_before_is_not_taken_for_one_of_now():
    said: list[str] = []
    with pytest.raises(ServiceUnavailable, match="not ready after"):
        wait(TwoStates("DEPLOY_FAILED"), 2.0, 1.5, said.append)
    assert said


def test_a_head_that_nobody_is_at_and_a_file_that_is_no_config_are_told(run, tmp_path: Path):
    file = tmp_path / "config.yaml"
    file.write_text("applications: 7")
    told = run("deploy", file, "--address", NOBODY, "--json")
    wrong = {check["name"]: check for check in told.json["checks"] if not check["is_ok"]}
    assert (told.code, told.json["deployed"]) == (1, False)
    assert {"config", "Ray's head", "nodes", "database", "redis"} <= set(wrong)
    assert all(check["mend"] for check in wrong.values())
    assert "--address" in wrong["Ray's head"]["mend"]
    file.write_text("applications: [{name: other, import_path: 'serve.app:build'}]")
    shown = run("deploy", file, "--address", NOBODY)
    assert (shown.code, "debt-optimizer" in shown.out) == (1, True)


def test_a_config_that_is_not_there_is_told(run):
    assert "nowhere.yaml" in run("deploy", "nowhere.yaml", "--address", NOBODY).err
