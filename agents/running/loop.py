"""One agent, run: model -> tools -> model, events out, a checkpoint of the messages after every step.

A run that was killed goes on from its last checkpoint: tools that have answered are not asked again, and the text is
told once more from its beginning. Knows nothing of queues, leases or records: `data/wire/agent_run.py` is its only
door.
"""

import math
from collections.abc import Sequence
from dataclasses import dataclass, field
from itertools import pairwise
from time import monotonic

import anyio.to_thread
from tenacity import AsyncRetrying, retry_if_exception

from agents.case.case import Case
from agents.running.answer import answer
from agents.running.asking.patience import ModelPatience
from agents.running.asking.resting import Resting
from agents.running.asking.waiting import Wait
from agents.running.asking.wrong_figures import MOST_DOUBTFUL, complaint, doubtful, instead_of
from agents.running.model_errors import our_errors
from agents.running.models import OFFLINE, ModelSource
from agents.running.turns import Turns
from data.errors import ModelError, ModelUnavailable
from data.wire.agent_run import AgentRun
from data.wire.task_result import TaskResult


@dataclass(frozen=True)
class AgentLoop:
    """What runs a task to its result.

    Attributes:
        turns: how many answers a model may take to get to the end; calls: how many tools it may call.
        tries: how often a request to the model is made at least before a passing failure counts.
        patience_s: for so long it is made again and again before one counts: an engine that was killed comes back.
        switch_s: for so long where the chain has another model to ask.
        silence_s: for so long a model may give no sign of life. whole_s: for so long models are waited for in all.
        pause_s: the first pause between tries; it doubles each time.
        keep_after_s: after so long a tool's answer is kept while others of its turn still work.
    """

    models: ModelSource
    turns: int = 16
    calls: int = 32
    tries: int = 4
    patience_s: float = 300.0
    switch_s: float = 20.0
    silence_s: float = 60.0
    whole_s: float = 300.0
    pause_s: float = 0.5
    keep_after_s: float = 0.25
    resting: Resting = field(default_factory=Resting)

    async def __call__(self, run: AgentRun) -> TaskResult:
        """The task's result, while its events, checkpoints and progress leave through the run.

        Raises:
            ModelError: the model cannot be reached or does not answer with anything usable.
            BadSetting: the task names a model that is not set up.
        """
        chain = self.models.chain(run.request.model)
        turn = Turns(run, Case.of(run.request), self.keep_after_s)
        told = turn.narration
        await turn.tell_what_was_written()
        # Once it is being written anew, the answer is there.
        author = next(iter(turn.talk.authors_anew()), None) or await self._asked(turn, chain)
        await run.progress(95, "checking")
        first = await self._checked(turn, author)
        result = await self._confirmed(turn, author, first)
        if result is not first:
            await told.replace(result.narrative)
            result = instead_of(first, result)
        await told.end()
        return result

    async def _confirmed(self, turn: Turns, author: str, first: TaskResult) -> TaskResult:
        """The answer; one with unsupported figures is written anew by its model, then by the narrator if need be."""
        # Without a portfolio nothing has figures that could stand in their place.
        if author == OFFLINE or turn.case.portfolio is None or not first.grounding.unsupported:
            return first
        await turn.run.progress(95, "revising")
        anew = await self._written_anew(turn, author, first)
        best = anew if anew and doubtful(anew) < doubtful(first) else first
        if doubtful(best) <= MOST_DOUBTFUL:
            return best
        return await self._written_anew(turn, OFFLINE, best) or best

    async def _written_anew(self, turn: Turns, author: str, wrong: TaskResult) -> TaskResult | None:
        """What a model writes in place of an answer; nothing where it does not answer."""
        if author in turn.talk.authors_anew()[:-1]:
            return None
        await turn.write_anew(author, complaint(wrong.grounding), is_by_model=author != OFFLINE)
        try:
            await self._ask(turn, author, min(self.tries, 2), min(self.patience_s, self.switch_s))
        except ModelError:
            return None
        return await self._checked(turn, author)

    async def _checked(self, turn: Turns, author: str) -> TaskResult:
        # In a thread: plans and searches would stop the event loop.
        name = self.models.model(author).model_name
        return await anyio.to_thread.run_sync(answer, turn.case, turn.talk, turn.narration.text, name)

    async def _asked(self, turn: Turns, chain: Sequence[str]) -> str:
        """The model that has answered, by its name in the chain: the first that does."""
        for spec, following in pairwise(chain):
            try:
                await self._ask_unless_resting(turn, spec)
            except ModelError as error:
                await turn.change_model(spec, error, is_last=following == OFFLINE)
            else:
                return spec
        await self._ask(turn, chain[-1], self.tries, self.patience_s)
        return chain[-1]

    async def _ask_unless_resting(self, turn: Turns, spec: str) -> None:
        if not self.resting.may_be_asked(spec):
            raise ModelUnavailable(f'The model "{spec}" has failed a moment ago and rests')
        if monotonic() - turn.began_at >= self.whole_s:
            raise ModelUnavailable(f'The model "{spec}" is not asked: the time for all models is over')
        try:
            await self._ask(turn, spec, min(self.tries, 2), min(self.patience_s, self.switch_s))
        except ModelUnavailable:
            # Not where it misbehaved: that may lie in this one case.
            self.resting.fails(spec)
            raise
        self.resting.answers(spec)

    async def _ask(self, turn: Turns, spec: str, tries: int, patience_s: float) -> None:
        model = self.models.model(spec)
        # A model that calls tools in circles is stopped.
        wait = Wait(math.inf, math.inf) if spec == OFFLINE else Wait(self.silence_s, turn.began_at + self.whole_s)
        turn.begin_with(model, wait, self.turns, self.calls)
        with our_errors(model.model_name):
            await self._persist(turn, tries, patience_s)

    async def _persist(self, turn: Turns, many: int, patience_s: float) -> None:
        patience = ModelPatience(lambda: turn.kept_at, many, patience_s, turn.wait, self.pause_s)
        tries = AsyncRetrying(
            stop=patience.is_over,
            retry=retry_if_exception(patience.bears),
            wait=patience.pause,
            before_sleep=turn.broke_off,
            reraise=True,
        )
        await tries(turn.go_on)
