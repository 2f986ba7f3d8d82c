"""Models that have just failed, by what came of real requests: they rest, while another of the chain can answer."""

from collections.abc import Callable, Sequence
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

    def awake(self, chain: Sequence[str]) -> list[str]:
        """The models of a chain that are worth asking, in order; the last is asked in any case."""
        moment = self.now()
        asked = [name for name in chain[:-1] if self._until.get(name, moment) <= moment]
        for name in asked:
            # Whoever comes next passes it over until this one has told what came of it.
            if name in self._until:
                self._until[name] = moment + self.rests_s
        return [*asked, chain[-1]]

    def fails(self, name: str) -> None:
        """It has failed a task."""
        self._until[name] = self.now() + self.rests_s

    def answers(self, name: str) -> None:
        """It has answered a task."""
        self._until.pop(name, None)
