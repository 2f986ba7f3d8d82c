"""The template that the dashboard offers is a file that the reader of files takes without a word."""

from dashboard.panels.upload_panel import TEMPLATE_HEADER, TEMPLATE_ROWS
from dashboard.showing.exports import to_csv
from data.files.portfolio_file import read_portfolios


def test_the_template_is_read_without_rejects_or_warnings():
    result = read_portfolios(to_csv(TEMPLATE_HEADER, TEMPLATE_ROWS), "debts-template.csv")
    assert (result.rejects, result.warnings) == ([], [])
    assert [debt.name for debt in result.portfolios[0].debts] == ["Visa", "Car loan"]
