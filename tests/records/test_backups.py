"""A backup under load put back elsewhere: what was accepted before is in it, each thing wholly or not at all."""

import asyncio
import json
import os
import resource
import tarfile
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import replace
from datetime import UTC, datetime
from gzip import GzipFile
from io import BytesIO
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import create_engine, make_url, text

from data.channels.task_queue.in_memory import MemoryTaskQueue
from data.clock import utc_now
from data.errors import OperatorError
from data.ident import new_id
from data.records.accounts.account_store import AccountStore
from data.records.audit.audit_event import Actor, Deed
from data.records.audit.audit_store import AuditStore
from data.records.database import Database
from data.records.tasks.task_store import TaskStore
from data.wire.agent_run import Step
from data.wire.task import TaskStatus
from serve.keeping.backups.backup import Kept, backup
from serve.keeping.backups.manifest import MANIFEST
from serve.keeping.backups.restore import restore
from serve.tasks.reconciler import Reconciler
from tests.records.earlier import apply, moved_to

pytestmark = pytest.mark.anyio
NOW = datetime(2027, 1, 2, 3, 4, 5, tzinfo=UTC)
FULL_AT = 60_000


@pytest.fixture
def kept(database_url: str, tmp_path: Path) -> Kept:
    """What lasts: the records, two batches, and the dashboard's key."""
    state = tmp_path / "state"
    for batch, files in {"b1": ["input.csv", ".batch/00000.results"], "b2": ["results.csv"]}.items():
        for name in files:
            file = state / "batches" / batch / name
            file.parent.mkdir(parents=True, exist_ok=True)
            file.write_bytes(os.urandom(200_000))
    (state / "api_key").write_text("do_secret")
    return Kept(database_url, state / "batches", state / "api_key")


@pytest.fixture
def elsewhere(database_url: str, tmp_path: Path) -> Iterator[Kept]:
    """An empty place of the same kind."""
    state = tmp_path / "elsewhere"
    name = f"test_{new_id()}"
    if database_url.startswith("sqlite"):
        yield Kept(f"sqlite:///{state / 'records.db'}", state / "batches", state / "api_key")
        return
    url = make_url(database_url).set(drivername="postgresql+psycopg")
    engine = create_engine(url, isolation_level="AUTOCOMMIT")
    with engine.connect() as connection:
        connection.execute(text(f"CREATE DATABASE {name}"))
    yield Kept(url.set(database=name).render_as_string(hide_password=False), state / "batches", state / "api_key")
    with engine.connect() as connection:
        connection.execute(text(f"DROP DATABASE {name} WITH (FORCE)"))
    engine.dispose()


def files_below(folder: Path) -> dict[str, bytes]:
    return {str(file.relative_to(folder)): file.read_bytes() for file in folder.rglob("*") if file.is_file()}


async def live(tasks: TaskStore, audit: AuditStore, accepted: list[str], *, to_its_end: bool) -> None:
    """One task after the other: accepted, noted, and, of one kind, worked on to its end."""
    number = 0
    while True:
        number += 1
        task = await tasks.add({"type": "debt_analysis", "n": number}, organisation_id="house", key_id="key")
        accepted.append(task.id)
        await audit.append([Deed("house", Actor("key", "key", "trace"), "task.created", utc_now(), task.id, {})])
        if to_its_end and await tasks.claim(task.id, "worker", 60):
            steps = [Step("answer", "told", {"said": "好"})]
            await tasks.checkpoint(task.id, 1, messages=b"[]", steps=steps)
            await tasks.finish(task.id, 1, TaskStatus.COMPLETED, result={"of": task.id})


async def test_a_backup_under_load_is_of_one_moment(database: Database, kept: Kept, elsewhere: Kept, tmp_path: Path):
    tasks, audit, accepted = TaskStore(database), AuditStore(database), list[str]()
    house = await AccountStore(database).create_organisation("House")
    living = [asyncio.create_task(live(tasks, audit, accepted, to_its_end=n % 2 == 0)) for n in range(8)]
    while len(accepted) < 100:
        await asyncio.sleep(0.01)
    before = set(accepted)
    file = tmp_path / "backup.tar.gz"
    manifest = await asyncio.to_thread(backup, kept, file, NOW)
    after = set(accepted)
    for task in living:
        task.cancel()
        with suppress(asyncio.CancelledError):
            await task
    assert len(after) > len(before)  # it was under load
    assert file.stat().st_mode & 0o777 == 0o600

    assert await asyncio.to_thread(restore, file, elsewhere) == manifest
    copy = Database(elsewhere.database_url)
    copied, chains = TaskStore(copy), AuditStore(copy)
    found = [task async for task in every(copied)]
    assert before <= {task.id for task in found}
    for task in found:
        is_done = task.status == "completed"
        assert task.result == ({"of": task.id} if is_done else None)
        if is_done:
            assert [step.content for step in await copied.steps(task.id)] == [{"said": "好"}]
    verdicts = [await chains.verify(each) for each in ("house", house.id)]
    assert [verdict.broken for verdict in verdicts] == [None, None]
    assert verdicts[0].checked >= len(before) - 8
    # What was waiting is queued anew by the reconciler, from the rows alone.
    queue = MemoryTaskQueue()
    pending = {task.id for task in found if task.status == "pending"}
    assert pending
    while await Reconciler(copied, queue, waits_s=0).sweep():
        pass
    assert set(await queue.missing([*pending])) == set()
    await copy.close()
    assert files_below(elsewhere.batches) == files_below(kept.batches)
    assert elsewhere.api_key.read_text() == "do_secret"
    assert elsewhere.api_key.stat().st_mode & 0o077 == 0


