"""Tasks in SQL: claims, fences, the legal moves, idempotency, pages. On SQLite, and on Postgres where one is given."""

import asyncio
from datetime import timedelta
from itertools import product
from typing import Any

import pytest

from data.errors import BadInput, Conflict, LostClaim, NotFound
from data.records.database import Database
from data.records.tasks.task import AgentTask
from data.records.tasks.task_runs import Holding, Reached
from data.records.tasks.task_store import TaskStore
from data.wire.agent_run import Step
from data.wire.task import LEGAL_MOVES, TaskPriority, TaskStatus, TaskType

pytestmark = pytest.mark.anyio
LEASE_S = 10.0


@pytest.fixture
def tasks(database: Database, clock) -> TaskStore:
    return TaskStore(database, clock)


async def add(tasks: TaskStore, request: dict[str, Any] | None = None, **values: Any) -> AgentTask:
    house = {"organisation_id": "house", "key_id": "key"}
    asked = {"type": "debt_analysis"} | (request or {"question": "怎么办？"})
    return await tasks.add(asked, **(house | values))


async def brought_to(tasks: TaskStore, status: TaskStatus) -> AgentTask:
    """A task in that status."""
    task = await add(tasks)
    if status is TaskStatus.PENDING:
        return task
    claimed = await tasks.claim(task.id, "w1", LEASE_S)
    assert claimed is not None
    if status is not TaskStatus.PROCESSING:
        await tasks.finish(task.id, 1, status)
    return await tasks.get(task.id, "house")


async def test_a_task_comes_back_as_it_was_added(tasks: TaskStore, clock):
    task = await add(tasks, {"question": "怎么办？", "portfolio": {"debts": [{"balance": "1.10"}]}})
    assert await tasks.get(task.id, "house") == task
    assert (task.status, task.attempt, task.progress, task.stage) == ("pending", 0, 0, "queued")
    assert (task.created_at, task.updated_at) == (clock(), clock())


async def test_another_organisations_task_is_not_found(tasks: TaskStore):
    task = await add(tasks)
    for call in (tasks.get, tasks.request_cancel, tasks.retry):
        with pytest.raises(NotFound):
            await call(task.id, "other")
        with pytest.raises(NotFound):
            await call("nothing", "house")
    assert await tasks.list("other") == ([], None)


async def test_the_same_idempotency_key_brings_the_first_task(tasks: TaskStore):
    first = await add(tasks, {"a": (1, 2)}, idempotency_key="k")
    again = await add(tasks, {"a": [1, 2]}, idempotency_key="k")
    assert again.id == first.id
    with pytest.raises(Conflict):
        await add(tasks, {"a": [1, 3]}, idempotency_key="k")
    other = await add(tasks, {"a": [1, 2]}, idempotency_key="k", organisation_id="other")
    assert other.id != first.id


async def test_one_idempotency_key_used_at_once_makes_one_task(tasks: TaskStore):
    added = await asyncio.gather(*(add(tasks, idempotency_key="k") for _ in range(10)))
    assert len({task.id for task in added}) == 1
    assert len((await tasks.list("house"))[0]) == 1


async def test_only_one_of_many_gets_the_claim(tasks: TaskStore):
    task = await add(tasks)
    claims = await asyncio.gather(*(tasks.claim(task.id, f"w{n}", LEASE_S) for n in range(10)))
    won = [claim for claim in claims if claim is not None]
    assert len(won) == 1
    assert (won[0].status, won[0].attempt) == ("processing", 1)


async def test_a_lapsed_lease_can_be_claimed_as_a_newer_attempt(tasks: TaskStore, clock):
    task = await add(tasks)
    await tasks.claim(task.id, "w1", LEASE_S)
    clock.move(LEASE_S - 0.001)
    assert await tasks.claim(task.id, "w2", LEASE_S) is None
    clock.move(0.001)
    claimed = await tasks.claim(task.id, "w2", LEASE_S)
    assert claimed is not None
    assert (claimed.attempt, claimed.worker_id) == (2, "w2")


async def test_a_heartbeat_renews_the_lease(tasks: TaskStore, clock):
    task = await add(tasks)
    await tasks.claim(task.id, "w1", LEASE_S)
    clock.move(LEASE_S - 1)
    assert await tasks.renew("w1", [task.id], LEASE_S) == {task.id: Holding(1, cancel_requested=False)}
    clock.move(LEASE_S - 1)
    assert await tasks.claim(task.id, "w2", LEASE_S) is None


