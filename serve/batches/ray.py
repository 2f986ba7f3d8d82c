"""The workforce of batches on Ray Data: one task a range, as many at a time as the cluster has processors.

Every node must see the batch's folder: on one machine it does, on a cluster it must lie on a shared disk or in a
bucket, for which each node has the keys in its environment. The work on a range is in `serve/batches/work.py`.
"""

import logging
import pickle
from collections.abc import Callable, Iterator, Sequence
from functools import partial
from queue import Empty, SimpleQueue
from threading import Thread
from typing import Any

import ray
import ray.data
import ray.exceptions

from data.errors import DebtOptimizerError, ServiceUnavailable
from serve.batches.files.folder import BatchFolder, RangeReport
from serve.batches.work import Job, work

LOOK_S = 0.2  # how often it is asked whether the batch is cancelled
END = object()


def on_ray(job: Job, numbers: Sequence[int], is_cancelled: Callable[[], bool]) -> Iterator[RangeReport]:
    """Each part as it is done, in any order; ends early, within a second or two, when the batch is cancelled.

    Raises:
        DebtOptimizerError, OSError: what went wrong in a range. ServiceUnavailable: Ray has failed.
    """
    done: SimpleQueue[Any] = SimpleQueue()
    # Ray Data blocks; in a thread of its own, cancelling can be looked at meanwhile.
    Thread(target=_collect, args=(job, numbers, done), name="batch-on-ray", daemon=True).start()
    while True:
        try:
            item = done.get(timeout=LOOK_S)
        except Empty:
            if is_cancelled():
                BatchFolder(job.out).stop(job.run)
                return
            continue
        if item is END:
            return
        if isinstance(item, Exception):
            BatchFolder(job.out).stop(job.run)
            raise item
        yield item
        if is_cancelled():
            BatchFolder(job.out).stop(job.run)
            return


def _collect(job: Job, numbers: Sequence[int], done: "SimpleQueue[Any]") -> None:
    """Run the tasks and hand on their outcomes, in a thread of its own: Ray Data blocks."""
    try:
        # Before the first dataset, which would already draw its bar.
        _quieten()
        # One block a range: Ray then runs each as a task of its own.
        tasks = ray.data.from_items([{"number": number} for number in numbers], override_num_blocks=len(numbers))
        planned = tasks.map(partial(_work, pickle.dumps(job)), num_cpus=1)
        for row in planned.iter_rows():
            # Pickled by ourselves, so that Arrow does not look for columns in it.
            item = pickle.loads(row["outcome"])
            if item is not None:
                done.put(item)
    except ray.exceptions.RayError as error:
        lost = ServiceUnavailable(f"Ray did not finish the batch ({type(error).__name__}); resume it.")
        done.put(lost)
    finally:
        done.put(END)


def _work(job: bytes, row: dict[str, Any]) -> dict[str, Any]:
    """One range; what goes wrong is an outcome too, so that Ray does not wrap it."""
    try:
        outcome: Any = work(pickle.loads(job), int(row["number"]))
    except (DebtOptimizerError, OSError) as error:
        outcome = error
    return {"outcome": pickle.dumps(outcome)}


def _quieten() -> None:
    """Leave the screen to the batch's own progress."""
    context = ray.data.DataContext.get_current()
    context.enable_progress_bars = False
    logging.getLogger("ray.data").setLevel(logging.ERROR)
