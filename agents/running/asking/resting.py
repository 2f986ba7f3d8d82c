"""Models that have just failed, by what came of real requests: they rest, while another of the chain can answer."""

from collections.abc import Callable
from dataclasses import dataclass, field
from time import monotonic

RESTS_S = 60.0  # an engine that has died answers again after about a minute


@dataclass
class Resting:
    """What one worker has seen of its models.

    Attributes:
        rests_s: how long a model that failed is passed over; then one task tries it again, and others once it answers.
    """

    rests_s: float = RESTS_S
    now: Callable[[], float] = monotonic
    _until: dict[str, float] = field(default_factory=dict[str, float], init=False)

    def may_be_asked(self, name: str) -> bool:
        """Whether a task may ask it now; of those that come when its rest is over, the first."""
        if name not in self._until:
            return True
        if self.now() < self._until[name]:
            return False
        # Whoever comes next passes it over until this one has told what came of it.
        self._until[name] = self.now() + self.rests_s
        return True

    def fails(self, name: str) -> None:
        """It has failed a task."""
        self._until[name] = self.now() + self.rests_s

    def answers(self, name: str) -> None:
        """It has answered a task."""
        self._until.pop(name, None)
