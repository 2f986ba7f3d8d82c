"""What is said of an answer whose figures do not all stand somewhere, and how much of it that is."""

from data.wire.task_result import Grounding, TaskResult, Unsupported

MOST_DOUBTFUL = 0.1  # of an answer's figures: with more, the planner's own words are better


def doubtful(result: TaskResult) -> float:
    """The share of an answer's figures that stand nowhere, or are another debt's."""
    return len(result.grounding.unsupported) / max(1, result.grounding.checked)


def complaint(found: Grounding) -> str:
    """What a model is told that is to write its answer anew."""
    wrong = dict.fromkeys(_said(one) for one in found.unsupported)
    listed = "\n".join(f"- {one}" for one in wrong)
    return (
        f"These figures of your answer are not confirmed:\n{listed}\n"
        "Write the whole answer again, as if for the first time, without a word about this. Take every figure as it"
        " stands in a tool's answer or in the client's own words, call a tool where one is missing, and leave out what"
        " no tool gives."
    )


def instead_of(first: TaskResult, result: TaskResult) -> TaskResult:
    """The result with what was wrong with the answer that it stands for."""
    wrong = [
        Unsupported.model_validate(one.model_dump(exclude={"start", "end"})) for one in first.grounding.unsupported
    ]
    return result.model_copy(update={"grounding": result.grounding.model_copy(update={"replaced": wrong})})


def _said(one: Unsupported) -> str:
    return f"{one.text}: belongs to {one.debt}" if one.debt else f"{one.text}: stands nowhere"
