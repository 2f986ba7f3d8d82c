"""Batches whose files lie in a bucket: the same bytes, seen from every node, whole or absent, and what goes wrong."""

import asyncio
import io
import os
import pickle
import signal
import subprocess
import sys
import time
from dataclasses import replace
from datetime import timedelta
from hashlib import sha256
from pathlib import Path

import pyarrow.parquet
import pytest

from data.clock import utc_now
from data.errors import FilesAway
from data.records.keeping.retention import Retention
from serve.batches.files.bucket import BucketPath, bucket_path
from serve.batches.files.folder import BatchFolder, input_of
from serve.batches.files.place import files_below, need_files, reading, write_whole
from serve.batches.ray import on_ray
from serve.batches.run import BatchOptions, alone, run_batch
from serve.batches.runner import BatchRunner
from serve.keeping.batch_rows import client_rows, take_out
from serve.keeping.retention import Keeper
from serve.machine.own_ray.batch import ray_at_hand
from serve.settings import Settings
from tests.batch.tables import START, csv_bytes, make_rows

pytestmark = pytest.mark.anyio

ROOT = Path(__file__).resolve().parents[2]
FILES = ("results.csv", "rejects.csv", "summary.json")
OPTIONS = BatchOptions(start=START, range_bytes=4_000)
CONTENT = csv_bytes(make_rows(1, 300, header="zh", odd=0.1, bad=0.02))
ANOTHER_NODE = """
import asyncio, hashlib, sys
import httpx
from pathlib import Path
from agents.running.models import ModelSource
from data.channels.task_queue.in_memory import MemoryTaskQueue
from data.channels.token_stream.in_memory import MemoryTokenStream
from data.records.accounts.account_store import AccountStore
from data.records.accounts.user_store import UserStore
from data.records.audit.audit_store import AuditStore
from data.records.batches.batch_store import BatchStore
from data.records.database import Database
from data.records.portfolios.portfolio_store import PortfolioStore
from data.records.tasks.task_store import TaskStore
from serve.api import build_api
from serve.http.services import Services
from serve.settings import Settings

async def main(key, path):
    settings = Settings.load()
    base = Database(settings.database_url)
    services = Services(settings, base, AccountStore(base), UserStore(base), AuditStore(base), PortfolioStore(base),
        TaskStore(base), BatchStore(base), MemoryTaskQueue(), MemoryTokenStream(), ModelSource("offline"))
    transport = httpx.ASGITransport(build_api(services))
    async with httpx.AsyncClient(transport=transport, base_url="http://api", headers={"Authorization": key}) as client:
        for name in ("results", "rejects"):
            answer = await client.get(f"{path}/{name}")
            print(hashlib.sha256(answer.raise_for_status().content).hexdigest())
    await services.close()

asyncio.run(main(*sys.argv[1:]))
"""
KILLED = """
import sys
from pathlib import Path
from serve.batches.run import BatchOptions, run_batch
from serve.settings import Settings
out = Settings.load().batches_dir / "killed"
run_batch(out / "input.csv", out, BatchOptions(start="2026-12", range_bytes=4_000))
"""


@pytest.fixture
def variables(s3, tmp_path) -> dict[str, str]:
    """The settings of a service whose batches lie in the bucket, below a prefix of this test."""
    return {**s3.variables, "BATCHES": f"s3://{s3.bucket}/{tmp_path.parent.name}/{tmp_path.name}"}


@pytest.fixture
def settings(variables, tmp_path) -> Settings:
    return load(variables, tmp_path)


def load(variables: dict[str, str], state_dir: Path, **changes: str) -> Settings:
    values = {name.lower(): value for name, value in (variables | changes).items()}
    return Settings.load(state_dir=state_dir, batch_limit_bytes=1_000_000, **values)


@pytest.fixture
def place(settings) -> BucketPath:
    assert isinstance(settings.batches_dir, BucketPath)
    return settings.batches_dir


