"""Whole paths of an analyst, in Chromium, over the real service: upload, plans, a report that survives, a batch."""

import os
import signal
from contextlib import suppress
from pathlib import Path

import httpx
import pytest

from tests.browser.conftest import OpenReader
from tests.browser.reader import ROOT, Reader
from tests.journeys.house import Service, until

pytestmark = [pytest.mark.browser, pytest.mark.timeout(300)]

SAMPLES = ROOT / "data" / "samples"
REPORT = ".st-key-answer_text"


def answers(reader: Reader) -> bool:
    """True where the dashboard's process serves pages."""
    with suppress(httpx.TransportError):
        return httpx.get(f"{reader.origin}/_stcore/health").is_success
    return False


def report_of(reader: Reader) -> str:
    """The finished report; it is on the page exactly once."""
    reader.page.locator(REPORT).wait_for(timeout=90_000)
    assert reader.page.locator(REPORT).count() == 1
    return reader.page.locator(REPORT).inner_text()


def test_a_chinese_file_becomes_plans_and_a_report_that_survives_a_reload(reader: OpenReader, tmp_path: Path):
    file = tmp_path / "六笔债务.csv"
    file.write_bytes((SAMPLES / "六笔债务.csv").read_text("utf-8").encode("gb18030"))
    analyst = reader("zh")
    analyst.open("/portfolios")
    analyst.page.locator("input[type=file]").set_input_files(file)
    analyst.read("读取 6 笔债务")
    analyst.picture("upload")
    analyst.go("方案")
    analyst.read("雪崩法")
    analyst.page.locator(".js-plotly-plot").nth(2).wait_for(state="attached")
    assert analyst.page.locator(".js-plotly-plot").count() == 3
    analyst.go("助手")
    analyst.page.get_by_role("button", name="运行", exact=True).click()
    analyst.page.locator(".st-key-live_text, .st-key-answer_text").first.wait_for()
    analyst.page.screenshot(path=ROOT / "test-output" / "running-zh.png")
    report = report_of(analyst)
    assert "招行信用卡" in report
    assert "还款" in report
    assert report.count("简要结论") == 1
    analyst.picture("report")
    address = analyst.page.url
    analyst.page.reload()
    analyst.rest()
    assert report_of(analyst) == report
    analyst.go("概览")
    analyst.page.goto(address)
    assert report_of(analyst) == report


def test_an_english_report_is_whole_after_clicking_elsewhere_while_it_is_written(reader: OpenReader):
    analyst = reader("en")
    analyst.open("/agent")
    analyst.page.get_by_role("button", name="Run", exact=True).click()
    analyst.page.locator(".st-key-live_text, .st-key-answer_text").first.wait_for()
    analyst.go("Plans")
    analyst.go("Agent")
    report = report_of(analyst)
    assert report.count("The short answer") == 1
    elsewhere = reader("en")
    elsewhere.open(analyst.page.url.removeprefix(analyst.origin))
    assert report_of(elsewhere) == report


def test_a_report_survives_the_death_of_the_dashboards_process(reader: OpenReader, product: Service):
    analyst = reader("en")
    analyst.open("/agent")
    analyst.page.get_by_role("button", name="Run", exact=True).click()
    report = report_of(analyst)
    address = analyst.page.url.removeprefix(analyst.origin)
    analyst.page.goto("about:blank")
    before = product.pid_of("dashboard")
    os.kill(before, signal.SIGKILL)
    until(lambda: product.pid_of("dashboard") != before and answers(analyst))
    again = reader("en")
    again.open(address)
    assert report_of(again) == report


def test_a_question_typed_in_chinese_is_answered_in_chinese(reader: OpenReader):
    analyst = reader("zh")
    analyst.open()
    analyst.page.get_by_role("button", name="我欠了10万怎么办？").click()
    analyst.page.get_by_role("heading", name="助手", exact=True, level=1).wait_for()
    analyst.rest()
    assert analyst.page.get_by_label("您的问题").input_value() == "我欠了10万怎么办？"
    analyst.page.get_by_role("button", name="运行", exact=True).click()
    assert "债" in report_of(analyst)


def test_a_batch_goes_on_while_its_tab_is_closed_and_its_files_can_be_downloaded(reader: OpenReader, tmp_path: Path):
    analyst = reader("en")
    analyst.open("/batch")
    analyst.page.locator("input[type=file]").set_input_files(SAMPLES / "batch.csv")
    analyst.page.get_by_role("button", name="Start the batch").click()
    analyst.page.wait_for_function("location.search.includes('batch=')")
    address = analyst.page.url.removeprefix(analyst.origin)
    analyst.page.goto("about:blank")
    again = reader("en")
    again.open(address)
    again.read("Finished", within_s=120)
    again.picture("batch-done")
    for part, first in (("results", "portfolio_id"), ("rejects", "row")):
        with again.page.expect_download() as download:
            again.page.get_by_role("button", name=f"Download {part}").click()
        file = tmp_path / part
        download.value.save_as(file)
        assert first in file.read_text("utf-8-sig").splitlines()[0]


def test_bad_rows_are_listed_while_the_good_ones_load(reader: OpenReader, tmp_path: Path):
    file = tmp_path / "clients.csv"
    file.write_text(
        "name,balance,apr,monthly_budget\nVisa,5200,24.99%,500\nLoan,abc,6.9%,\nCard,900,2499,\n", "utf-8-sig"
    )
    analyst = reader("en")
    analyst.open("/portfolios")
    analyst.page.locator("input[type=file]").set_input_files(file)
    analyst.read("1 debt read from clients.csv")
    analyst.read("2 rows have something to mend")
    analyst.picture("rejects")


def test_a_balance_typed_into_the_grid_changes_the_plan(reader: OpenReader):
    analyst = reader("en")
    analyst.open("/portfolios")
    analyst.page.get_by_text("Type it in", exact=True).click()
    analyst.read("Type or edit debts")
    analyst.rest()
    grid = analyst.page.locator("[data-testid=stDataFrame] canvas").first.bounding_box()
    assert grid is not None
    analyst.page.mouse.click(grid["x"] + 460, grid["y"] + 53)
    analyst.page.locator("td[aria-selected=true]").first.wait_for(state="attached")
    analyst.page.keyboard.press("Enter")
    analyst.page.locator("#portal input").fill("9999")
    analyst.page.keyboard.press("Enter")
    analyst.rest()
    analyst.go("Plans")
    analyst.go("Portfolios")
    analyst.picture("typing")
    analyst.page.get_by_role("button", name="Check and use").click()
    analyst.rest()
    analyst.go("Overview")
    analyst.read("$43,739.80")
