"""A finished task: the answer as the record has it, each number ticked or flagged."""

from __future__ import annotations

import streamlit as st

from dashboard.asking.client import ApiError
from dashboard.holding.answers import client, forget
from dashboard.holding.session import md, session, t
from dashboard.showing.narrative import marked, safe
from dashboard.showing.show import moment, note, title
from dashboard.text import escaped
from data.wire.task import TaskStatus, TaskView
from data.wire.task_result import Grounding, TaskResult, Unsupported


def draw(task: TaskView) -> None:
    """Draw the panel."""
    title(t(f"task.{task.type}"))
    question = (task.request or {}).get("question")
    if question:
        st.markdown(f"> {escaped(str(question))}")
    if task.status is TaskStatus.COMPLETED and task.result is not None:
        _answer(task, task.result)
        return
    if task.status is TaskStatus.FAILED:
        detail = str((task.error or {}).get("detail") or t("agent.no_reason"))
        st.error(escaped(detail), title=t("agent.failed"))
    else:
        st.info(escaped(t("agent.cancelled")))
    st.button(t("agent.run_again"), key="retry_task", on_click=_run_again, args=(task.id,))


def _answer(task: TaskView, result: TaskResult) -> None:
    with st.container(key="answer_text"):
        st.markdown(marked(result.narrative, result.grounding.unsupported), anchors=False)
    steps = [each.text for each in result.recommendations]
    # Not twice, where the text holds them already.
    if any(step not in result.narrative for step in steps):
        st.markdown(f"## {escaped(t('agent.recommendations'))}", anchors=False)
        st.markdown("\n".join(f"{place}. {safe(step)}" for place, step in enumerate(steps, 1)))
    _grounding(result.grounding)
    model = result.model or "offline"
    finished = moment(task.finished_at) if task.finished_at else ""
    note(md("agent.by", model=t("agent.narrator") if model.startswith("offline") else model, time=finished))
    with st.container(horizontal=True):
        st.download_button(
            t("agent.download"),
            result.narrative,
            file_name=f"{task.type}.md",
            mime="text/markdown",
            key="download_answer",
            on_click="ignore",
        )
        if result.plan and st.button(t("agent.see_plan"), key="see_plan"):
            session().strategy = result.strategy
            st.switch_page("app_pages/plans.py")


def _grounding(grounding: Grounding) -> None:
    """How the numbers of the text fared against the planner's."""
    if not grounding.checked:
        return
    if not grounding.unsupported:
        st.success(escaped(t("grounding.all", count=grounding.checked)))
        return
    numbers = ", ".join(_doubtful(each) for each in grounding.unsupported)
    body = t("grounding.some", count=len(grounding.unsupported), checked=grounding.checked)
    st.warning(f"{escaped(body)} {numbers}", title=t("grounding.title"))


def _doubtful(number: Unsupported) -> str:
    said = f"**{escaped(number.text)}**"
    return f"{said} {escaped(t('grounding.of', debt=number.debt))}" if number.debt else said


def _run_again(task_id: str) -> None:
    try:
        client().retry_task(task_id)
    except ApiError as error:
        session().action_error = error
        return
    session().readings.pop(task_id, None)
    forget("tasks")