def keys(place: BucketPath) -> list[str]:
    return [name for name, _ in files_below(place)]


def put(path: BucketPath, content: bytes) -> BucketPath:
    write_whole(path, lambda file: file.write(content))
    return path


def bytes_of(out) -> list[bytes]:
    return [(out / name).read_bytes() for name in FILES]


def local(tmp_path: Path) -> Path:
    """The same batch in a folder."""
    source, out = tmp_path / "input.csv", tmp_path / "local"
    source.write_bytes(CONTENT)
    run_batch(source, out, OPTIONS)
    return out


async def until(client, path: str, status: str) -> dict:
    async with asyncio.timeout(120):
        while (answer := (await client.get(path)).json())["status"] != status:
            await asyncio.sleep(0.02)
    return answer


async def accepted(client) -> str:
    answer = await client.post("/v1/batches?name=clients.csv", content=CONTENT)
    assert answer.status_code == 202, answer.text
    return f"/v1/batches/{answer.json()['id']}"


def test_an_object_is_whole_or_as_it_was(place):
    path = put(place / "a", b"before")

    def failing(file):
        file.write(b"x" * 20_000_000)
        raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        write_whole(path, failing)
    assert path.read_bytes() == b"before"
    write_whole(path, lambda file: file.writelines(b"%07d\n" % number for number in range(2_000_000)))
    with reading(path) as file:
        assert file.seek(8 * 1_999_999) == 15_999_992
        assert file.readline() == b"1999999\n"
        file.seek(0)
        digest = sha256(file.read(3_000_000))
        while piece := file.read(70_001):
            digest.update(piece)
    assert digest.digest() == sha256(b"".join(b"%07d\n" % number for number in range(2_000_000))).digest()


def test_who_reads_is_never_given_pieces_of_two_objects(place):
    path = put(place / "a", b"1" * 3_000_000)
    with reading(path) as file:
        assert file.read(1) == b"1"
        put(path, b"2" * 3_000_000)
        with pytest.raises(FileNotFoundError):
            file.read()


def test_what_goes_to_another_node_holds_no_key(place, s3):
    pickled = pickle.dumps(place / "a")
    assert s3.secret.encode() not in pickled
    assert s3.key_id.encode() not in pickled
    assert pickle.loads(pickled).key == f"{place.key}/a"
    assert s3.secret not in repr(place)


@pytest.mark.usefixtures("runner")
async def test_what_one_node_takes_every_node_gives_back_byte_for_byte(
    client, migrated_sqlite_url, variables, place, tmp_path
):
    path = await accepted(client)
    done = await until(client, path, "completed")
    results = (await client.get(f"{path}/results")).content
    rejects = (await client.get(f"{path}/rejects")).content
    source, out = tmp_path / "in.csv", tmp_path / "out"
    source.write_bytes(CONTENT)
    run_batch(source, out, BatchOptions(start=done["created_at"][:7], name="clients.csv"))
    assert (results, rejects) == ((out / "results.csv").read_bytes(), (out / "rejects.csv").read_bytes())
    part = await client.get(f"{path}/results", headers={"Range": "bytes=10-29"})
    assert (part.status_code, part.content) == (206, results[10:30])
    parquet = await client.get(f"{path}/results?format=parquet")
    assert pyarrow.parquet.read_table(io.BytesIO(parquet.content)).num_rows == done["portfolios"]

    key = client.headers["Authorization"]
    elsewhere = {"STATE_DIR": str(tmp_path / "elsewhere"), "DATABASE_URL": migrated_sqlite_url}
    told = subprocess.run(
        [sys.executable, "-c", ANOTHER_NODE, key, path],
        env={**os.environ, **variables, **elsewhere}, cwd=ROOT,
        capture_output=True, text=True, timeout=300, check=False,
    )  # fmt: skip
    assert told.stdout.split() == [sha256(results).hexdigest(), sha256(rejects).hexdigest()], told.stderr
    assert not (tmp_path / "elsewhere" / "batches").exists()
    assert not (tmp_path / "batches").exists()
    assert all(".batch/" not in name for name in keys(place))


