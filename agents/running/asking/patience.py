"""How long a model that fails is asked again: so that a task outlives the engine behind it.

An engine that was killed is back after half a minute on a small machine, and after minutes where a large model is
loaded. Only what may pass is borne; what has been paid for is kept, and asked for again by nobody.
"""

from collections.abc import Callable
from dataclasses import dataclass
from time import monotonic

from tenacity import RetryCallState

from agents.running.model_errors import asked_wait, is_passing

GROWN_S = 8.0  # pauses grow no longer by themselves: whoever waits for an engine notices soon that it is back


@dataclass
class ModelPatience:
    """With one task's model: over once it has failed often and for long, and has finished no turn in between.

    Attributes:
        kept_at: when the last turn was finished.
        tries: so many failures in a row are borne however long they take.
        longest_s: so long, however many they are.
        pause_s: the first pause between tries; it doubles each time.
        longest_pause_s: so long the endpoint's own wish counts.
    """

    kept_at: Callable[[], float]
    tries: int
    longest_s: float
    pause_s: float
    longest_pause_s: float
    _failures: int = 0
    _since: float = 0.0

    def bears(self, error: BaseException) -> bool:
        """Whether this failure may pass; each is counted."""
        if not is_passing(error):
            return False
        if not self._failures or self.kept_at() > self._since:
            self._failures, self._since = 0, monotonic()
        self._failures += 1
        return True

    def is_over(self, _: RetryCallState) -> bool:
        """Whether the last failure was one too many."""
        return self._failures >= self.tries and monotonic() - self._since >= self.longest_s

    def pause(self, state: RetryCallState) -> float:
        """Seconds until the next try."""
        error = state.outcome.exception() if state.outcome else None
        grown = min(self.pause_s * 2.0 ** min(self._failures - 1, 30), GROWN_S)
        return min(max(grown, asked_wait(error)), self.longest_pause_s)
