"""The portfolios that the API keeps: open one, or delete it."""

from __future__ import annotations

import streamlit as st

from dashboard.asking.client import ApiError
from dashboard.holding.answers import client, forget, now_and_then
from dashboard.holding.session import Shown, md, session, t
from dashboard.showing.show import card, error_box, moment, note, title
from dashboard.text import escaped
from data.wire.saved_portfolio import PortfolioView


def draw() -> None:
    """Draw the panel."""
    state = session()
    if state.action_error is not None:
        error_box(state.action_error, name="saved_action", retry=False)
        state.action_error = None
    try:
        saved = now_and_then("saved", client().saved, every_s=15)
    except ApiError as error:
        error_box(error, name="saved")
        return
    with card("saved"):
        title(t("saved.title"))
        if not saved:
            note(escaped(t("saved.none")))
        for each in saved:
            _row(each)


def _row(each: PortfolioView) -> None:
    version = md("saved.version", version=each.version)
    with st.container(horizontal=True, vertical_alignment="center", horizontal_alignment="distribute"):
        st.markdown(
            f"**{escaped(each.title)}**  \n:gray[{version} · {escaped(moment(each.created_at))}]",
            width="content",
        )
        with st.container(horizontal=True, width="content"):
            st.button(t("common.open"), key=f"open_{each.id}", on_click=_open, args=(each.id,))
            with st.popover(t("common.delete"), key=f"delete_{each.id}"):
                st.markdown(escaped(t("saved.sure")))
                st.button(
                    t("saved.delete_now"),
                    key=f"delete_now_{each.id}",
                    type="primary",
                    on_click=_delete,
                    args=(each.id,),
                )


def _open(portfolio_id: str) -> None:
    state = session()
    try:
        saved = client().saved_one(portfolio_id)
    except ApiError as error:
        state.action_error = error
        return
    if saved.portfolio is not None:
        state.put_on_shelf([Shown(saved.portfolio, "saved", saved.title, saved.id, saved.version)])
        state.notice = t("saved.opened", title=saved.title)


def _delete(portfolio_id: str) -> None:
    state = session()
    try:
        client().delete(portfolio_id)
    except ApiError as error:
        state.action_error = error
        return
    forget("saved")
    if state.portfolio_id == portfolio_id:
        state.portfolio_id = None
        # What is on screen stays, as if it had been typed.
        state.shelf = [
            Shown(each.portfolio, "typed", each.title) if each.saved_id == portfolio_id else each
            for each in state.shelf
        ]
