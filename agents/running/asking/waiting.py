"""How long a task waits for a model: for a sign of life, and for its end."""

import asyncio
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from time import monotonic

from agents.running.model_errors import Silence


@dataclass
class Wait:
    """For one model.

    Attributes:
        silence_s: for a sign of life: a piece of text, of thought or of a call. until: for its end, by the monotonic
            clock.
    """

    silence_s: float
    until: float
    _silence: asyncio.Timeout = field(init=False, repr=False)

    @asynccontextmanager
    async def for_life(self, model: str) -> AsyncGenerator[None]:
        """Within it the model gives a sign of life now and then, and comes to its end.

        Raises:
            Silence: it does not.
        """
        try:
            async with asyncio.timeout(self.until - monotonic()), asyncio.timeout(self.silence_s) as self._silence:
                yield
        except TimeoutError as error:
            raise Silence(model, "no sign of life, or no end") from error

    def lives(self) -> None:
        """A sign of life: the wait for the next one begins."""
        self._silence.reschedule(asyncio.get_running_loop().time() + self.silence_s)
