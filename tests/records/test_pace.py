"""How long readers rest between reads."""

import asyncio

import pytest

from data.channels.pace import Pace

pytestmark = pytest.mark.anyio
PACE = {"few": 20, "rest_for_each_s": 0.0007, "longest_s": 0.15}


@pytest.fixture
def rests(monkeypatch: pytest.MonkeyPatch) -> list[float]:
    rested: list[float] = []

    async def noted(seconds: float) -> None:
        rested.append(seconds)

    monkeypatch.setattr(asyncio, "sleep", noted)
    return rested


async def test_few_readers_rest_only_while_the_loop_is_behind(rests: list[float]):
    for round_s in (0.0, 0.01, 5.0):
        await Pace(**PACE, round_s=round_s).rest(1)
    assert rests[0] == 0
    assert 0 < rests[1] < 0.15
    assert rests[2] == 0.15


async def test_many_readers_rest_for_the_longer_the_more_they_are(rests: list[float]):
    pace = Pace(**PACE)
    for readers in range(1, 301):
        await pace.rest(readers)
    assert rests[:20] == [0] * 20
    assert 0 < rests[20] < rests[100] < rests[-1] == 0.15


async def test_many_readers_rest_as_long_as_may_be_while_others_wait_to_begin(rests: list[float]):
    for readers in (20, 21):
        await Pace(**PACE, hurried=1).rest(readers)
    assert rests == [0, 0.15]


async def test_the_pace_eases_when_the_loop_keeps_up_again(monkeypatch: pytest.MonkeyPatch):
    async def at_once(seconds: float) -> None:
        loop.now += seconds

    class Loop:
        now = 0.0

        def time(self) -> float:
            return self.now

    loop = Loop()
    monkeypatch.setattr(asyncio, "get_running_loop", lambda: loop)
    monkeypatch.setattr(asyncio, "sleep", at_once)
    pace = Pace(**PACE, round_s=0.05)
    for _ in range(40):
        await pace.rest(1)
    assert pace.round_s < 0.001
