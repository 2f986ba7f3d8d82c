"""What a cluster loses, each with how it comes back: by itself, or by what its operator does."""

import asyncio
import os
import time
from collections.abc import Awaitable, Callable
from dataclasses import dataclass

from tests.cluster.stand import Stand

# A minute in a run that is to be believed; less where time is short.
AWAY_S = float(os.environ.get("CLUSTER_AWAY_S", "12"))
REPLACED_WITHIN_S = 240
Act = Callable[[Stand], Awaitable[float]]


@dataclass(frozen=True)
class Loss:
    """One thing lost; `act` gives the moment from which the time until ready is counted."""

    name: str
    act: Act
    is_long: bool = False  # not in every run


async def kill_worker(stand: Stand) -> float:
    """Everything that runs on a machine; the autoscaler starts Ray there anew."""
    lost = stand.workers[0]
    await asyncio.to_thread(stand.note_lost, lost)
    began = time.monotonic()
    await asyncio.to_thread(lost.kill_processes)
    return began


async def power_cut(stand: Stand) -> float:
    """A machine without a word to anybody: the cable first."""
    lost = stand.workers[0]
    await asyncio.to_thread(stand.note_lost, lost)
    began = time.monotonic()
    await asyncio.to_thread(stand.cloud.network.unplug, lost)
    await asyncio.to_thread(lost.end)
    return began


async def kill_gcs(stand: Stand) -> float:
    began = time.monotonic()
    for process in stand.cloud.head.processes("gcs_server"):
        process.kill()
    return began


async def kill_head(stand: Stand) -> float:
    """The whole machine; its operator gives `ray up` again, as for the first start."""
    began = time.monotonic()
    await asyncio.to_thread(stand.cloud.head.end)
    await asyncio.to_thread(stand.up)
    return began


async def stop_postgres(stand: Stand) -> float:
    await asyncio.to_thread(stand.postgres.stop)
    await asyncio.sleep(AWAY_S)
    await asyncio.to_thread(stand.postgres.start)
    return time.monotonic()


async def stop_redis(stand: Stand) -> float:
    """The queue's and the head's, which are one here."""
    await asyncio.to_thread(stand.redis.kill)
    await asyncio.sleep(AWAY_S)
    await asyncio.to_thread(stand.redis.start)
    return time.monotonic()


LOSSES = [
    Loss("kill -9 all of a worker machine", kill_worker),
    Loss("cut the power of a worker machine", power_cut, is_long=True),
    Loss("kill -9 the head's GCS", kill_gcs),
    Loss("end the head's machine, `ray up` again", kill_head, is_long=True),
    Loss(f"Postgres away for {AWAY_S:.0f} s", stop_postgres),
    Loss(f"Redis away for {AWAY_S:.0f} s", stop_redis),
]
