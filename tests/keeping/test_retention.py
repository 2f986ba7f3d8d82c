"""What is older than an organisation keeps it is erased once a day, by one process at a time, to the end."""

import asyncio

import pytest

from data.records.keeping.retention_store import ChoreStore
from serve.keeping.retention import CHORE, Keeper
from tests.keeping.conftest import Whole

pytestmark = pytest.mark.anyio
PORTFOLIO = {"debts": [{"name": "Visa", "balance": "5200.00", "apr": 0.25}]}


def keeper(whole: Whole, **how: float) -> Keeper:
    return Keeper(whole.services.eraser, clock=whole.clock, **how)


async def cancelled_task(whole: Whole) -> str:
    task_id = (await whole.plain.post("/v1/tasks", json={"type": "debt_analysis", "portfolio": PORTFOLIO})).json()["id"]
    await whole.plain.post(f"/v1/tasks/{task_id}/cancel")
    return task_id


async def cancelled_batch(whole: Whole) -> str:
    answer = await whole.plain.post("/v1/batches", content=b"name,balance,apr\nVisa,1,1\n")
    await whole.plain.post(f"/v1/batches/{answer.json()['id']}/cancel")
    return answer.json()["id"]


async def test_nothing_is_erased_unless_it_was_decided(whole: Whole):
    path = "/v1/organisation/retention"
    nothing = {"tasks_days": None, "batches_days": None, "portfolios_days": None}
    assert (await whole.plain.get(path)).json() == nothing
    task_id = await cancelled_task(whole)
    whole.clock.days = 10_000
    assert await keeper(whole).sweep() == 0
    assert (await whole.plain.get(f"/v1/tasks/{task_id}")).status_code == 200
    assert (await whole.plain.put(path, json={"tasks_days": 1})).status_code == 403
    assert (await whole.admin.put(path, json={"tasks_days": 0})).status_code == 422
    assert (await whole.stranger.put(path, json={"tasks_days": 1})).status_code == 200
    assert (await whole.plain.get(path)).json() == nothing


async def test_each_kind_is_kept_as_long_as_was_decided_and_no_longer(whole: Whole):
    decided = {"tasks_days": 30, "batches_days": 60, "portfolios_days": 90}
    assert (await whole.admin.put("/v1/organisation/retention", json=decided)).json() == decided
    task, batch = await cancelled_task(whole), await cancelled_batch(whole)
    waiting = await whole.plain.post("/v1/tasks", json={"type": "debt_analysis", "portfolio": PORTFOLIO})
    saved = (await whole.plain.post("/v1/portfolios", json={"title": "Ann", "portfolio": PORTFOLIO})).json()["id"]
    paths = [f"/v1/tasks/{task}", f"/v1/batches/{batch}", f"/v1/portfolios/{saved}"]
    left: list[list[int]] = []
    for days in (29, 31, 61, 91):
        whole.clock.days = days
        assert await keeper(whole).sweep() is not None
        left.append([(await whole.plain.get(path)).status_code for path in paths])
    assert left == [[200, 200, 200], [404, 200, 200], [404, 404, 200], [404, 404, 404]]
    assert not (whole.services.settings.batches_dir / batch).exists()
    # What has not ended is never too old.
    assert (await whole.plain.get(waiting.headers["location"])).status_code == 200


async def test_of_several_processes_one_sweeps_once_a_day(whole: Whole):
    answers = await asyncio.gather(*(keeper(whole).sweep() for _ in range(5)))
    assert sorted(answers, key=str) == [0, None, None, None, None]
    assert await keeper(whole).sweep() is None
    whole.clock.days = 2
    assert await keeper(whole).sweep() == 0


async def test_one_killed_half_way_is_followed_by_another(whole: Whole, monkeypatch: pytest.MonkeyPatch):
    await whole.admin.put("/v1/organisation/retention", json={"tasks_days": 30})
    tasks = [await cancelled_task(whole) for _ in range(5)]
    whole.clock.days = 31
    erase, erased = whole.services.stream.erase, []

    async def dies_at_the_third(task_id: str) -> None:
        erased.append(task_id)
        if len(erased) == 3:
            raise asyncio.CancelledError
        await erase(task_id)

    monkeypatch.setattr(whole.services.stream, "erase", dies_at_the_third)
    with pytest.raises(asyncio.CancelledError):
        await keeper(whole).sweep()
    monkeypatch.undo()
    assert await keeper(whole).sweep() is None  # its lease has not lapsed
    whole.clock.days = 32
    assert await keeper(whole).sweep() == 3
    assert [(await whole.plain.get(f"/v1/tasks/{task_id}")).status_code for task_id in tasks] == [404] * 5


async def test_who_was_taken_for_dead_stops(whole: Whole):
    chores = ChoreStore(whole.services.database, whole.clock)
    first = await chores.claim(CHORE, 1.0)
    whole.clock.days = 1
    second = await chores.claim(CHORE, 1.0)
    assert (first, second) == (1, 2)
    with pytest.raises(Exception, match="taken over"):
        await chores.keep(CHORE, 1, 1.0)
