"""The text that reaches the reader: what is emitted, piece after piece, is exactly what is kept as the narrative.

A turn that broke off is taken up where it stood if the model repeats itself. Where it says something else, the reader
is told to drop the text (`restart`), and all that counts is told once more. Whatever was written, what is told is
inert: no links, no pictures, no tags. Knows nothing of models.
"""

from dataclasses import dataclass, field

from agents.inert import InertStream
from data.wire.agent_run import Emit
from data.wire.event import EventType
from data.wording.words import Language

BETWEEN_TURNS = "\n\n"


@dataclass
class Narration:
    """What has been told so far, `text`, and the way to tell more.

    Attributes:
        attempt: the attempt at the task that tells it, which a reader who must drop the text is named.
    """

    emit: Emit
    language: Language
    attempt: int = 1
    text: str = ""
    _inert: InertStream = field(init=False, repr=False)
    _before: str = field(default="", repr=False)  # the text as it stood when this turn began
    _turn: str = ""  # what the model wrote in this turn
    _told: str = field(default="", repr=False)  # what the reader saw of the turn that broke off and is not repeated yet

    def __post_init__(self) -> None:
        """Nothing is held back yet."""
        self._inert = InertStream(self.language)

    async def end_turn(self) -> None:
        """The model's turn is whole; what comes next is another."""
        await self._add(self._inert.end())
        # A shorter answer than what had been told when it broke off.
        if self._told:
            await self.replace(self._before + self._turn)
        self._turn = self._told = ""

    def break_off(self) -> None:
        """The turn broke off: all that it has told is expected again."""
        # Broken off again while repeating: the reader still has all of the first try.
        self._told, self._turn = self._told or self._turn, ""
        self._inert = InertStream(self.language)

    async def add(self, text: str) -> None:
        """The model's next piece of text."""
        await self._add(self._inert.add(text))

    async def _add(self, text: str) -> None:
        if not text:
            return
        if not self._turn and not self._told:
            if self.text:
                await self._tell(BETWEEN_TURNS)
            self._before = self.text
        self._turn += text
        if not self._told:
            await self._tell(text)
        elif self._turn.startswith(self._told):
            # All that was told has been repeated: go on from there.
            rest, self._told = self._turn.removeprefix(self._told), ""
            await self._tell(rest)
        elif not self._told.startswith(self._turn):
            # The model says something else now.
            self._told = ""
            await self.replace(self._before + self._turn)

    async def replace(self, text: str) -> None:
        """The reader drops what was told; this is the text so far."""
        self.text = ""
        await self.emit(EventType.RESTART, {"attempt": self.attempt})
        await self._tell(text)

    async def begin(self) -> None:
        """The reader sees that somebody writes."""
        await self.emit(EventType.TYPING, {"on": True})

    async def end(self) -> None:
        """Nothing more comes."""
        await self.emit(EventType.TYPING, {"on": False})

    async def _tell(self, text: str) -> None:
        if text:
            self.text += text
            await self.emit(EventType.CHUNK, {"text": text})
