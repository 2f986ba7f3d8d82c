"""What stands in place of every page until somebody has signed in, where the operator asks for that."""

from __future__ import annotations

import streamlit as st

from dashboard.holding import sign_in
from dashboard.holding.session import md, t
from dashboard.showing.show import card, heading, note


def let_in() -> bool:
    """True where the page may be shown; else what is missing is."""
    if not sign_in.is_needed():
        return True
    if not sign_in.is_signed_in():
        _ask()
        return False
    if sign_in.access_token() is None:
        st.error(md("sign_in.no_token"), title=t("sign_in.no_token.title"))
        return False
    return True


def _ask() -> None:
    heading(t("app.title"))
    with card("sign_in"):
        note(md("sign_in.why"))
        st.button(t("sign_in.begin"), key="sign_in", type="primary", on_click=sign_in.begin)
