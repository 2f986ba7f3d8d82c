"""The dashboard's entrance: page setup, navigation, the strip on top. Started by `streamlit run dashboard/app.py`."""

from __future__ import annotations

from pathlib import Path

import streamlit as st

from dashboard.asking.client import ApiError
from dashboard.holding.answers import client
from dashboard.holding.samples import load_sample
from dashboard.holding.session import Shown, read_url, session, t, write_url
from dashboard.panels.sign_in_panel import let_in
from dashboard.showing.show import error_box, show_notice, styled
from dashboard.showing.strip import offline_banner, strip

LOGO = Path(__file__).parent / "static" / "logo.svg"
PAGES = ("overview", "portfolios", "plans", "agent", "batch")


def main() -> None:
    """Set the page up, open on a portfolio, and run the page that was asked for."""
    # Before anything is drawn: the URL may change the language.
    read_url()
    st.set_page_config(page_title=t("app.title"), layout="wide", initial_sidebar_state="collapsed")
    styled()
    if not let_in():
        return
    pages = [
        st.Page(f"app_pages/{name}.py", title=t(f"nav.{name}"), url_path=name, default=name == "overview")
        for name in PAGES
    ]
    st.logo(LOGO, size="large", link=None)
    page = st.navigation(pages, position="top")
    _open_first()
    strip()
    _say_import_failed(is_at_portfolios=page.url_path == "portfolios")
    if page.url_path in ("", "overview", "agent"):
        offline_banner()
    page.run()
    # After the page: it may have changed what a reload must find again.
    write_url()
    show_notice()


def _open_first() -> None:
    """On the first run: the saved portfolio that the URL names, else the sample."""
    state = session()
    wanted = st.query_params.get("portfolio")
    if state.shelf:
        return
    if wanted and _open_saved(wanted):
        return
    load_sample()


def _open_saved(portfolio_id: str) -> bool:
    try:
        saved = client().saved_one(portfolio_id)
    except ApiError:
        return False
    if saved.portfolio is None:
        return False
    session().put_on_shelf([Shown(saved.portfolio, "saved", saved.title, saved.id, saved.version)])
    return True


def _say_import_failed(*, is_at_portfolios: bool) -> None:
    """Where there is nothing to show because the sample could not be read; Portfolios shows it beside the upload."""
    state = session()
    if state.import_error is not None and not state.shelf and not is_at_portfolios:
        error_box(state.import_error, name="import")


main()
