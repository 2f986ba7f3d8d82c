"""The messages between a model and the loop, as they are kept between steps and taken up again.

What a resumed run needs is all in them: which tools have answered, what has been written, what it has cost.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field
from itertools import pairwise

from pydantic import ValidationError
from pydantic_ai import RunUsage
from pydantic_ai.messages import (
    ModelMessage,
    ModelMessagesTypeAdapter,
    ModelRequest,
    ModelResponse,
    TextPart,
    ToolCallPart,
    ToolReturnPart,
)

WRITTEN_ANEW_BY = "written_anew_by"  # in a request's metadata: who is asked to write the whole answer once more


@dataclass
class Conversation:
    """The messages of one task so far, oldest first.

    Attributes:
        answered: what tools have answered of a turn in which others still work, by the call's id.
    """

    messages: list[ModelMessage] = field(default_factory=list[ModelMessage])
    answered: dict[str, ToolReturnPart] = field(default_factory=dict[str, ToolReturnPart])

    @classmethod
    def restored(cls, checkpoint: bytes | None) -> "Conversation":
        """The conversation of a checkpoint; one that another version wrote and this one cannot read starts anew."""
        if checkpoint is None:
            return cls()
        try:
            talk = cls(ModelMessagesTypeAdapter.validate_json(checkpoint))
        # Another version wrote it: asking anew costs something, but cannot go wrong.
        except ValidationError:
            return cls()
        talk.take_half_a_turn_back()
        return talk

    def take_half_a_turn_back(self) -> None:
        """Set answers apart that came while other tools of their turn still worked: a model reads whole turns only."""
        returns = (
            [part for part in self.messages[-1].parts if isinstance(part, ToolReturnPart)] if self.messages else []
        )
        if returns and len(self.messages[-1].parts) < len(self.asked(self.messages[-2])):
            self.messages.pop()
            self.answered = {part.tool_call_id: part for part in returns}

    @staticmethod
    def asked(message: ModelMessage) -> list[str]:
        """The ids of the calls that a model's turn asks for."""
        return [part.tool_call_id for part in message.parts if isinstance(part, ToolCallPart)]

    def dump(self) -> bytes:
        """The checkpoint."""
        half = [ModelRequest(parts=[*self.answered.values()])] if self.answered else []
        return ModelMessagesTypeAdapter.dump_json([*self.messages, *half])

    def keep(self, messages: Sequence[ModelMessage]) -> None:
        """Take over the messages as they stand after a step."""
        self.messages, self.answered = list(messages), {}

    @property
    def is_answered(self) -> bool:
        """True when the last message is the model's whole answer, so that nothing is left to ask."""
        last = self.messages[-1] if self.messages else None
        return isinstance(last, ModelResponse) and not last.tool_calls and bool(written(last))

    def rounds(self) -> list[list[str]]:
        """What has been written, turn by turn: the answer, then what was written in its place, each time of asking."""
        begins = [0, *(place for place, one in enumerate(self.messages) if _author_anew(one)), len(self.messages)]
        return [_texts(self.messages[start:end]) for start, end in pairwise(begins)]

    def authors_anew(self) -> list[str]:
        """Who was asked to write the answer anew, in order."""
        return [author for author in map(_author_anew, self.messages) if author]

    def returns(self) -> list[ToolReturnPart]:
        """The answers of the tools, in order; failed calls are not among them."""
        requests = [message for message in self.messages if isinstance(message, ModelRequest)]
        parts = [part for request in requests for part in request.parts]
        return [part for part in parts if isinstance(part, ToolReturnPart) and part.outcome == "success"]

    def usage_of_others(self, model: str) -> RunUsage:
        """What was used before this model was asked: of turns after its first, all count as its own."""
        responses = [message for message in self.messages if isinstance(message, ModelResponse)]
        own = next((place for place, one in enumerate(responses) if one.model_name == model), len(responses))
        earlier = responses[:own]
        asked = {call.tool_call_id for one in earlier for call in one.tool_calls}
        calls = sum(part.tool_call_id in asked for part in self.returns())
        return RunUsage(requests=len(earlier), tool_calls=calls)

    def usage(self) -> RunUsage:
        """What the conversation has used so far."""
        used = RunUsage(tool_calls=len(self.returns()))
        for message in self.messages:
            if isinstance(message, ModelResponse):
                used.incr(message.usage)
                used.requests += 1
        return used


def _author_anew(message: ModelMessage) -> str:
    return (message.metadata or {}).get(WRITTEN_ANEW_BY, "") if isinstance(message, ModelRequest) else ""


def _texts(messages: Sequence[ModelMessage]) -> list[str]:
    turns = [written(message) for message in messages if isinstance(message, ModelResponse)]
    return [text for text in turns if text]


def written(response: ModelResponse) -> str:
    """The text of one model turn."""
    return "".join(part.content for part in response.parts if isinstance(part, TextPart))
