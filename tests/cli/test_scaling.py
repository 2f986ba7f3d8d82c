"""How many replicas there are: by the tasks that wait, and by the processor that the endpoint uses."""

from types import SimpleNamespace

import pytest
from ray.serve.config import AutoscalingConfig

from serve.app import as_many_as_needed
from serve.watching.scaling import replicas_for_processor, workers_for_backlog


def context(now: int, **figures: dict[str, float]) -> SimpleNamespace:
    return SimpleNamespace(target_num_replicas=now, aggregated_metrics=figures)


@pytest.mark.parametrize(
    ("reported", "wanted"), [({}, 3), ({"a": 0.0}, 0), ({"a": 1.2, "b": 1.0}, 2), ({"a": 40.0, "b": 0.0}, 40)]
)
def test_there_are_as_many_workers_as_the_backlog_fills(reported: dict[str, float], wanted: int):
    assert workers_for_backlog(context(3, wanted=reported)) == (wanted, {})


def test_without_a_report_everything_stays_as_it_is():
    nothing = SimpleNamespace(target_num_replicas=5, aggregated_metrics=None)
    assert workers_for_backlog(nothing)[0] == replicas_for_processor(nothing)[0] == 5


@pytest.mark.parametrize(
    ("busy", "wanted"), [([0.01], 1), ([0.9], 2), ([0.5, 0.5], 2), ([0.9, 0.9], 3), ([0.1] * 4, 1)]
)
def test_the_endpoint_has_as_many_replicas_as_keep_each_below_its_share(busy: list[float], wanted: int):
    reported = {str(number): share for number, share in enumerate(busy)}
    assert replicas_for_processor(context(len(busy), busy=reported)) == (wanted, {})


def test_ray_takes_the_workers_options_and_finds_the_policy():
    assert as_many_as_needed(2, 2) == {"num_replicas": 2}
    options = as_many_as_needed(1, 8)
    config = AutoscalingConfig(**options["autoscaling_config"])
    assert (config.min_replicas, config.max_replicas, options["num_replicas"]) == (1, 8, None)
    assert config.policy.get_policy()(context(1, wanted={"a": 5.0})) == (5, {})
