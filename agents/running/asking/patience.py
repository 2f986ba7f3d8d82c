"""How long a model that fails is asked again: so that a task outlives the engine behind it.

An engine that was killed is back after half a minute on a small machine, and after minutes where a large model is
loaded. Only what may pass is borne; what has been paid for is kept, and asked for again by nobody. A model that says
nothing for too long is not asked again, nor one that wants us to wait for longer than that.
"""

import random
from collections.abc import Callable
from dataclasses import dataclass
from time import monotonic

from tenacity import RetryCallState

from agents.running.asking.waiting import Wait
from agents.running.model_errors import asked_wait, is_garbled, is_passing

GROWN_S = 8.0  # pauses grow no longer by themselves: whoever waits for an engine notices soon that it is back
JITTER = 0.5  # of a pause: many tasks that failed together are not to come back together


@dataclass
class ModelPatience:
    """With one task's model: over once it has failed often and for long, and has finished no turn in between.

    Attributes:
        kept_at: when the last turn was finished.
        tries: so many failures in a row are borne however long they take.
        longest_s: so long, however many they are.
        wait: whoever asks to be left alone for longer is not asked again.
        pause_s: the first pause between tries; it doubles each time.
    """

    kept_at: Callable[[], float]
    tries: int
    longest_s: float
    wait: Wait
    pause_s: float
    _failures: int = 0
    _since: float = 0.0

    def bears(self, error: BaseException) -> bool:
        """Whether this failure may pass; each is counted."""
        if not is_passing(error):
            return False
        if not self._failures or self.kept_at() > self._since:
            self._failures, self._since = 0, monotonic()
        self._failures += 1
        if is_garbled(error):
            return self._failures < self.tries
        pause = max(self._grown(), asked_wait(error))
        return asked_wait(error) <= self.wait.silence_s and monotonic() + pause <= self.wait.until

    def is_over(self, _: RetryCallState) -> bool:
        """Whether the last failure was one too many."""
        return self._failures >= self.tries and monotonic() - self._since >= self.longest_s

    def pause(self, state: RetryCallState) -> float:
        """Seconds until the next try."""
        error = state.outcome.exception() if state.outcome else None
        return max(self._grown() * random.uniform(1 - JITTER, 1), asked_wait(error))

    def _grown(self) -> float:
        return min(self.pause_s * 2.0 ** min(self._failures - 1, 30), GROWN_S)