async def every(tasks: TaskStore) -> Any:
    cursor = None
    while True:
        page, cursor = await tasks.list("house", cursor=cursor, limit=100)
        for task in page:
            yield task
        if cursor is None:
            return


async def test_what_is_there_is_never_overwritten(database: Database, kept: Kept, elsewhere: Kept, tmp_path: Path):
    file = tmp_path / "backup.tar.gz"
    await asyncio.to_thread(backup, kept, file, NOW)
    with pytest.raises(OperatorError, match="is there already"):
        await asyncio.to_thread(backup, kept, file, NOW)
    for full in (
        replace(elsewhere, database_url=kept.database_url),
        replace(elsewhere, batches=kept.batches),
        replace(elsewhere, api_key=kept.api_key),
    ):
        with pytest.raises(OperatorError, match=r"not empty|there already"):
            await asyncio.to_thread(restore, file, full)
    await asyncio.to_thread(restore, file, elsewhere)
    with pytest.raises(OperatorError, match="not empty"):
        await asyncio.to_thread(restore, file, elsewhere)


async def test_tables_of_an_earlier_version_are_kept_and_migrated_after_the_restore(
    database_url: str, kept: Kept, elsewhere: Kept, tmp_path: Path
):
    await apply(database_url, moved_to("0004"))
    manifest = await asyncio.to_thread(backup, kept, tmp_path / "b.tar.gz", NOW)
    assert manifest.revision == "0004"
    await asyncio.to_thread(restore, tmp_path / "b.tar.gz", elsewhere)
    copy = Database(elsewhere.database_url)
    assert (await copy.migrate()).found == "0004"
    await copy.close()


async def test_tables_of_a_newer_version_are_not_put_back(
    database: Database, database_url: str, kept: Kept, elsewhere: Kept, tmp_path: Path
):
    await apply(database_url, lambda on: on.execute(text("UPDATE alembic_version SET version_num = '9999'")))
    await asyncio.to_thread(backup, kept, tmp_path / "b.tar.gz", NOW)
    with pytest.raises(OperatorError, match=r"newer version.*9999"):
        await asyncio.to_thread(restore, tmp_path / "b.tar.gz", elsewhere)
    assert not elsewhere.batches.exists()


@pytest.fixture
def sqlite_kept(kept: Kept, migrated_sqlite_url: str) -> Kept:
    return replace(kept, database_url=migrated_sqlite_url)


@pytest.fixture
def archive(sqlite_kept: Kept, tmp_path: Path) -> Path:
    backup(sqlite_kept, tmp_path / "whole.tar.gz", NOW)
    return tmp_path / "whole.tar.gz"


@contextmanager
def disk_that_takes(size: int) -> Iterator[None]:
    """Every file may have so many bytes."""
    before = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (size, before[1]))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, before)


class OnSqlite:
    """What is the same for both kinds of database."""

    @pytest.fixture(params=["sqlite"])
    def database_url(self, sqlite_url: str) -> str:
        return sqlite_url


