"""Upload a file of debts: what was read, every row that was not, and why. The API does the reading."""

from __future__ import annotations

import pandas as pd
import streamlit as st

from dashboard.holding.answers import client
from dashboard.holding.samples import load_file, load_sample
from dashboard.holding.session import FileReport, session, t, words
from dashboard.showing.exports import to_csv
from dashboard.showing.show import card, error_box, note, table, title
from dashboard.text import escaped

KINDS = ("csv", "txt", "tsv", "xlsx", "xlsm")
TEMPLATE_HEADER = (
    "name",
    "kind",
    "balance",
    "apr",
    "minimum",
    "minimum_rate",
    "months_left",
    "promo_apr",
    "promo_until",
    "credit_limit",
    "due_day",
    "monthly_budget",
    "currency",
)
TEMPLATE_ROWS = (
    ("Visa", "credit_card", "5200.00", "24.99", "35.00", "2", "", "", "", "8000.00", "14", "1500.00", "USD"),
    ("Car loan", "auto_loan", "8400.00", "6.9", "", "", "36", "", "", "", "1", "1500.00", "USD"),
)


def draw() -> None:
    """Draw the panel."""
    with card("upload"):
        title(t("upload.title"))
        st.markdown(escaped(t("upload.how")))
        st.file_uploader(
            t("upload.label"), type=list(KINDS), key="portfolio_file", on_change=_read_file, max_upload_size=50
        )
        with st.container(horizontal=True):
            st.download_button(
                t("upload.template"),
                lambda: to_csv(TEMPLATE_HEADER, TEMPLATE_ROWS),
                file_name="debts-template.csv",
                mime="text/csv",
                on_click="ignore",
                key="template",
            )
            st.button(t("upload.sample"), key="use_sample", on_click=load_sample)
    state = session()
    if state.import_error is not None:
        error_box(state.import_error, name="upload", retry=state.import_error.is_outage)
    if state.report is not None:
        _report(state.report)


def _read_file() -> None:
    uploaded = st.session_state["portfolio_file"]
    if uploaded is not None:
        load_file(uploaded.getvalue(), uploaded.name)


def _report(report: FileReport) -> None:
    """What became of the file, good news first."""
    read = t("upload.read", count=report.debts, file=report.file_name, portfolios=report.portfolios)
    if report.debts:
        st.success(escaped(read))
    if report.portfolios > 1:
        _portfolios()
    if report.rejects:
        _rejects(report)
    if report.warnings:
        _warnings(report)
    if report.debts and st.button(t("upload.see"), type="primary", key="see_overview"):
        st.switch_page("app_pages/overview.py")


def _portfolios() -> None:
    with card("file_portfolios"):
        title(t("upload.several"))
        note(escaped(t("upload.choose_above")))
        say = words()
        rows = [
            {
                t("strip.portfolio"): shown.title,
                t("column.debts"): str(len(shown.portfolio.debts)),
                t("column.balance"): say.money(
                    sum(debt.balance for debt in shown.portfolio.debts), shown.portfolio.currency
                ),
            }
            for shown in session().shelf[:1000]
        ]
        st.dataframe(pd.DataFrame(rows), hide_index=True, height="auto" if len(rows) < 12 else 400)


def _rejects(report: FileReport) -> None:
    with card("rejects"):
        bad = {(reject.sheet, reject.row) for reject in report.rejects}
        is_whole = report.rejects_total <= len(report.rejects)
        told = t("upload.rejected", count=len(bad)) if is_whole else t("upload.many_rejected", count=len(bad))
        st.error(escaped(told), title=t("upload.rejected_title"))
        rows = [
            {
                t("column.sheet"): reject.sheet or "",
                t("column.row"): str(reject.row),
                t("column.column"): reject.column or "",
                t("column.reason"): reject.said.in_language(words().language),
                t("column.value"): reject.value or "",
            }
            for reject in report.rejects
        ]
        frame = pd.DataFrame(rows, dtype="object")
        if not any(reject.sheet for reject in report.rejects):
            frame = frame.drop(columns=[t("column.sheet")])
        table(frame, name="rejects", file_name=f"{report.file_name}-rejects.csv")
        if report.rejects_total > len(report.rejects):
            _all_rejects(report)


def _all_rejects(report: FileReport) -> None:
    """Of many bad rows only the first come with the answer; the file of all is made when it is asked for."""
    note(escaped(t("upload.first_listed", count=len(report.rejects), total=report.rejects_total)))
    uploaded = st.session_state.get("portfolio_file")
    if uploaded is not None:
        st.download_button(
            t("upload.all_rejects"),
            lambda: client().import_rejects(uploaded.getvalue(), uploaded.name, words().language),
            file_name=f"{report.file_name}-all-rejects.csv",
            mime="text/csv",
            on_click="ignore",
            key="all_rejects",
        )


def _warnings(report: FileReport) -> None:
    with card("warnings"):
        title(t("upload.warnings", count=report.warnings_total))
        rows = [
            {
                t("column.row"): "" if warning.row is None else str(warning.row),
                t("column.column"): warning.column or "",
                t("column.reason"): warning.said.in_language(words().language),
            }
            for warning in report.warnings
        ]
        frame = pd.DataFrame(rows, dtype="object")
        empty = [column for column in frame.columns if not any(frame[column])]
        table(frame.drop(columns=empty), name="warnings", file_name=f"{report.file_name}-warnings.csv")
