"""Work that keeps a processor busy takes turns: nobody starves, nobody waits without end."""

import asyncio

import pytest

from serve.http.bounds.places import Places
from serve.http.problems import Refusal

pytestmark = pytest.mark.anyio


async def settled() -> None:
    for _ in range(5):
        await asyncio.sleep(0)


async def test_organisations_take_turns_however_many_one_of_them_sends():
    places, order, ends = Places(1, 20), list[str](), dict[str, asyncio.Event]()

    async def work(name: str) -> None:
        ends[name] = asyncio.Event()
        async with places.taken(name[0]):
            order.append(name)
            await ends[name].wait()

    async with asyncio.TaskGroup() as group:
        for name in ("a1", "a2", "a3", "a4", "b1", "b2"):
            group.create_task(work(name))
            await settled()
        for name in ("a1", "a2", "b1", "a3", "b2", "a4"):
            assert order[-1] == name
            ends[name].set()
            await settled()


async def test_too_many_are_told_to_come_back():
    places, end = Places(1, 6), asyncio.Event()

    async def work(organisation: str) -> None:
        async with places.taken(organisation):
            await end.wait()

    async with asyncio.TaskGroup() as group:
        for organisation in "aaabbb":
            group.create_task(work(organisation))
        await settled()
        with pytest.raises(Refusal) as all_busy:
            await work("c")
        assert (all_busy.value.status_code, all_busy.value.headers) == (503, {"Retry-After": "2"})
        end.set()
    await work("c")


async def test_one_organisation_never_takes_every_place_to_wait():
    places, end = Places(1, 6), asyncio.Event()

    async def work(organisation: str) -> None:
        async with places.taken(organisation):
            await end.wait()

    async with asyncio.TaskGroup() as group:
        for _ in range(3):
            group.create_task(work("a"))
        await settled()
        with pytest.raises(Refusal) as refused:
            await work("a")
        assert refused.value.status_code == 429
        other = group.create_task(work("b"))
        await settled()
        assert not other.done()
        end.set()


async def test_whoever_leaves_while_waiting_takes_no_place_with_it():
    places, end = Places(1, 6), asyncio.Event()

    async def work(organisation: str) -> None:
        async with places.taken(organisation):
            await end.wait()

    first = asyncio.create_task(work("a"))
    second = asyncio.create_task(work("b"))
    await settled()
    # The second is ended just when the first hands it its place.
    end.set()
    await asyncio.sleep(0)
    second.cancel()
    await asyncio.gather(first, second, return_exceptions=True)
    await asyncio.wait_for(work("c"), 5)


async def test_work_runs_beside_the_event_loop_and_its_errors_arrive():
    places = Places(1, 6)
    assert await places.threaded(lambda: 1 + 1, "a") == 2
    with pytest.raises(ZeroDivisionError):
        await places.threaded(lambda: 1 // 0, "a")
    assert await places.threaded(lambda: 3, "a") == 3
