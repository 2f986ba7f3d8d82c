"""The workforce of batches on Ray: one task a range, as many at a time as the cluster has processors.

Every node must see the batch's folder: on one machine it does, on a cluster it must lie on a shared disk or in a
bucket, for which each node has the keys in its environment. The work on a range is in `serve/batches/work.py`.

Plain tasks, not Ray Data: a dataset for each batch costs its driver 50 KB that it never gives back, and 60 ms.
"""

import pickle
from collections.abc import Callable, Iterator, Sequence
from itertools import islice
from typing import Any

import ray
import ray.exceptions

from data.errors import DebtOptimizerError, ServiceUnavailable
from serve.batches.files.folder import BatchFolder, RangeReport
from serve.batches.work import Job, work

LOOK_S = 0.2  # how often it is asked whether the batch is cancelled
WAITING = 1000  # ranges handed to Ray at a time, in work or waiting for a processor


def on_ray(job: Job, numbers: Sequence[int], is_cancelled: Callable[[], bool]) -> Iterator[RangeReport]:
    """Each part as it is done, in any order; ends early, within a second or two, when the batch is cancelled.

    Raises:
        DebtOptimizerError, OSError: what went wrong in a range. ServiceUnavailable: Ray has failed.
    """
    try:
        yield from _done(job, numbers, is_cancelled)
    except ray.exceptions.RayError as error:
        raise ServiceUnavailable(f"Ray did not finish the batch ({type(error).__name__}); resume it.") from error


def _done(job: Job, numbers: Sequence[int], is_cancelled: Callable[[], bool]) -> Iterator[RangeReport]:
    # Pickled by ourselves, and once: a job goes to every node, not with every range.
    handed, to_come, under_way = ray.put(pickle.dumps(job)), iter(numbers), list["ray.ObjectRef[Any]"]()
    is_whole = False
    try:
        while True:
            under_way += [_work.remote(handed, number) for number in islice(to_come, WAITING - len(under_way))]
            if not under_way or is_cancelled():
                break
            done, under_way = ray.wait(under_way, timeout=LOOK_S)
            for one in done:
                outcome = pickle.loads(ray.get(one))
                if isinstance(outcome, Exception):
                    raise outcome
                if outcome is not None:
                    yield outcome
        is_whole = not under_way
    finally:
        if not is_whole:
            # Those that have not begun leave their range; Ray's own way would interrupt whatever the others are at.
            BatchFolder(job.out).stop(job.run)


# Spread, so that the nodes of a cluster share a batch; one whose worker or node is lost is run again.
@ray.remote(num_cpus=1, scheduling_strategy="SPREAD")
def _work(job: bytes, number: int) -> bytes:
    """One range; what goes wrong is an outcome too, so that Ray does not wrap it."""
    try:
        outcome: Any = work(pickle.loads(job), number)
    except (DebtOptimizerError, OSError) as error:
        outcome = error
    return pickle.dumps(outcome)
