"""One batch: how far, how fast, how long still; its results and its rejects once there are any."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Literal

import streamlit as st

from dashboard.asking.client import ApiError
from dashboard.holding.answers import client, forget
from dashboard.holding.session import md, session, t, words
from dashboard.showing.show import card, error_box, facts, moment, note, title
from dashboard.text import escaped
from data.wire.batch import BatchStatus, BatchView


def draw(batch_id: str) -> None:
    """Draw the panel."""
    with card("batch"):
        try:
            batch = client().batch(batch_id)
        except ApiError as error:
            error_box(error, name="batch")
            if error.kind == "missing":
                session().batch = None
            return
        title(batch.file_name)
        if batch.is_finished:
            _finished(batch)
        else:
            _watch(batch_id)
            st.button(t("batch.cancel"), key="cancel_batch", on_click=_cancel, args=(batch_id,))


@st.fragment(run_every=1.0)
def _watch(batch_id: str) -> None:
    try:
        batch = client().batch(batch_id)
    except ApiError:
        st.warning(escaped(t("agent.interrupted")))
        return
    if batch.is_finished:
        forget("batches")
        st.rerun()
    st.progress(
        batch.progress / 100, text=md("batch.at", percent=batch.progress, status=t(f"task_status.{batch.status}"))
    )
    _counts(batch, ends=datetime.now(UTC))
    note(escaped(t("batch.leave")))


def _counts(batch: BatchView, *, ends: datetime) -> None:
    say, dash = words(), t("common.none")
    # Never 0: the clocks of two machines may differ.
    elapsed = max((ends - batch.created_at).total_seconds(), 0.001)
    left = elapsed * (100 - batch.progress) / batch.progress if batch.progress else None
    pairs: list[tuple[str, str, str | None]] = [
        (t("batch.portfolios"), say.number(batch.portfolios), None),
        (t("batch.rows"), say.number(batch.rows), None),
        (t("batch.rejects"), say.number(batch.rejects), None),
        (t("batch.speed"), say.number(round(batch.rows / elapsed)) if batch.rows else dash, None),
    ]
    if not batch.is_finished:
        pairs.append((t("batch.left"), say.seconds(left) if left is not None else dash, None))
    facts(pairs, name="batch")


def _finished(batch: BatchView) -> None:
    if batch.status is BatchStatus.COMPLETED:
        st.success(md("batch.done", time=moment(batch.finished_at or batch.updated_at)))
    elif batch.status is BatchStatus.FAILED:
        st.error(escaped(str((batch.error or {}).get("detail") or t("agent.no_reason"))), title=t("batch.failed"))
    else:
        st.info(escaped(t("batch.cancelled")))
    _counts(batch, ends=batch.finished_at or batch.updated_at)
    if batch.status is BatchStatus.COMPLETED:
        with st.container(horizontal=True):
            _download(batch, "results")
            _download(batch, "rejects")


def _download(batch: BatchView, part: Literal["results", "rejects"]) -> None:
    """A button that fetches the file when it is clicked, not before."""
    stem = batch.file_name.rpartition(".")[0] or batch.file_name
    st.download_button(
        t(f"batch.download_{part}"),
        lambda: client().batch_file(batch.id, part),
        file_name=f"{stem}-{part}.csv",
        mime="text/csv",
        key=f"batch_{part}",
        type="primary" if part == "results" else "secondary",
        on_click="ignore",
    )


def _cancel(batch_id: str) -> None:
    try:
        client().cancel_batch(batch_id)
    except ApiError as error:
        session().action_error = error
