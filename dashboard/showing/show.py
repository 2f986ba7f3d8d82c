"""Pieces that every page shows alike: errors, charts with their table, tables with their download, facts in a row."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import datetime
from decimal import Decimal
from pathlib import Path
from typing import Any

import pandas as pd
import plotly.graph_objects as go
import streamlit as st

from dashboard.asking.client import ApiError
from dashboard.holding import sign_in
from dashboard.holding.answers import Answered
from dashboard.holding.session import md, session, t, words
from dashboard.showing.exports import to_csv
from dashboard.text import escaped

STYLE = Path(__file__).resolve().parents[1] / "static" / "style.css"
SHOWN_FIELDS = 40
MOST_ROWS = 11  # a longer table scrolls
CHART = {"displaylogo": False, "displayModeBar": False, "responsive": True}


def styled() -> None:
    """Load our style sheet into the page."""
    st.html(STYLE)


def card(name: str) -> Any:
    """A white panel; its name makes it addressable by the style sheet."""
    return st.container(key=f"card_{name}", border=True)


def heading(text: str) -> None:
    """The page's title."""
    st.markdown(f"# {escaped(text)}", anchors=False)


def title(text: str) -> None:
    """A panel's title."""
    st.markdown(f"## {escaped(text)}", anchors=False)


def note(text: str) -> None:
    """A quiet remark; Streamlit's own caption is too pale to read."""
    st.markdown(f":gray[{text}]")


def error_box(error: ApiError, *, name: str, retry: bool = True) -> None:
    """What failed, what is safe, what to do, and the id to quote; with a button to try again."""
    # Whoever has signed in themselves can sign in again; the dashboard's key is the operator's to mend.
    is_session_over = error.kind == "key" and sign_in.is_needed()
    kind = "session" if is_session_over else error.kind
    lines = [md(f"error.{kind}.body"), md(f"error.{kind}.safe")]
    if (error.kind in {"refused", "conflict", "forbidden"} and not error.fields) or is_session_over:
        lines.insert(0, escaped(error.in_language(words().language)))
    lines.append("\n".join(_wrong_fields(error)))
    if error.trace_id:
        lines.append(md("error.trace") + f" `{error.trace_id}`")
    with st.container(key=f"error_{name}"):
        st.error("\n\n".join(line for line in lines if line), title=t(f"error.{kind}.title"))
        if is_session_over:
            st.button(t("sign_in.again"), key=f"sign_in_{name}", on_click=sign_in.begin)
        elif retry:
            st.button(t("common.retry"), key=f"retry_{name}")


def _wrong_fields(error: ApiError) -> Iterator[str]:
    """Each wrong field with its reason, and how many more there are than a page can hold."""
    language = words().language
    for each in error.fields[:SHOWN_FIELDS]:
        yield f"- `{each.path}`: {escaped(each.said.in_language(language))}"
    if len(error.fields) > SHOWN_FIELDS:
        yield "- " + md("error.more", count=len(error.fields) - SHOWN_FIELDS)


def outage_note(answer: Answered[Any], *, name: str) -> None:
    """Say so where the service is down and earlier results are shown."""
    if answer.outage is not None:
        st.warning(md("outage.body", time=words().time(answer.at)), title=t("outage.title"))
        st.button(t("common.retry"), key=f"retry_outage_{name}")


def nothing_owed() -> None:
    """Instead of charts, where every balance is zero already."""
    with card("nothing_owed"):
        title(t("finding.nothing_owed"))
        note(escaped(t("plans.nothing_owed")))


def show_notice() -> None:
    """Show once what the last action achieved."""
    state = session()
    if state.notice:
        st.toast(escaped(state.notice))
        state.notice = None


def facts(pairs: Sequence[tuple[str, str, str | None]], *, name: str) -> None:
    """Measures in a row that wraps: label, value, and a line of explanation."""
    with st.container(key=f"facts_{name}"):
        for label, value, explanation in pairs:
            st.metric(label, escaped(value), help=explanation)


def chart(figure: go.Figure, frame: pd.DataFrame, *, name: str, heading: str, alt: str) -> None:
    """A figure under its finding, with the same numbers as a table and a file."""
    with card(f"chart_{name}"):
        title(heading)
        st.plotly_chart(figure, key=f"chart_{name}", config=CHART, alt=alt)
        with st.expander(t("chart.as_table"), key=f"table_{name}"):
            table(frame, name=name)


def table(frame: pd.DataFrame, *, name: str, file_name: str | None = None, height: int | None = None) -> None:
    """A table as text, and its CSV; amounts in it are Decimals, shown as the language writes numbers."""
    st.dataframe(
        shown_numbers(frame),
        hide_index=True,
        key=f"frame_{name}",
        placeholder=t("common.none"),
        column_config={column: st.column_config.Column(alignment="right") for column in _numeric(frame)},
        height=height if height and len(frame) > MOST_ROWS else "auto",
    )
    st.download_button(
        t("common.download_csv"),
        lambda: to_csv(list(frame.columns), frame.itertuples(index=False, name=None)),
        file_name=file_name or f"{name}.csv",
        mime="text/csv",
        key=f"download_{name}",
        on_click="ignore",
    )


def shown_numbers(frame: pd.DataFrame) -> pd.DataFrame:
    """The frame with its amounts written out, so that the grid shows them as the language does."""
    shown = frame.copy()
    places = _places(frame)
    for column in _numeric(frame):
        shown[column] = [_written(value, places) for value in frame[column]]
    return shown


def _numeric(frame: pd.DataFrame) -> list[str]:
    return [str(name) for name in frame.columns if any(isinstance(value, Decimal | int) for value in frame[name])]


def _places(frame: pd.DataFrame) -> int:
    """The decimals of the table's currency: as many as the most exact of its amounts has."""
    amounts = [value for name in _numeric(frame) for value in frame[name] if isinstance(value, Decimal)]
    return max((len(f"{amount:f}".partition(".")[2]) for amount in amounts), default=0)


def _written(value: Any, places: int) -> str:
    if value is None or isinstance(value, str):
        return value or t("common.none")
    return f"{value:,.{places}f}" if isinstance(value, Decimal) else f"{value:,}"


def moment(at: datetime) -> str:
    """A moment in the reader's own time zone."""
    return words().time(at.astimezone())