class TestArchive(OnSqlite):
    @pytest.mark.parametrize("size", [10_000, 300_000])
    def test_a_disk_that_is_full_leaves_no_half_backup(self, sqlite_kept: Kept, tmp_path: Path, size: int):
        out = tmp_path / "out"
        out.mkdir()
        with disk_that_takes(size), pytest.raises((OSError, OperatorError)) as raised:
            backup(sqlite_kept, out / "backup.tar.gz", NOW)
        assert any(word in str(raised.value) for word in ("full", "too large"))
        assert list(out.iterdir()) == []

    def test_a_disk_that_is_full_puts_nothing_back(self, archive: Path, elsewhere: Kept):
        with disk_that_takes(100_000), pytest.raises((OSError, OperatorError)):
            restore(archive, elsewhere)
        assert files_below(elsewhere.batches.parent) == {}
        restore(archive, elsewhere)

    def test_a_database_that_fails_last_takes_the_rest_with_it(
        self, archive: Path, elsewhere: Kept, monkeypatch: pytest.MonkeyPatch
    ):
        def fail(url: str, file: Path) -> None:
            raise OperatorError("pg_restore failed")

        with monkeypatch.context() as patched:
            patched.setattr("serve.keeping.backups.restore.copy_in", fail)
            with pytest.raises(OperatorError, match="pg_restore"):
                restore(archive, elsewhere)
        assert files_below(elsewhere.batches.parent) == {}
        restore(archive, elsewhere)

    @pytest.mark.parametrize("share", [0.1, 0.5, 0.9, 0.9999])
    def test_a_file_that_ends_early_is_refused(self, archive: Path, elsewhere: Kept, share: float):
        whole = archive.read_bytes()
        archive.write_bytes(whole[: int(len(whole) * share)])
        with pytest.raises(OperatorError, match="no whole backup"):
            restore(archive, elsewhere)
        assert not elsewhere.batches.parent.exists()

    @pytest.mark.parametrize("name", ["database", "api_key", "batches/b1/input.csv"])
    def test_one_changed_byte_is_found(self, archive: Path, elsewhere: Kept, name: str):
        changed(archive, lambda files: files.update({name: b"\x00" + files[name][1:]}))
        with pytest.raises(OperatorError, match=f'"{name}" is missing or not'):
            restore(archive, elsewhere)

    @pytest.mark.parametrize("name", ["../out", "batches/../../out", "/etc/out", "batches/b1/..", "else"])
    def test_nothing_leads_out_of_its_place(self, archive: Path, elsewhere: Kept, name: str):
        changed(archive, lambda files: files.update({name: b"x"}), honest=True)
        with pytest.raises(OperatorError, match="no place in one"):
            restore(archive, elsewhere)

    def test_a_link_in_it_is_refused(self, archive: Path, elsewhere: Kept):
        with tarfile.open(archive, "w:gz") as made:
            link = tarfile.TarInfo("database")
            link.type, link.linkname = tarfile.SYMTYPE, "/etc/passwd"
            made.addfile(link)
        with pytest.raises(OperatorError, match="no place in one"):
            restore(archive, elsewhere)

    @pytest.mark.parametrize("content", [b"", b"a letter", b"\x1f\x8b\x08"])
    def test_another_file_is_refused(self, elsewhere: Kept, tmp_path: Path, content: bytes):
        (tmp_path / "other").write_bytes(content)
        with pytest.raises(OperatorError, match="no whole backup"):
            restore(tmp_path / "other", elsewhere)

    def test_a_missing_program_of_postgres_is_named_with_its_mend(
        self, sqlite_kept: Kept, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
    ):
        from data.records.copies import copy_out

        monkeypatch.setenv("PATH", str(tmp_path))
        with pytest.raises(OperatorError, match=r"pg_dump is not on this machine.*postgresql-client"):
            copy_out("postgresql://ann:secret@db/debts", tmp_path / "x")

    def test_a_file_that_goes_while_its_batch_is_copied_is_copied_anew(
        self, sqlite_kept: Kept, elsewhere: Kept, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
    ):
        """A batch that ends just now: its parts go, and the whole file is there."""
        from serve.keeping.backups import backup as module

        part, whole = (sqlite_kept.batches / "b1" / name for name in (".batch/00000.results", "results.csv"))
        files_of, looks = module.files_below, list[Path]()

        def ending(folder: Path) -> Iterator[tuple[str, Path]]:
            listed = list(files_of(folder))
            if folder.name == "b1" and not looks:
                looks.append(folder)
                whole.write_bytes(b"all of it")
                part.unlink()
            yield from sorted(listed, reverse=True)

        monkeypatch.setattr(module, "files_below", ending)
        backup(sqlite_kept, tmp_path / "b.tar.gz", NOW)
        restore(tmp_path / "b.tar.gz", elsewhere)
        assert files_below(elsewhere.batches) == files_below(sqlite_kept.batches)


def changed(archive: Path, change: Any, *, honest: bool = False) -> None:
    """The archive with other files in it; an honest one says so in its manifest."""
    files = {}
    with tarfile.open(archive) as made:
        for member in made:
            content = made.extractfile(member)
            assert content is not None
            files[member.name] = content.read()
    manifest = json.loads(files.pop(MANIFEST))
    change(files)
    if honest:
        from hashlib import sha256

        sums = {name: {"size": len(content), "sha256": sha256(content).hexdigest()} for name, content in files.items()}
        manifest["members"] = sums
    with GzipFile(archive, "wb") as packed, tarfile.open(fileobj=packed, mode="w|") as made:
        for name, content in [*files.items(), (MANIFEST, json.dumps(manifest).encode())]:
            info = tarfile.TarInfo(name)
            info.size = len(content)
            made.addfile(info, BytesIO(content))
