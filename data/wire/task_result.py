"""What an agent answers: its narrative, the facts and the plan it rests on, what to do, and the check of its numbers.

Written by one version and read by others: what a reader does not know is kept as it came, what a writer left out is
left out again.
"""

from typing import Annotated, Any

from pydantic import BaseModel, ConfigDict, Field, SerializerFunctionWrapHandler, model_serializer

from data.answers.plan import Cash, Plan
from data.wire.case_facts import CaseFacts

Json = dict[str, Any]


class _Kept(BaseModel):
    """Holds and writes exactly the fields that it was given."""

    model_config = ConfigDict(frozen=True, extra="allow", ser_json_inf_nan="constants")

    # without the type of what it returns: with it, the schema would be that of any object
    @model_serializer(mode="wrap")
    def _as_given(self, handler: SerializerFunctionWrapHandler):  # noqa: ANN202  # pyright: ignore
        return {name: value for name, value in handler(self).items() if name in self.model_fields_set}


class Advice(_Kept):
    """One thing to do: `code` says which, and the rest what it is about."""

    code: str = ""
    strategy: str | None = None
    debt: str | None = None
    offer: str | None = None
    month: str | None = None
    months: int | None = None
    amounts: dict[str, Cash] = {}
    rates: dict[str, float] = {}


class Recommendation(Advice):
    """One thing to do, with its sentence in the client's language."""

    text: str = ""

    @classmethod
    def of(cls, advice: Advice, text: str) -> "Recommendation":
        """The advice with its sentence, and without what it is not about."""
        fields = {name: getattr(advice, name) for name in Advice.model_fields}
        return cls(**{name: value for name, value in fields.items() if value is not None}, text=text)


class Unsupported(_Kept):
    """A number in the narrative that no tool returned; `start` and `end` count Unicode code points."""

    text: str
    start: int | None = None
    end: int | None = None


class Grounding(_Kept):
    """How many numbers of the narrative were checked, and which were not found."""

    checked: int = 0
    unsupported: list[Unsupported] = []


class Usage(_Kept):
    """What the model used, over all attempts."""

    requests: int = 0
    tool_calls: int = 0
    input_tokens: int = 0
    output_tokens: int = 0


class TaskResult(_Kept):
    """What an agent answered.

    Attributes:
        facts: nothing where the question came without a portfolio. plan: the recommended one, where it was asked for.
            Both may be those of another version, which this one holds as plain JSON.
        model: who wrote the narrative.
    """

    facts: Annotated[CaseFacts | Json, Field(union_mode="left_to_right")] = {}
    narrative: str = ""
    recommendations: list[Recommendation] = []
    grounding: Grounding = Grounding()
    model: str | None = None
    usage: Usage = Usage()
    plan: Annotated[Plan | Json | None, Field(union_mode="left_to_right")] = None

    @property
    def strategy(self) -> str | None:
        """The strategy of its plan, if it has one."""
        return self.plan.strategy if isinstance(self.plan, Plan) else (self.plan or {}).get("strategy")
