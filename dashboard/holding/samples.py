"""The portfolio to begin with, in the reader's language; it takes the same road as an uploaded file."""

from __future__ import annotations

from importlib.resources import files

from dashboard.asking.client import ApiError
from dashboard.holding.answers import client
from dashboard.holding.session import FileReport, Shown, session, t
from data.wire.import_result import ImportResult

SAMPLES = {"en": "six-debts.csv", "zh": "六笔债务.csv"}


def load_sample() -> None:
    """Put the sample on the shelf; where the API does not answer, remember why."""
    state = session()
    name = SAMPLES[state.language]
    try:
        answer = client().import_file(files("data").joinpath("samples", name).read_bytes(), name)
    except ApiError as error:
        state.import_error = error
        return
    state.import_error, state.report = None, None
    state.put_on_shelf([Shown(each, "sample", t("source.sample")) for each in answer.portfolios])


def load_file(content: bytes, file_name: str) -> None:
    """Read an uploaded file; its good rows are shown, its bad ones reported."""
    state = session()
    try:
        answer = client().import_file(content, file_name)
    except ApiError as error:
        state.import_error, state.report = error, None
        return
    state.import_error = None
    state.report = report_of(answer, file_name)
    if answer.portfolios:
        shelf = [Shown(each, "upload", each.id or file_name) for each in answer.portfolios]
        state.put_on_shelf(shelf)


def report_of(answer: ImportResult, file_name: str) -> FileReport:
    """What became of a file, in numbers and lists."""
    debts = sum(len(portfolio.debts) for portfolio in answer.portfolios)
    totals = (answer.rejects_total, answer.warnings_total)
    return FileReport(file_name, len(answer.portfolios), debts, answer.rejects, answer.warnings, *totals)
