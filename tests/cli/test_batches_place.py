"""Where the files of batches lie, as an operator says it: a folder, a shared one, a bucket; and what is wrong there."""

from pathlib import Path

import pytest

from data.errors import BadSetting
from serve.composition.shared_places import own_places
from serve.machine.cluster.checks import _batches
from serve.settings import Settings


@pytest.fixture
def variables(s3, tmp_path: Path) -> dict[str, str]:
    return {**s3.variables, "BATCHES": f"s3://{s3.bucket}/{tmp_path.name}"}


def load(variables: dict[str, str], state_dir: Path, **changes: str) -> Settings:
    return Settings.load(state_dir=state_dir, **{name.lower(): value for name, value in (variables | changes).items()})


@pytest.mark.parametrize(
    ("changes", "says"),
    [
        ({"BATCHES": "s3://nobodys/x"}, ["BATCHES", "is not there"]),
        ({"AWS_ACCESS_KEY_ID": "nobody"}, ["BATCHES", "refuses", "AWS_ACCESS_KEY_ID"]),
        ({"AWS_SECRET_ACCESS_KEY": "wrong"}, ["BATCHES", "SignatureDoesNotMatch", "AWS_SECRET_ACCESS_KEY"]),
        ({"AWS_ENDPOINT_URL": "http://127.0.0.1:1"}, ["BATCHES", "does not answer", "http://127.0.0.1:1"]),
    ],
)
def test_a_deployment_is_told_what_is_wrong_with_its_bucket(variables, tmp_path, changes, says):
    found = _batches(load(variables, tmp_path, **changes))
    assert not found.is_ok
    assert [word for word in says if word not in f"{found.found}: {found.mend}"] == []
    assert _batches(load(variables, tmp_path)).is_ok


def test_the_parts_of_a_run_are_told_of_the_bucket_whatever_their_environment(variables, tmp_path):
    assert load(variables, tmp_path).batches_variables == variables


def test_nodes_share_a_bucket_and_say_what_they_do_not_share(variables, tmp_path):
    settings = load({**variables, "DATABASE_URL": "postgresql://ann@db/debts"}, tmp_path)
    assert own_places(settings) == []
    assert len(own_places(load({}, tmp_path))) == 2


@pytest.mark.parametrize("url", ["s3://", "s3:///x", "s3://key:secret@bucket/x", "gs://bucket", "ftp://x"])
def test_a_place_that_is_neither_a_folder_nor_a_bucket_is_refused_by_its_name(url, tmp_path):
    with pytest.raises(BadSetting, match=r"BATCHES.*s3://BUCKET"):
        Settings.load(state_dir=tmp_path, batches=url)


def test_batches_may_lie_in_a_folder_of_their_own(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    assert Settings.load(state_dir=tmp_path, batches="mine").batches_dir == tmp_path / "mine"