async def test_every_write_of_an_older_attempt_is_refused(tasks: TaskStore, clock):
    task = await add(tasks)
    await tasks.claim(task.id, "w1", LEASE_S)
    clock.move(LEASE_S)
    await tasks.claim(task.id, "w2", LEASE_S)
    before = await tasks.get(task.id, "house")
    writes = [
        tasks.checkpoint(task.id, 1, messages=b"late", steps=[Step("tool", "plan", {})]),
        tasks.finish(task.id, 1, TaskStatus.COMPLETED, result={"late": True}),
        tasks.release(task.id, 1),
    ]
    for write in writes:
        with pytest.raises(LostClaim):
            await write
    assert await tasks.renew("w1", [task.id], LEASE_S) == {}
    await tasks.progress([Reached(task.id, 1, 99, "late")])
    assert await tasks.get(task.id, "house") == before
    assert await tasks.steps(task.id) == []


async def test_nothing_is_written_to_a_finished_task(tasks: TaskStore):
    task = await brought_to(tasks, TaskStatus.COMPLETED)
    assert await tasks.renew("w1", [task.id], LEASE_S) == await tasks.held("w1") == {}
    await tasks.progress([Reached(task.id, 1, 50, "late")])
    assert (await tasks.get(task.id, "house")).stage == "completed"
    with pytest.raises(LostClaim):
        await tasks.finish(task.id, 1, TaskStatus.FAILED)
    assert await tasks.claim(task.id, "w2", LEASE_S) is None


@pytest.mark.parametrize(("source", "target"), [*product(TaskStatus, TaskStatus)])
async def test_a_task_moves_only_as_the_table_of_legal_moves_says(tasks: TaskStore, clock, source, target):
    task = await brought_to(tasks, source)
    clock.move(LEASE_S)
    by_finishing = source is TaskStatus.PROCESSING and target is not TaskStatus.PROCESSING
    if target is TaskStatus.PROCESSING:
        moved = await tasks.claim(task.id, "w2", LEASE_S) is not None
    elif target is TaskStatus.PENDING:
        moved = await does(tasks.retry(task.id, "house"))
    elif target is TaskStatus.CANCELLED and not by_finishing:
        moved = await does(tasks.request_cancel(task.id, "house")) and source is not TaskStatus.CANCELLED
    else:
        moved = await does(tasks.finish(task.id, task.attempt, target))
    is_legal = target in LEGAL_MOVES[source]
    # the dead letter of a task that never ran is written by claiming it first
    is_by_claim_only = (source, target) == (TaskStatus.PENDING, TaskStatus.FAILED)
    assert moved is (is_legal and not is_by_claim_only)
    expected = target if moved else source
    assert (await tasks.get(task.id, "house")).status == expected


async def does(move: Any) -> bool:
    try:
        await move
    except (Conflict, LostClaim):
        return False
    return True


async def test_cancelling_a_running_task_is_seen_by_its_worker(tasks: TaskStore):
    task = await brought_to(tasks, TaskStatus.PROCESSING)
    assert await tasks.held("w1") == {task.id: Holding(1, cancel_requested=False)}
    asked = await tasks.request_cancel(task.id, "house")
    assert (asked.status, asked.cancel_requested) == ("processing", True)
    assert await tasks.held("w1") == {task.id: Holding(1, cancel_requested=True)}
    assert await tasks.renew("w1", [task.id], LEASE_S) == await tasks.held("w1")
    assert await tasks.held("w2") == await tasks.renew("w2", [task.id], LEASE_S) == {}
    await tasks.finish(task.id, 1, TaskStatus.CANCELLED)
    assert (await tasks.request_cancel(task.id, "house")).status == "cancelled"


async def test_trying_again_keeps_the_count_and_the_checkpoint(tasks: TaskStore):
    task = await brought_to(tasks, TaskStatus.PROCESSING)
    await tasks.request_cancel(task.id, "house")
    await tasks.checkpoint(task.id, 1, messages=b"so far", steps=[])
    await tasks.finish(task.id, 1, TaskStatus.FAILED, error={"type": "x", "detail": "y"})
    again = await tasks.retry(task.id, "house")
    assert (again.status, again.attempt, again.attempts_forgiven) == ("pending", 1, 1)
    assert (again.error, again.cancel_requested, again.finished_at, again.checkpoint) == (None, False, None, b"so far")
    claimed = await tasks.claim(task.id, "w2", LEASE_S)
    assert claimed is not None
    assert claimed.attempt == 2


