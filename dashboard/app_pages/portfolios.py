"""Portfolios: bring debts in from a file, type them into a grid, keep them, and open what was kept."""

from __future__ import annotations

import streamlit as st

from dashboard.holding.session import namer, session, t
from dashboard.panels import saved_panel, typing_panel, upload_panel
from dashboard.showing.show import heading

VIEWS = {"upload": upload_panel.draw, "type": typing_panel.draw, "saved": saved_panel.draw}


def page() -> None:
    """Draw the page."""
    heading(t("nav.portfolios"))
    state = session()
    held = state.once.pop("portfolios_tab", None) or state.once.get("portfolios_view", "upload")
    view = st.segmented_control(
        t("portfolios.view"),
        list(VIEWS),
        default=held,
        required=True,
        format_func=namer("portfolios"),
        key=f"portfolios_view_{state.language}_{held}",
        label_visibility="collapsed",
    )
    if view != held:
        state.once["portfolios_view"] = str(view)
        st.rerun()
    state.once["portfolios_view"] = str(view)
    VIEWS[str(view)]()


page()