async def test_what_is_refused_leaves_nothing_in_the_bucket(client, place):
    for content in (b"", b"a,b\n1,2\n", b"PK\x03\x04", CONTENT + b"x" * 1_500_000):
        assert (await client.post("/v1/batches", content=content)).status_code in (413, 422)
    assert keys(place) == []
    key = {"Idempotency-Key": "april"}
    first = await client.post("/v1/batches", content=CONTENT, headers=key)
    again = await client.post("/v1/batches", files={"file": ("a.csv", CONTENT)}, headers=key)
    assert first.json()["id"] == again.json()["id"]
    other = await client.post("/v1/batches", content=CONTENT + b"\n", headers=key)
    assert other.status_code == 409
    assert keys(place) == [f"{first.json()['id']}/input.csv"]


def test_a_killed_run_in_a_bucket_goes_on_and_its_bytes_are_the_same(place, variables, tmp_path):
    out = place / "killed"
    put(input_of(out), CONTENT)
    environment = {**os.environ, **variables, "STATE_DIR": str(tmp_path)}
    process = subprocess.Popen([sys.executable, "-c", KILLED], env=environment, cwd=ROOT)
    folder, until = BatchFolder(out), time.monotonic() + 120
    while folder.part(2) is None:
        assert process.poll() is None
        assert time.monotonic() < until
    os.kill(process.pid, signal.SIGKILL)
    process.wait()
    assert not any((out / name).exists() for name in FILES)
    before = folder.ids_of(0).stat()
    told: list[object] = []

    def resumed(job, numbers, is_cancelled):
        told.append((0 in numbers, folder.ids_of(0).stat() == before))
        yield from alone(job, numbers, is_cancelled)

    run_batch(input_of(out), out, replace(OPTIONS, resume=True), workforce=resumed)
    assert told == [(False, True)]
    assert bytes_of(out) == bytes_of(local(tmp_path))
    assert keys(out) == ["input.csv", *sorted(FILES)]


def test_ray_works_on_a_bucket_with_the_keys_of_its_nodes(place, variables, tmp_path, monkeypatch):
    for name, value in variables.items():
        monkeypatch.setenv(name, value)
    content = CONTENT.decode().encode("utf-16")  # written anew before it is cut
    source, out = put(place / "ray" / "input.csv", content), place / "ray"
    with ray_at_hand():
        run_batch(source, out, OPTIONS, workforce=on_ray)
    (tmp_path / "input.csv").write_bytes(content)
    run_batch(tmp_path / "input.csv", tmp_path / "local", OPTIONS)
    assert bytes_of(out) == bytes_of(tmp_path / "local")


async def test_a_bucket_that_refuses_fails_the_batch_with_the_mend_and_loses_nothing(
    client, make_runner, services, variables, tmp_path
):
    path = await accepted(client)
    folders = [load(variables, tmp_path, AWS_SECRET_ACCESS_KEY="wrong").batches_dir, services.settings.batches_dir]
    for folder, status in zip(folders, ("failed", "completed"), strict=True):
        runner = BatchRunner(services.batches, services.stream, folder, alone, look_s=0.02)
        loop = asyncio.create_task(runner.run_forever())
        ended = await until(client, path, status)
        await runner.drain()
        await loop
        if status == "failed":
            assert ended["error"]["type"] == "bad-setting"
            assert "refuses the service's key (AccessDenied)" in ended["error"]["detail"]
            assert "resume the batch then: nothing is lost" in ended["error"]["detail"]
            assert variables["AWS_ENDPOINT_URL"] not in ended["error"]["detail"]
            assert (await client.post(f"{path}/resume")).status_code == 202
    assert (await client.get(f"{path}/results")).status_code == 200


