"""The text that reaches the reader: what is emitted, piece after piece, is exactly what is kept as the narrative.

Nothing that was told can be taken back, so a turn that broke off is taken up where it stood if the model repeats
itself, and otherwise begun anew below the broken part, in plain sight. Knows nothing of models.
"""

from dataclasses import dataclass, field

from data.wire.agent_run import Emit
from data.wire.event import EventType
from data.wording.words import Language

BROKEN_OFF = {
    "en": "\n\n---\n\n*The connection to the model broke here; its answer begins again.*\n\n",
    "zh": "\n\n---\n\n*与模型的连接在此中断，以下为重新生成的回答。*\n\n",
}
BETWEEN_TURNS = "\n\n"


@dataclass
class Narration:
    """What has been told so far, `text`, and the way to tell more."""

    emit: Emit
    language: Language
    text: str = ""
    _turn: str = ""  # what the model wrote in this turn
    _told: str = field(default="", repr=False)  # what the reader saw of the turn that broke off and is not repeated yet

    def end_turn(self) -> None:
        """The model's turn is whole; what comes next is another."""
        self._turn = self._told = ""

    def break_off(self) -> None:
        """The turn broke off: all that it has told is expected again."""
        # Broken off again while repeating: the reader still has all of the first try.
        self._told, self._turn = self._told or self._turn, ""

    async def add(self, text: str) -> None:
        """The model's next piece of text."""
        if not text:
            return
        if self.text and not self._turn and not self._told:
            await self._tell(BETWEEN_TURNS)
        self._turn += text
        if not self._told:
            await self._tell(text)
        elif self._turn.startswith(self._told):
            # All that was told has been repeated: go on from there.
            rest, self._told = self._turn.removeprefix(self._told), ""
            await self._tell(rest)
        elif not self._told.startswith(self._turn):
            # The model says something else now; the reader is told so.
            self._told = ""
            await self._tell(BROKEN_OFF[self.language] + self._turn)

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
