"""What every node of a cluster must share: refused where each would have its own, before anybody's task is taken."""

import asyncio

import pytest
import ray

from data.errors import BadSetting
from serve.composition.shared_places import need_shared_places
from serve.deployments import AgentWorker, Api, BatchWorker
from serve.settings import Settings

POSTGRES = "postgresql://ann@db/debts"


def test_one_node_may_keep_everything_to_itself():
    need_shared_places(1, Settings.load())


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({}, ["SQLite", "Postgres", "debt-optimizer migrate", "BATCHES_SHARED=true"]),
        ({"database_url": POSTGRES}, ["batches", "s3://", "BATCHES_SHARED=true"]),
        ({"batches_shared": True}, ["SQLite", "DATABASE_URL"]),
    ],
)
def test_two_nodes_with_records_or_batches_of_their_own_are_refused(changes: dict, said: list[str]):
    with pytest.raises(BadSetting, match="2 nodes") as raised:
        need_shared_places(2, Settings.load(**changes))
    assert [word for word in said if word not in raised.value.message] == []


def test_two_nodes_that_share_both_are_not():
    need_shared_places(2, Settings.load(database_url=POSTGRES, batches_shared=True))


@pytest.mark.parametrize("deployment", [Api, AgentWorker, BatchWorker])
def test_a_replica_that_starts_among_several_nodes_refuses(monkeypatch: pytest.MonkeyPatch, deployment):
    monkeypatch.setattr(ray, "nodes", lambda: [{"Alive": True}, {"Alive": False}, {"Alive": True}])
    kind = deployment.func_or_class
    words = ([],) if deployment is Api else ()
    with pytest.raises(BadSetting, match="2 nodes"):
        asyncio.run(kind.__init__(object.__new__(kind), *words))
