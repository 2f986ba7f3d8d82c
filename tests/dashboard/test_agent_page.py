"""The Agent page: an answer is whole and once, whatever the reader does while it is written."""

from streamlit.testing.v1 import AppTest

from tests.dashboard.conftest import OpenPage
from tests.dashboard.scripted_api import Script
from tests.dashboard.test_pages import text_of

REPORT = "## Plan\n\nPay $1,500 a month. It saves $2,345."


def running(open_page: OpenPage, script: Script) -> AppTest:
    app = open_page("agent")
    app.button(key="run_task").click().run()
    script.say(
        "t1",
        {"type": "progress", "percent": 40, "stage": "writing"},
        {"type": "tool_call", "call_id": "1", "name": "compare_strategies"},
        {"type": "tool_result", "call_id": "1", "name": "compare_strategies", "ok": True},
        {"type": "chunk", "text": "## Plan\n\nPay $1,5"},
    )
    return app.run()


def test_what_is_sent_is_what_was_shown(open_page: OpenPage, script: Script):
    app = open_page("agent", lang="zh")
    app.text_area[0].set_value("我欠了10万怎么办？").run()
    app.button(key="run_task").click().run()
    (sent,) = [body for kind, body in script.received if kind == "task"]
    assert sent["question"] == "我欠了10万怎么办？"
    assert (sent["type"], sent["language"], sent["portfolio"]["currency"]) == ("repayment_plan", "zh", "CNY")
    assert app.query_params["task"] == "t1"


def test_text_and_steps_arrive_while_the_task_runs(open_page: OpenPage, script: Script):
    shown = text_of(running(open_page, script))
    assert "Pay $1,5" in shown
    assert "Compared the strategies" in shown


def test_the_finished_answer_replaces_the_partial_text(open_page: OpenPage, script: Script):
    app = running(open_page, script)
    script.say("t1", {"type": "chunk", "text": "00 a month. It saves $2,345."})
    script.finish("t1", REPORT)
    shown = text_of(app.run())
    assert shown.count("Pay $1,500 a month.") == 1
    assert "Stop" not in shown


def test_an_answer_opened_by_its_url_is_whole_and_once(open_page: OpenPage, script: Script):
    app = running(open_page, script)
    script.finish("t1", REPORT, grounding={"checked": 2, "unsupported": []})
    assert app.query_params["task"] == "t1"
    shown = text_of(open_page("agent", task="t1"))
    assert shown.count("Pay $1,500 a month. It saves $2,345.") == 1
    assert "All 2 numbers" in shown


def test_a_number_that_no_tool_returned_is_flagged(open_page: OpenPage, script: Script):
    app = running(open_page, script)
    start = REPORT.index("$2,345")
    unsupported = [{"text": "$2,345", "start": start, "end": start + 6, "reason": "other_debt", "debt": "Car [1]"}]
    script.finish("t1", REPORT, grounding={"checked": 2, "unsupported": unsupported})
    shown = text_of(app.run())
    assert ":orange-background[$2,345]" in shown
    assert "1 of 2 numbers" in shown
    assert "(belongs to Car [1])" in shown


def test_going_elsewhere_and_coming_back_finds_the_text_so_far(open_page: OpenPage, script: Script):
    app = running(open_page, script)
    app.switch_page("app_pages/plans.py").run()
    app.switch_page("app_pages/agent.py").run()
    assert text_of(app).count("Pay $1,5") == 1


def test_a_new_attempt_begins_the_text_anew(open_page: OpenPage, script: Script):
    app = running(open_page, script)
    script.say("t1", {"type": "restart", "attempt": 2}, {"type": "chunk", "text": "From the start."})
    shown = text_of(app.run())
    assert "Pay $1,5" not in shown
    assert "From the start." in shown


def test_a_task_is_stopped_on_demand(open_page: OpenPage, script: Script):
    app = running(open_page, script)
    app.button(key="stop_task").click().run()
    assert ("cancel", "t1") in script.received
    assert "stopped before its end" in text_of(app.run())


def test_a_failed_task_says_why_and_can_be_run_again(open_page: OpenPage, script: Script):
    app = running(open_page, script)
    script.tasks["t1"] |= {"status": "failed", "error": {"type": "ModelUnavailable", "detail": "The model is away."}}
    script.say("t1", {"type": "failed", "error": {}})
    app.run()
    assert "The model is away." in app.error[0].value
    app.button(key="retry_task").click().run()
    assert ("retry", "t1") in script.received


def test_while_the_service_is_down_what_has_arrived_stays(open_page: OpenPage, script: Script):
    app = running(open_page, script)
    script.fault = "500"
    app.run()
    assert app.error
    script.fault = None
    assert "Pay $1,5" in text_of(app.run())


def test_earlier_questions_can_be_opened_again(open_page: OpenPage, script: Script):
    running(open_page, script)
    script.finish("t1", REPORT)
    app = open_page("agent")
    app.button(key="task_t1").click().run()
    assert "Pay $1,500 a month." in text_of(app)
    assert app.query_params["task"] == "t1"
