"""A backup of a service whose batches lie in a bucket, put back into a folder and into another place of the bucket."""

from pathlib import Path

import pytest

from data.clock import utc_now
from data.errors import OperatorError
from serve.batches.files.bucket import BucketPath, bucket_path
from serve.batches.files.place import files_below, folders_in, take_away
from serve.keeping.backups.backup import Kept, backup
from serve.keeping.backups.restore import restore

CONTENT = b"portfolio_id,name,balance,apr\nC1,Visa,100,20\n" * 50_000


@pytest.fixture
def place(s3, tmp_path: Path) -> BucketPath:
    url = f"s3://{s3.bucket}/{tmp_path.parent.name}/{tmp_path.name}"
    return bucket_path(url, endpoint=s3.endpoint, region="us-east-1", key_id=s3.key_id, secret=s3.secret)


def test_a_backup_holds_the_bucket_and_is_put_back_into_a_folder_or_another_bucket(
    place, migrated_sqlite_url, tmp_path
):
    (place / "one" / "input.csv").write_bytes(CONTENT)
    (place / "two" / ".batch" / "000000.json").write_bytes(b"{}")
    file = tmp_path / "kept.tar.gz"
    backup(Kept(migrated_sqlite_url, place, tmp_path / "none"), file, utc_now())
    for number, target in enumerate([tmp_path / "put" / "batches", place / "other"]):
        state = tmp_path / str(number)
        state.mkdir()
        restore(file, Kept(f"sqlite:///{state / 'records.db'}", target, state / "api_key"))
        assert {name: path.read_bytes() for name, path in files_below(target)} == {
            "one/input.csv": CONTENT,
            "two/.batch/000000.json": b"{}",
        }
    assert set(folders_in(tmp_path / "put" / "batches")) == {
        tmp_path / "put" / "batches" / name for name in ("one", "two")
    }
    taken = Kept(f"sqlite:///{tmp_path / 'again' / 'records.db'}", place, tmp_path / "again" / "api_key")
    with pytest.raises(OperatorError, match="is not empty"):
        restore(file, taken)
    take_away(place / "other")
    assert [name for name, _ in files_below(place)] == ["one/input.csv", "two/.batch/000000.json"]
