"""Batch: send a CSV of many portfolios, watch it run, close the tab, come back, download results and rejects."""

from __future__ import annotations

import streamlit as st

from dashboard.asking.client import ApiError, key
from dashboard.holding.answers import client, forget, now_and_then
from dashboard.holding.session import session, t
from dashboard.panels import batch_panel
from dashboard.showing.show import card, error_box, heading, moment, note, title
from dashboard.text import escaped
from data.wire.batch import BatchView


def page() -> None:
    """Draw the page."""
    heading(t("nav.batch"))
    state = session()
    left, right = st.columns([2, 3], gap="medium")
    with left:
        _upload()
        _list()
    with right:
        if state.batch is None:
            with card("no_batch"):
                title(t("batch.progress"))
                note(escaped(t("batch.none_chosen")))
        else:
            batch_panel.draw(state.batch)


def _upload() -> None:
    state = session()
    with card("batch_upload"):
        title(t("batch.title"))
        note(escaped(t("batch.how")))
        uploaded = st.file_uploader(
            t("batch.label"), type=["csv", "txt"], key=f"batch_file_{state.once.get('batch_stamp', '')}"
        )
        if (
            st.button(t("batch.start"), type="primary", key="start_batch", disabled=uploaded is None, width="stretch")
            and uploaded
        ):
            # One key a file: sent again after a failure it is still one batch.
            stamp = state.once.setdefault(f"batch {uploaded.file_id}", key())
            try:
                with st.spinner(t("batch.sending")):
                    state.batch = client().start_batch(uploaded.name, uploaded, idempotency_key=stamp)
            except ApiError as error:
                state.action_error = error
            else:
                # Another key for the uploader empties it.
                state.once["batch_stamp"] = stamp
                forget("batches")
                st.rerun()
    if state.action_error is not None:
        error_box(state.action_error, name="start_batch", retry=False)
        state.action_error = None


def _list() -> None:
    try:
        batches = now_and_then("batches", client().batches, every_s=5)
    except ApiError as error:
        error_box(error, name="batches")
        return
    with card("batches"):
        title(t("batch.list"))
        if not batches:
            note(escaped(t("batch.no_list")))
        for batch in batches[:12]:
            _row(batch)


def _row(batch: BatchView) -> None:
    with st.container(horizontal=True, vertical_alignment="center", horizontal_alignment="distribute", gap="small"):
        st.markdown(
            f"{escaped(batch.file_name)}  \n"
            f":gray[{escaped(t(f'task_status.{batch.status}'))} · {escaped(moment(batch.created_at))}]",
            width="content",
        )
        st.button(
            t("common.open"),
            key=f"batch_{batch.id}",
            on_click=_open,
            args=(batch.id,),
            disabled=session().batch == batch.id,
        )


def _open(batch_id: str) -> None:
    session().batch = batch_id


page()
