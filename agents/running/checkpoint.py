"""The messages between a model and the loop, as they are kept between steps and taken up again.

What a resumed run needs is all in them: which tools have answered, what has been written, what it has cost.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field

from pydantic import ValidationError
from pydantic_ai import RunUsage
from pydantic_ai.messages import (
    ModelMessage,
    ModelMessagesTypeAdapter,
    ModelRequest,
    ModelResponse,
    TextPart,
    ToolReturnPart,
)


@dataclass
class Conversation:
    """The messages of one task so far, oldest first."""

    messages: list[ModelMessage] = field(default_factory=list[ModelMessage])

    @classmethod
    def restored(cls, checkpoint: bytes | None) -> "Conversation":
        """The conversation of a checkpoint; one that another version wrote and this one cannot read starts anew."""
        if checkpoint is None:
            return cls()
        try:
            return cls(ModelMessagesTypeAdapter.validate_json(checkpoint))
        # Another version wrote it: asking anew costs something, but cannot go wrong.
        except ValidationError:
            return cls()

    def dump(self) -> bytes:
        """The checkpoint."""
        return ModelMessagesTypeAdapter.dump_json(self.messages)

    def keep(self, messages: Sequence[ModelMessage]) -> None:
        """Take over the messages as they stand after a step."""
        self.messages = list(messages)

    @property
    def is_answered(self) -> bool:
        """True when the last message is the model's whole answer, so that nothing is left to ask."""
        last = self.messages[-1] if self.messages else None
        return isinstance(last, ModelResponse) and not last.tool_calls and bool(written(last))

    def texts(self) -> list[str]:
        """What the model has written, turn by turn."""
        turns = [written(message) for message in self.messages if isinstance(message, ModelResponse)]
        return [text for text in turns if text]

    def returns(self) -> list[ToolReturnPart]:
        """The answers of the tools, in order; failed calls are not among them."""
        requests = [message for message in self.messages if isinstance(message, ModelRequest)]
        parts = [part for request in requests for part in request.parts]
        return [part for part in parts if isinstance(part, ToolReturnPart) and part.outcome == "success"]

    def usage(self) -> RunUsage:
        """What the conversation has used so far."""
        used = RunUsage(tool_calls=len(self.returns()))
        for message in self.messages:
            if isinstance(message, ModelResponse):
                used.incr(message.usage)
                used.requests += 1
        return used


def written(response: ModelResponse) -> str:
    """The text of one model turn."""
    return "".join(part.content for part in response.parts if isinstance(part, TextPart))
