"""The dashboard without its service: boxes that say what to do, last results with their time, never a trace."""

import pytest

from tests.dashboard.conftest import OpenPage
from tests.dashboard.scripted_api import Script
from tests.dashboard.test_pages import text_of


@pytest.mark.parametrize("page", ["overview", "portfolios", "plans", "agent", "batch"])
@pytest.mark.parametrize("fault", ["500", "garbage"])
def test_every_page_opens_with_an_error_box_and_a_retry(open_page: OpenPage, script: Script, page: str, fault: str):
    script.fault = fault
    app = open_page(page)
    assert not app.exception
    shown = text_of(app)
    assert "Nothing is lost" in shown
    assert "Try again" in shown
    assert "Service down" in shown


def test_trying_again_opens_the_sample_once_the_service_is_back(open_page: OpenPage, script: Script):
    script.fault = "500"
    app = open_page()
    script.fault = None
    app.button(key="retry_import").click().run()
    assert not app.error
    assert len(app.metric) == 7


def test_when_the_service_goes_down_the_last_results_stay_with_their_time(open_page: OpenPage, script: Script):
    app = open_page()
    before = [metric.value for metric in app.metric]
    script.fault = "500"
    app.number_input[0].set_value(2500.0).run()
    assert "These are the last results" in text_of(app)
    assert [metric.value for metric in app.metric] == before
    script.fault = None
    app.run()
    assert "These are the last results" not in text_of(app)
    assert [metric.value for metric in app.metric] != before


def test_a_wrong_key_says_what_to_set(open_page: OpenPage, script: Script):
    script.key = "another"
    assert "API_KEY" in text_of(open_page())


@pytest.mark.parametrize(
    ("language", "reason", "more"), [("en", "at least 0", "5 more"), ("zh", "不能小于 0", "另有 5 项")]
)
def test_every_wrong_field_is_told_in_the_readers_language(open_page: OpenPage, script: Script, language, reason, more):
    script.fault = "refused"
    shown = text_of(open_page("plans", lang=language))
    assert shown.count(reason) == 40
    assert more in shown


def test_a_task_that_does_not_exist_is_said_and_the_page_stands(open_page: OpenPage):
    app = open_page("agent", task="nobodys")
    assert "It is not there" in app.error[0].proto.title or "nothing under this address" in app.error[0].value
    assert app.button(key="run_task")