async def test_while_the_store_is_away_a_batch_waits_and_nobody_is_told_it_was_taken(client, services, s3, caplog):
    path = await accepted(client)
    runner = BatchRunner(services.batches, services.stream, services.settings.batches_dir, alone, look_s=0.02)
    try:
        s3.stop()
        assert (await client.post("/v1/batches", content=CONTENT)).status_code == 503
        loop = asyncio.create_task(runner.run_forever())
        async with asyncio.timeout(120):
            while "waits: the bucket" not in caplog.text:
                await asyncio.sleep(0.05)
        assert (await client.get(path)).json()["status"] == "processing"
    finally:
        await asyncio.to_thread(s3.start)
    done = await until(client, path, "completed")
    assert done["error"] is None
    assert len((await client.get("/v1/batches")).json()["items"]) == 1
    await runner.drain()
    await loop


async def test_a_batch_that_waits_for_the_store_can_be_cancelled(client, services, variables, tmp_path):
    path = await accepted(client)
    away = load(variables, tmp_path, AWS_ENDPOINT_URL="http://127.0.0.1:1").batches_dir
    runner = BatchRunner(services.batches, services.stream, away, alone, look_s=0.02)
    loop = asyncio.create_task(runner.run_forever())
    await until(client, path, "processing")
    await client.post(f"{path}/cancel")
    await until(client, path, "cancelled")
    await runner.drain()
    await loop


@pytest.mark.usefixtures("runner")
async def test_a_deleted_batch_and_one_that_is_too_old_leave_nothing_in_the_bucket(
    client, services, place, variables, tmp_path
):
    deleted, old = await accepted(client), await accepted(client)
    put(place / "another" / "input.csv", b"x")
    for path in (deleted, old):
        await until(client, path, "completed")
    house = (await services.accounts.organisations())[0].id
    away = load(variables, tmp_path, AWS_ENDPOINT_URL="http://127.0.0.1:1").batches_dir
    with pytest.raises(FilesAway):
        await replace(services.eraser, batches_dir=away).batch(Path(deleted).name, house)
    assert (await client.delete(deleted)).status_code == 204
    keeper = Keeper(services.eraser, clock=lambda: utc_now() + timedelta(days=2))
    told = await keeper.apply(Retention(organisation_id=house, batches_days=1))
    assert told["batches"] == 1
    assert keys(place) == ["another/input.csv"]


def test_a_clients_rows_are_found_and_taken_out_of_every_object(place):
    out = place / "one"
    run_batch(put(input_of(out), CONTENT), out, OPTIONS)
    assert {rows.file for rows in client_rows("C7", out, "clients")} >= {"input.csv", "results.csv"}
    whole = {name: path.read_bytes() for name, path in files_below(out)}
    take_out("C7", out, "clients")
    assert client_rows("C7", out, "clients") == []
    after = {name: path.read_bytes() for name, path in files_below(out)}
    assert set(after) == set(whole)
    assert not any(b"C7," in content for content in after.values())
    assert len(after["results.csv"].splitlines()) == len(whole["results.csv"].splitlines()) - 1


async def test_uploads_that_were_cut_off_are_swept_up_and_young_ones_are_not(place, services, monkeypatch):
    put(place / "cut" / "input.csv", b"x")
    runner = BatchRunner(services.batches, services.stream, place, alone)
    await runner._sweep()
    assert keys(place) == ["cut/input.csv"]
    monkeypatch.setattr(time, "time", lambda: utc_now().timestamp() + 25 * 3600)
    await runner._sweep()
    assert keys(place) == []


def test_a_store_that_does_not_answer_is_told_apart_from_one_that_refuses():
    with pytest.raises(FilesAway, match="does not answer"):
        need_files(bucket_path("s3://abc/x", endpoint="http://127.0.0.1:1", region="x", key_id="a", secret="b"))
