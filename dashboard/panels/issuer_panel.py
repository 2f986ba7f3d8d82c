"""Choose a card's issuer for a row of the grid: its minimum rule is filled in, shown with its date and source."""

from __future__ import annotations

import streamlit as st

from dashboard.asking.client import ApiError
from dashboard.holding.answers import client, now_and_then
from dashboard.holding.session import Session, session, t, words
from dashboard.panels import grid
from dashboard.showing.show import note
from dashboard.text import Words, escaped
from data.wire.issuer import IssuerView
from data.wire.task_result import Json

ISSUER, ROW = "issuer_choice", "issuer_row"
HOUR_S = 3600


def draw(state: Session, currency: str, rows: list[Json]) -> None:
    """Draw the choice, where a row is there to fill and a rule in the portfolio's currency is known."""
    issuers = {issuer.id: issuer for issuer in _known() if issuer.currency == currency}
    say = words()  # of now, wherever a choice is named
    if rows and issuers:
        with st.container(horizontal=True, vertical_alignment="bottom"):
            st.selectbox(
                t("issuer.row"),
                list(range(len(rows))),
                format_func=lambda place: say.t("issuer.row_name", row=place + 1, name=rows[place].get("name") or "–"),
                key=ROW,
                width=240,
            )
            st.selectbox(
                t("issuer.label"),
                list(issuers),
                index=None,
                format_func=lambda issuer: _named(issuers[issuer], say),
                placeholder=t("issuer.choose"),
                key=ISSUER,
                on_change=_fill,
                help=t("issuer.help"),
                width=320,
            )
    filled = state.issuer_filled
    if filled is not None:
        _told(*filled)


def _known() -> list[IssuerView]:
    """The issuers whose rule is known; none while the API does not tell."""
    try:
        return now_and_then("issuers", client().issuers, every_s=HOUR_S)
    except ApiError:
        return []


def _named(issuer: IssuerView, say: Words) -> str:
    return say.t("issuer.name", name=_name(issuer, say), place=say.place(issuer.place))


def _name(issuer: IssuerView, say: Words) -> str:
    names = (issuer.name.zh, issuer.name.en) if say.language == "zh" else (issuer.name.en, issuer.name.zh)
    return names[0] or names[1] or issuer.id


def _fill() -> None:
    """Give the chosen row the chosen issuer's rule; the next choice begins anew."""
    state, place = session(), int(st.session_state[ROW])
    issuer = next((issuer for issuer in _known() if issuer.id == st.session_state[ISSUER]), None)
    # Emptied, so that the same issuer can be chosen again.
    st.session_state[ISSUER] = None
    if issuer is None or state.grid_rows is None or place >= len(state.grid_rows):
        return
    rows = list(state.grid_rows)
    rows[place] = grid.with_minimum(rows[place], issuer.minimum.model_dump(mode="json"))
    state.refill_grid(rows)
    state.issuer_filled = (str(rows[place].get("name") or place + 1), issuer)


def _told(name: str, issuer: IssuerView) -> None:
    """Of whom the rule is, of when, and who says so."""
    say, source = words(), issuer.source
    told = escaped(t("issuer.filled", debt=name, issuer=_name(issuer, say), day=say.day(issuer.as_of)))
    title = f"[{escaped(source.title)}]({source.url})" if source.url else escaped(source.title)
    note(f"{told} {escaped(t('issuer.source'))} {title}")
