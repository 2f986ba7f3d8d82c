"""What an agent answers: its narrative, the facts and the plan it rests on, what to do, and the check of its numbers.

Written by one version and read by others: what a reader does not know is kept as it came, what a writer left out is
left out again.
"""

from typing import Annotated, Any

from pydantic import BaseModel, ConfigDict, Field, SerializerFunctionWrapHandler, model_serializer

from data.answers.plan import Cash, Plan
from data.wire.case_facts import CaseFacts
from data.wording.described import Described

Json = dict[str, Any]


class _Kept(Described, BaseModel):
    """Holds and writes exactly the fields that it was given."""

    model_config = ConfigDict(frozen=True, extra="allow", ser_json_inf_nan="constants")

    # without the type of what it returns: with it, the schema would be that of any object
    @model_serializer(mode="wrap")
    def _as_given(self, handler: SerializerFunctionWrapHandler):  # noqa: ANN202  # pyright: ignore
        return {name: value for name, value in handler(self).items() if name in self.model_fields_set}


class Advice(_Kept):
    """One thing to do: `code` says which, and the rest what it is about.

    Attributes:
        code: what to do, as a code.
        strategy: the strategy that it is about; left out where it is about none.
        debt: the name of the debt that it is about; left out where it is about none.
        offer: the name of the offer that it is about; left out where it is about none.
        month: the month that it is about, as YYYY-MM; left out where it is about none.
        months: how many months it is about; left out where it is about none.
        amounts: what it is about in money, by name.
        rates: what it is about in rates, by name, as fractions a year.
    """

    code: str = ""
    strategy: str | None = None
    debt: str | None = None
    offer: str | None = None
    month: str | None = None
    months: int | None = None
    amounts: dict[str, Cash] = {}
    rates: dict[str, float] = {}


class Recommendation(Advice):
    """One thing to do, with its sentence in the client's language.

    Attributes:
        text: the sentence in the client's language.
    """

    text: str = ""

    @classmethod
    def of(cls, advice: Advice, text: str) -> "Recommendation":
        """The advice with its sentence, and without what it is not about."""
        fields = {name: getattr(advice, name) for name in Advice.model_fields}
        return cls(**{name: value for name, value in fields.items() if value is not None}, text=text)


class Unsupported(_Kept):
    """A number in the narrative that no tool returned, or that is another debt's; places are Unicode code points.

    Attributes:
        text: the number as it stands in the narrative.
        start: where it begins in the narrative, in Unicode code points from 0.
        end: where it ends, the first code point after it.
        reason: `unknown`: it stands nowhere; `other_debt`: it is the figure of another debt than the one beside it.
        debt: the debt whose figure it is, where it is another's.
    """

    text: str
    start: int | None = None
    end: int | None = None
    reason: str | None = None
    debt: str | None = None


class Grounding(_Kept):
    """How many numbers of the narrative were checked, and which were not found.

    Attributes:
        checked: how many numbers of the narrative were looked for in what the tools returned.
        unsupported: those that were not found.
        replaced: those of the model's first answer, where another was written in its place; left out elsewhere.
    """

    checked: int = 0
    unsupported: list[Unsupported] = []
    replaced: list[Unsupported] = []


class Usage(_Kept):
    """What the model used, over all attempts.

    Attributes:
        requests: how often the model was asked.
        tool_calls: how many tools it called.
        input_tokens: how many tokens it read.
        output_tokens: how many tokens it wrote.
    """

    requests: int = 0
    tool_calls: int = 0
    input_tokens: int = 0
    output_tokens: int = 0


class TaskResult(_Kept):
    """What an agent answered.

    Attributes:
        facts: what the planner found out, which the narrative rests on; empty where the question came without a
            portfolio. Facts of another version are plain JSON.
        narrative: the answer as Markdown, in the language asked for.
        recommendations: what to do, the most urgent first.
        grounding: the check of the narrative's numbers.
        model: who wrote the narrative; null where no model did.
        usage: what the model used, over all attempts.
        care: what the question told that needed a word before all else, and got it at the head of the narrative:
            `despair`, `violence` by who collects, `loan_shark`, `young`, `guarantor`; left out where there is none.
        plan: the recommended plan, where it was asked for; null elsewhere. A plan of another version is plain JSON.
    """

    facts: Annotated[CaseFacts | Json, Field(union_mode="left_to_right")] = {}
    narrative: str = ""
    recommendations: list[Recommendation] = []
    grounding: Grounding = Grounding()
    model: str | None = None
    usage: Usage = Usage()
    care: list[str] = []
    plan: Annotated[Plan | Json | None, Field(union_mode="left_to_right")] = None

    @property
    def strategy(self) -> str | None:
        """The strategy of its plan, if it has one."""
        return self.plan.strategy if isinstance(self.plan, Plan) else (self.plan or {}).get("strategy")
