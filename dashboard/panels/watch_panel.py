"""A running task: its progress, its steps and its text as they arrive; the end is read from the record."""

from __future__ import annotations

import streamlit as st

from dashboard.asking.client import ApiError
from dashboard.asking.reading import TaskReading, ToolStep
from dashboard.holding.answers import client, forget
from dashboard.holding.session import session, t, words
from dashboard.showing.narrative import safe
from dashboard.showing.show import error_box, note, title
from dashboard.text import escaped
from data.wire.task import FINISHED, TaskView

MOST_S = 0.4  # one look at the stream; the page stays free to answer clicks
QUIET_READS = 4  # so many looks without news, and the record is asked


def draw(task: TaskView) -> None:
    """Draw the panel; it draws itself again until the task is over."""
    title(t(f"task.{task.type}"))
    _stop(task.id)
    _watch(task.id)


def _stop(task_id: str) -> None:
    if st.button(t("agent.stop"), key="stop_task"):
        try:
            client().cancel_task(task_id)
        except ApiError as error:
            error_box(error, name="stop", retry=False)


@st.fragment(run_every=0.5)
def _watch(task_id: str) -> None:
    reading = session().readings.setdefault(task_id, TaskReading())
    problem = _look(task_id, reading)
    if _has_ended(task_id, reading):
        forget("tasks")
        st.rerun()
    _draw(reading)
    if problem is not None:
        st.warning(escaped(t("agent.interrupted")))


def _look(task_id: str, reading: TaskReading) -> ApiError | None:
    """Read what has come since the last look."""
    brought = 0
    try:
        for event in client().events(task_id, reading.last_id, quiet_s=reading.patience_s, most_s=MOST_S):
            reading.take(event)
            brought += 1
            if reading.is_over:
                break
    except ApiError as error:
        reading.kept_waiting()
        return None if error.kind == "timeout" and reading.quiet_reads < QUIET_READS else error
    reading.answered(brought=brought)
    return None


def _has_ended(task_id: str, reading: TaskReading) -> bool:
    """The record decides; it is asked when the stream has told of an end, and when it is silent for long.

    The end of an attempt that has been taken up again is no end.
    """
    is_silent = reading.quiet_reads > 0 and reading.quiet_reads % QUIET_READS == 0
    if not (reading.is_over or is_silent):
        return False
    try:
        reading.is_over = client().task_state(task_id).status in FINISHED
    except ApiError:
        return False
    return reading.is_over


def _draw(reading: TaskReading) -> None:
    stage = words().known(f"stage.{reading.stage}", reading.stage) or t("stage.queued")
    st.progress(min(max(reading.percent, 0), 100) / 100, text=escaped(stage))
    st.markdown("  \n".join(_step(step) for step in reading.steps))
    if reading.attempt > 1:
        note(escaped(t("agent.restarted", attempt=reading.attempt)))
    if reading.text:
        with st.container(key="live_text"):
            st.markdown(safe(reading.text) + " ▍")
    else:
        st.skeleton(120)


def _step(step: ToolStep) -> str:
    sign = {None: ":gray[○]", True: ":green[✓]", False: ":red[✗]"}[step.is_ok]
    return f"{sign} {escaped(words().known(f'tool.{step.name}', step.name))}"
