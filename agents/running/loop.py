"""One agent, run: model -> tools -> model, events out, a checkpoint of the messages after every step.

A run that was killed goes on from its last checkpoint: tools that have answered are not asked again, and the text is
told once more from its beginning. Knows nothing of queues, leases or records: `data/wire/agent_run.py` is its only
door.
"""

from dataclasses import dataclass

import anyio.to_thread
from pydantic_ai import UsageLimits
from tenacity import AsyncRetrying, retry_if_exception

from agents.case.case import Case
from agents.running.answer import answer
from agents.running.asking.patience import ModelPatience
from agents.running.model_errors import our_errors
from agents.running.models import ModelSource
from agents.running.turns import Turns
from data.wire.agent_run import AgentRun
from data.wire.task_result import TaskResult


@dataclass(frozen=True)
class AgentLoop:
    """What runs a task to its result.

    Attributes:
        turns: how many answers a model may take to get to the end; calls: how many tools it may call.
        tries: how often a request to the model is made at least before a passing failure counts.
        patience_s: for so long it is made again and again before one counts: an engine that was killed comes back.
        pause_s: the first pause between tries; it doubles each time. longest_pause_s: as the endpoint may wish for.
        keep_after_s: after so long a tool's answer is kept while others of its turn still work.
    """

    models: ModelSource
    turns: int = 16
    calls: int = 32
    tries: int = 4
    patience_s: float = 300.0
    pause_s: float = 0.5
    longest_pause_s: float = 20.0
    keep_after_s: float = 0.25

    async def __call__(self, run: AgentRun) -> TaskResult:
        """The task's result, while its events, checkpoints and progress leave through the run.

        Raises:
            ModelError: the model cannot be reached or does not answer with anything usable.
            BadSetting: the task names a model that is not set up.
        """
        model = self.models.model(run.request.model)
        # A model that calls tools in circles is stopped.
        limits = UsageLimits(request_limit=self.turns, tool_calls_limit=self.calls)
        turn = Turns(run, Case.of(run.request), model, limits, self.keep_after_s)
        with our_errors(model.model_name):
            await turn.tell_what_was_written()
            await self._persist(turn)
        await turn.narration.end()
        await run.progress(95, "checking")
        # In a thread: plans and searches would stop the event loop.
        return await anyio.to_thread.run_sync(answer, turn.case, turn.talk, turn.narration.text, model.model_name)

    async def _persist(self, turn: "Turns") -> None:
        patience = ModelPatience(lambda: turn.kept_at, self.tries, self.patience_s, self.pause_s, self.longest_pause_s)
        tries = AsyncRetrying(
            stop=patience.is_over,
            retry=retry_if_exception(patience.bears),
            wait=patience.pause,
            before_sleep=turn.broke_off,
            reraise=True,
        )
        await tries(turn.go_on)
