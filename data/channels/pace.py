"""How long whoever reads for many rests between reads: the more there are and the busier the process, the longer.

What is read together goes on together, so the cost of a piece falls as the load grows.
"""

import asyncio
from dataclasses import dataclass

AT_EASE_S = 0.002  # a loop that comes round so soon is not behind
RESTS_PER_ROUND = 5.0


@dataclass
class Pace:
    """Rests between reads.

    Attributes:
        few: for so many, each of whose pieces may go by itself, nobody rests while the event loop keeps up.
        rest_for_each_s: beyond those, for each of them.
        longest_s: the longest rest.
        hurried: how many wait for something better than a piece more; while there are any, whoever reads for more than
            a few rests as long as may be.
        round_s: how long the event loop takes to come round, smoothed.
    """

    few: int = 20
    rest_for_each_s: float = 0.0
    longest_s: float = 0.15
    hurried: int = 0
    round_s: float = 0.0

    async def rest(self, readers: int) -> None:
        """Let the others have their turn."""
        loop = asyncio.get_running_loop()
        rest_s = self._rest_s(readers)
        began = loop.time()
        await asyncio.sleep(rest_s)
        late_s = max(0.0, loop.time() - began - rest_s)
        self.round_s += (late_s - self.round_s) / 8

    def _rest_s(self, readers: int) -> float:
        behind_s = max(0.0, RESTS_PER_ROUND * (self.round_s - AT_EASE_S))
        if readers <= self.few:
            return min(behind_s, self.longest_s)
        return self.longest_s if self.hurried else min(max(behind_s, self.rest_for_each_s * readers), self.longest_s)
