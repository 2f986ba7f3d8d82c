"""Callers who come together are asked for together; each gets its own answer, and only its own error."""

import asyncio
from collections.abc import Sequence

import pytest

from data.records.gathered import Gathered

pytestmark = pytest.mark.anyio


class Asking:
    """Doubles numbers, a round at a time; each round waits to be let go."""

    def __init__(self) -> None:
        self.rounds: list[list[int]] = []
        self.may_go = asyncio.Event()

    async def __call__(self, numbers: Sequence[int]) -> list[int]:
        self.rounds.append([*numbers])
        await self.may_go.wait()
        if 13 in numbers:
            raise ValueError("thirteen")
        return [2 * number for number in numbers]


async def under_way(asking: Asking, gathered: "Gathered[int, int]") -> "asyncio.Task[int]":
    """A first caller, whose round has begun."""
    first = asyncio.create_task(gathered.run(1))
    while not asking.rounds:
        await asyncio.sleep(0)
    return first


async def test_whoever_comes_meanwhile_goes_with_the_next_round():
    asking = Asking()
    gathered = Gathered(asking)
    first = await under_way(asking, gathered)
    later = [asyncio.create_task(gathered.run(number)) for number in (2, 3, 4)]
    await asyncio.sleep(0)
    asking.may_go.set()
    assert await asyncio.gather(first, *later) == [2, 4, 6, 8]
    # What was found before somebody asked is no answer to them.
    assert asking.rounds == [[1], [2, 3, 4]]


async def test_one_that_fails_fails_alone():
    asking = Asking()
    asking.may_go.set()
    gathered = Gathered(asking)
    answers = await asyncio.gather(*(gathered.run(number) for number in (5, 13, 6)), return_exceptions=True)
    assert (answers[0], str(answers[1]), answers[2]) == (10, "thirteen", 12)


async def test_a_caller_who_goes_leaves_the_others_their_answers():
    asking = Asking()
    gathered = Gathered(asking)
    first = await under_way(asking, gathered)
    gone, stays = asyncio.create_task(gathered.run(2)), asyncio.create_task(gathered.run(3))
    await asyncio.sleep(0)
    gone.cancel()
    asking.may_go.set()
    assert (await first, await stays) == (2, 6)
    assert asking.rounds == [[1], [3]]


async def test_no_more_than_so_many_go_together():
    asking = Asking()
    asking.may_go.set()
    gathered = Gathered(asking, most=3)
    assert await asyncio.gather(*(gathered.run(number) for number in range(7))) == [0, 2, 4, 6, 8, 10, 12]
    assert [len(numbers) for numbers in asking.rounds] == [3, 3, 1]
