"""The questions put so far: open one to read its answer again."""

from __future__ import annotations

import streamlit as st

from dashboard.asking.client import ApiError
from dashboard.holding.answers import client, now_and_then
from dashboard.holding.session import session, t
from dashboard.showing.show import card, error_box, moment, note, title
from dashboard.text import escaped
from data.wire.task import TaskStatus, TaskView

SIGNS: dict[TaskStatus, str] = {
    TaskStatus.PENDING: ":gray[○]",
    TaskStatus.PROCESSING: ":blue[●]",
    TaskStatus.COMPLETED: ":green[✓]",
    TaskStatus.FAILED: ":red[✗]",
    TaskStatus.CANCELLED: ":gray[–]",
}


def draw() -> None:
    """Draw the panel."""
    try:
        tasks = now_and_then("tasks", client().tasks, every_s=5)
    except ApiError as error:
        error_box(error, name="tasks")
        return
    with card("history"):
        title(t("agent.history"))
        if not tasks:
            note(escaped(t("agent.no_history")))
        for task in tasks[:12]:
            _row(task)


def _row(task: TaskView) -> None:
    is_shown = session().task == task.id
    with st.container(horizontal=True, vertical_alignment="center", horizontal_alignment="distribute", gap="small"):
        st.markdown(
            f"{SIGNS[task.status]} {escaped(t(f'task.{task.type}'))}  \n"
            f":gray[{escaped(t(f'task_status.{task.status}'))} · {escaped(moment(task.created_at))}]",
            width="content",
        )
        st.button(t("common.open"), key=f"task_{task.id}", on_click=_open, args=(task.id,), disabled=is_shown)


def _open(task_id: str) -> None:
    session().task = task_id