async def test_steps_are_numbered_on_across_attempts(tasks: TaskStore, clock):
    task = await add(tasks)
    await tasks.claim(task.id, "w1", LEASE_S)
    plan, tell = Step("tool", "plan", {"months": 12}), Step("model", "offline", {"text": "十二个月"})
    await tasks.checkpoint(task.id, 1, messages=b"1", steps=[plan, tell])
    clock.move(LEASE_S)
    await tasks.claim(task.id, "w2", LEASE_S)
    await tasks.checkpoint(task.id, 2, messages=b"2", steps=[tell])
    steps = await tasks.steps(task.id)
    assert [(step.number, step.attempt, step.kind, step.name, step.content) for step in steps] == [
        (1, 1, "tool", "plan", {"months": 12}),
        (2, 1, "model", "offline", {"text": "十二个月"}),
        (3, 2, "model", "offline", {"text": "十二个月"}),
    ]
    assert (await tasks.get(task.id, "house")).checkpoint == b"2"


async def test_a_checkpoint_that_is_asked_for_again_keeps_its_steps_once(tasks: TaskStore, clock):
    task = await brought_to(tasks, TaskStatus.PROCESSING)
    plan, at = Step("tool", "plan", {"months": 12}), tasks.now()
    await tasks.checkpoint(task.id, 1, messages=b"1", steps=[plan], at=at)
    clock.move(1)
    # As after a commit whose answer was lost.
    await tasks.checkpoint(task.id, 1, messages=b"1", steps=[plan], at=at)
    await tasks.checkpoint(task.id, 1, messages=b"2", steps=[plan], at=tasks.now())
    assert [step.number for step in await tasks.steps(task.id)] == [1, 2]


async def test_a_lease_begins_when_the_database_lets_it_be_written(tasks: TaskStore, database: Database, clock):
    if not database.is_sqlite:
        pytest.skip("there nobody waits to write another row")
    task = await add(tasks)
    for write in (lambda: tasks.claim(task.id, "w1", LEASE_S), lambda: tasks.renew("w1", [task.id], LEASE_S)):
        async with database.session():
            waiting = asyncio.create_task(write())
            async with asyncio.timeout(10):
                while not database._turn._waiters:
                    await asyncio.sleep(0)
            clock.move(2 * LEASE_S)
        await waiting
        assert (await tasks.get(task.id, "house")).lease_until == clock() + timedelta(seconds=LEASE_S)


async def test_progress_stays_between_0_and_100(tasks: TaskStore):
    task = await brought_to(tasks, TaskStatus.PROCESSING)
    for percent, kept in ((-5, 0), (40, 40), (500, 100)):
        await tasks.progress([Reached(task.id, 1, percent, "writing")])
        assert (await tasks.get(task.id, "house")).progress == kept


async def test_a_task_handed_back_can_be_claimed_at_once(tasks: TaskStore):
    task = await brought_to(tasks, TaskStatus.PROCESSING)
    await tasks.release(task.id, 1)
    claimed = await tasks.claim(task.id, "w2", LEASE_S)
    assert claimed is not None
    assert (claimed.attempt, claimed.attempts_forgiven) == (2, 1)


async def test_pages_show_every_task_once_the_newest_first(tasks: TaskStore, clock):
    added: list[AgentTask] = []
    for number in range(23):
        clock.move(number % 3)  # several share their time
        added.append(await add(tasks))
    shown: list[str] = []
    cursor = None
    while True:
        page, cursor = await tasks.list("house", cursor=cursor, limit=5)
        shown += [task.id for task in page]
        if cursor is None:
            break
        await add(tasks, organisation_id="other")
    assert shown == [task.id for task in sorted(added, key=lambda task: (task.created_at, task.id), reverse=True)]


async def test_lists_are_narrowed_by_status_and_type(tasks: TaskStore):
    advice = await add(tasks, {"type": "financial_advice"})
    running = await brought_to(tasks, TaskStatus.PROCESSING)
    assert [task.id for task in (await tasks.list("house", type=TaskType.FINANCIAL_ADVICE))[0]] == [advice.id]
    assert [task.id for task in (await tasks.list("house", status=TaskStatus.PROCESSING))[0]] == [running.id]


@pytest.mark.parametrize("cursor", ["x", "", "====", "MjAyNy0wMS0wMnx4", "ÿ"])
async def test_a_cursor_that_nobody_gave_out_is_refused(tasks: TaskStore, cursor: str):
    with pytest.raises(BadInput) as raised:
        await tasks.list("house", cursor=cursor)
    assert raised.value.errors[0].path == "cursor"


async def test_the_stranded_are_those_that_wait_long_and_those_whose_lease_lapsed(tasks: TaskStore, clock):
    waits = await add(tasks)
    dead = await brought_to(tasks, TaskStatus.PROCESSING)
    await brought_to(tasks, TaskStatus.COMPLETED)
    assert await tasks.stranded(30) == []
    clock.move(LEASE_S)
    assert await tasks.stranded(30) == [(dead.id, "house", "key", TaskPriority.TASK)]
    clock.move(30)
    await add(tasks)
    assert {task.task_id for task in await tasks.stranded(30)} == {waits.id, dead.id}
