"""What is done to the service: each fault by its name, how heavy it is, and why it may not be possible here."""

import asyncio
import random
import signal
import sqlite3
from collections.abc import Awaitable, Callable
from contextlib import closing
from dataclasses import dataclass

import psycopg

from tests.faults.stage import LEASE_S, Stage

REPLACED_WITHIN_S = 240
ENDED_TIMES = 30
Act = Callable[[Stage], Awaitable[None]]


@dataclass(frozen=True)
class Fault:
    name: str
    act: Act
    is_heavy: bool = False  # the whole service starts anew


def killing(name: str) -> Act:
    async def act(stage: Stage) -> None:
        before = {process.pid for process in stage.service.found(name)}
        stage.kill(name)
        # Whole again only with another in its place: its absence may show much later.
        async with asyncio.timeout(REPLACED_WITHIN_S):
            while not {process.pid for process in await asyncio.to_thread(stage.service.found, name)} - before:
                await stage.until_up()
                await asyncio.sleep(0.3)

    return act


async def kill_up(stage: Stage) -> None:
    assert stage.service.process is not None
    stage.service.process.kill()
    stage.service.process.wait()
    stage.service.begin()


async def kill_everything(stage: Stage) -> None:
    stage.kill_everything()
    assert stage.service.process is not None
    stage.service.process.wait()
    stage.service.begin()


async def stall_worker(stage: Stage) -> None:
    await stage.stall("AgentWorker", 1.6 * LEASE_S)


async def stall_batch_worker(stage: Stage) -> None:
    await stage.stall("BatchWorker", 1.6 * LEASE_S)


async def stall_redis(stage: Stage) -> None:
    stage.redis.process.send_signal(signal.SIGSTOP)
    await asyncio.sleep(1.6 * LEASE_S)
    stage.redis.process.send_signal(signal.SIGCONT)


async def stall_api(stage: Stage) -> None:
    await stage.stall("debt-optimizer:Api", 0.8 * LEASE_S)


async def restart_redis(stage: Stage) -> None:
    await stage.restart_redis(emptied=False)


async def empty_redis(stage: Stage) -> None:
    await stage.restart_redis(emptied=True)


async def slow_redis(stage: Stage) -> None:
    await _slowed(stage.to_redis, 0.1)


async def slow_model(stage: Stage) -> None:
    await _slowed(stage.to_model, 0.2)


async def cut_redis(stage: Stage) -> None:
    await _cut(stage.to_redis)


async def cut_model(stage: Stage) -> None:
    await _cut(stage.to_model)


async def hold_database(stage: Stage) -> None:
    """SQLite: somebody else keeps the write lock. Postgres: every connection is ended, again and again."""
    if stage.database_url:
        for _ in range(ENDED_TIMES):
            await asyncio.to_thread(_end_connections, stage.database_url)
            await asyncio.sleep(0.1)
        return
    file = stage.state / "debt-optimizer.db"
    with closing(sqlite3.connect(file, isolation_level=None)) as other:
        other.execute("BEGIN IMMEDIATE")
        await asyncio.sleep(1.5 * LEASE_S)
        other.execute("ROLLBACK")


async def fill_disk(stage: Stage) -> None:
    """Of the database, the batches and Redis alike."""
    ballast = stage.disk / "ballast"
    try:
        with ballast.open("wb", buffering=0) as output:
            for size in (1 << 20, 1 << 12):
                try:
                    while output.write(b"x" * size) == size:
                        pass
                except OSError:
                    continue
        await asyncio.sleep(1.5 * LEASE_S)
    finally:
        ballast.unlink(missing_ok=True)


def every_fault(stage: Stage) -> list[Fault]:
    faults = [
        Fault("kill -9 a worker's replica", killing("AgentWorker")),
        Fault("kill -9 the API's replica", killing("debt-optimizer:Api")),
        Fault("kill -9 the batch worker", killing("BatchWorker")),
        Fault("kill -9 HAProxy", killing("haproxy")),
        Fault("kill -9 Serve's controller", killing("ServeController")),
        Fault("kill -9 the raylet", killing("raylet/raylet"), is_heavy=True),
        Fault("kill -9 the GCS", killing("gcs_server"), is_heavy=True),
        Fault("kill -9 the service", killing("serve.machine.ray"), is_heavy=True),
        Fault("kill -9 `up`, started again", kill_up, is_heavy=True),
        Fault("kill -9 everything, started again", kill_everything, is_heavy=True),
        Fault("stop a worker past its lease, then go on", stall_worker),
        Fault("stop the batch worker past its lease, then go on", stall_batch_worker),
        Fault("stop the API for some seconds", stall_api),
        Fault("stop Redis past the lease, then go on", stall_redis),
        Fault("kill -9 Redis, its file kept", restart_redis),
        Fault("kill -9 Redis, emptied", empty_redis),
        Fault("slow network to Redis", slow_redis),
        Fault("cut network to Redis", cut_redis),
        Fault("slow network to the model", slow_model),
        Fault("cut network to the model", cut_model),
        Fault("database connections ended" if stage.database_url else "database locked by another", hold_database),
    ]
    return faults + ([Fault("full disk", fill_disk)] if stage.has_small_disk else [])


def schedule(faults: list[Fault], count: int, chance: random.Random) -> list[Fault]:
    """Every kind once, as far as they go; then the heavy ones less often, for they cost the most time."""
    once = chance.sample(faults, len(faults))
    weights = [1 if fault.is_heavy else 4 for fault in faults]
    return (once + chance.choices(faults, weights, k=max(0, count - len(once))))[:count]


async def _slowed(wire, delay_s: float) -> None:
    wire.delay_s = delay_s
    await asyncio.sleep(4)
    wire.mend()


async def _cut(wire) -> None:
    wire.cut()
    await asyncio.sleep(2)
    wire.mend()


def _end_connections(url: str) -> None:
    with psycopg.connect(url, autocommit=True) as connection:
        others = "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE pid <> pg_backend_pid()"
        connection.execute(f"{others} AND datname = current_database()")
