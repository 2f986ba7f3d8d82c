"""The pages as a reader meets them, over real HTTP to a scripted API."""

import pytest
from streamlit.testing.v1 import AppTest

from data.wire.import_result import Reject
from data.wording.sentence import say
from tests.dashboard.conftest import OpenPage
from tests.dashboard.scripted_api import Script, portfolio

UNKNOWN_KIND = say("unknown_kind", value="怪物")


def text_of(app: AppTest) -> str:
    """Everything a reader can read on the page."""
    parts = [
        element.value for kind in (app.markdown, app.info, app.warning, app.error, app.success) for element in kind
    ]
    parts += [f"{metric.label} {metric.value}" for metric in app.metric]
    parts += [button.label for button in app.button]
    return "\n".join(str(part) for part in parts).replace("\\", "")


@pytest.mark.parametrize("page", ["overview", "portfolios", "plans", "agent", "batch"])
@pytest.mark.parametrize("language", ["en", "zh"])
def test_every_page_opens_on_the_sample_in_both_languages(open_page: OpenPage, page: str, language: str):
    app = open_page(page, lang=language)
    assert not app.exception
    assert not app.error
    assert app.selectbox[0].value == 0


def test_the_overview_shows_the_measures_of_the_sample(open_page: OpenPage):
    app = open_page()
    values = {metric.label: metric.value for metric in app.metric}
    assert values["Total debt"].lstrip("\\") == "$15,400.00"
    assert values["Minimums a month"].lstrip("\\") == "$417.00"
    assert "Next payments" in text_of(app)


def test_an_offline_model_is_announced(open_page: OpenPage, script: Script):
    assert "Offline mode" in text_of(open_page())
    script.models["items"] = [{"name": "openai:gpt-5-mini", "is_default": True, "is_answering": True}]
    assert "Offline mode" not in text_of(open_page())


def test_another_budget_plans_again(open_page: OpenPage, script: Script):
    app = open_page()
    before = {metric.label: metric.value for metric in app.metric}["Interest to pay"]
    app.number_input[0].set_value(2500.0).run()
    after = {metric.label: metric.value for metric in app.metric}["Interest to pay"]
    assert after != before
    budgets = [body["portfolio"]["budget"]["monthly"] for path, body in script.received if path == "/v1/plans"]
    assert budgets[-1] == "2500.00"


def test_switching_the_language_changes_the_words_and_the_sample(open_page: OpenPage):
    app = open_page()
    app.segmented_control[0].set_value("zh").run()
    assert app.query_params["lang"] == "zh"
    assert {metric.label for metric in app.metric} >= {"债务总额", "加权年利率"}
    assert "招商银行信用卡" in text_of(app)
    assert "Total debt" not in text_of(app)


def test_the_plans_stand_in_one_table_with_the_cheapest_marked(open_page: OpenPage):
    app = open_page("plans")
    table = app.dataframe[0].value
    assert len(table) == 7
    assert table["Strategy"].iloc[0].endswith("★")
    assert {"Interest", "Debt-free", "First cleared", "Missed", "Saved vs minimums"} <= set(table.columns)


def test_the_chosen_strategy_goes_into_the_url(open_page: OpenPage):
    app = open_page("plans")
    other = next(name for name in app.selectbox[1].options if "Balance matching" in name)
    app.selectbox[1].select("balance_matching").run()
    assert other
    assert app.query_params["strategy"] == "balance_matching"
    assert "Month by month: Balance matching" in text_of(app)


def test_a_budget_below_the_minimums_offers_the_smallest_that_works(open_page: OpenPage):
    app = open_page("plans")
    app.number_input[0].set_value(300.0).run()
    assert "does not cover every minimum" in text_of(app)
    assert "Missing them costs $123.45" in text_of(app)
    app.button(key="use_budget").click().run()
    assert app.number_input[0].value == 450.0
    assert "does not cover every minimum" not in text_of(app)


def test_a_file_loads_its_good_rows_and_lists_its_bad_ones(open_page: OpenPage, script: Script):
    rejects = [
        Reject.of(say("not_a_rate", value="abc"), row=17, column="apr", value="abc").model_dump(),
        Reject.of(say("not_an_amount", value="=1+1"), row=21, column="balance", value="=1+1").model_dump(),
    ]
    warnings = [{"row": 4, "code": "of_a_later_version", "reason": "the name Visa stands twice"}]
    portfolios = [{**portfolio(), "id": "one"}, {**portfolio("EUR"), "id": "two"}]
    script.imports["clients.csv"] = {"portfolios": portfolios, "rejects": rejects, "warnings": warnings}
    app = open_page("portfolios")
    app.file_uploader[0].upload("clients.csv", b"name,balance\n", "text/csv").run()
    assert "6 debts read from clients.csv" in text_of(app)
    tables = [frame.value for frame in app.dataframe]
    assert list(tables[1]["Row"]) == ["17", "21"]
    assert list(tables[1]["Reason"]) == [reject["reason"] for reject in rejects]
    assert "the name Visa stands twice" in tables[2].to_string()
    app.selectbox[0].select(1).run()
    assert "EUR" in text_of(app)


def test_bad_rows_are_told_in_chinese(open_page: OpenPage, script: Script):
    said = say("rows_disagree", value="600", other="500", row=2, left_out=True, header="每月预算")
    rejects = [Reject.of(said, row=3, column="monthly_budget", value="600").model_dump()]
    warnings = [{"row": 4, "code": "unknown_kind", "params": {"value": "怪物"}, "reason": str(UNKNOWN_KIND)}]
    script.imports["clients.csv"] = {"portfolios": [], "rejects": rejects, "warnings": warnings}
    app = open_page("portfolios", lang="zh")
    app.file_uploader[0].upload("clients.csv", b"name,balance\n", "text/csv").run()
    shown = "".join(frame.value.to_string() for frame in app.dataframe)
    assert '"600" 与同一组合第 2 行的 "500" 不一致；整个组合未载入（“每月预算”列）' in shown
    assert '"怪物" 不是已知的债务类型，按“其他”读取' in shown


def test_rows_to_mend_are_counted_once_each(open_page: OpenPage, script: Script):
    said = say("not_a_number", value="x")
    rejects = [Reject.of(said, row=3, column=name, value="x").model_dump() for name in ("apr", "balance")]
    script.imports["clients.csv"] = {"portfolios": [], "rejects": rejects, "warnings": []}
    app = open_page("portfolios")
    app.file_uploader[0].upload("clients.csv", b"name,balance\n", "text/csv").run()
    assert "1 row has something to mend" in text_of(app)


def test_of_many_rows_to_mend_the_first_are_shown_and_all_are_offered(open_page: OpenPage, script: Script):
    reject = Reject.of(say("not_a_number", value="x"), row=3, column="apr", value="x").model_dump()
    script.imports["clients.csv"] = {"portfolios": [], "rejects": [reject], "warnings": [], "rejects_total": 5000}
    app = open_page("portfolios")
    app.file_uploader[0].upload("clients.csv", b"name,balance\n", "text/csv").run()
    assert "The first 1 things to mend are listed, of 5000." in text_of(app)
    assert [button for button in app.get("download_button") if button.proto.label.startswith("Download all rows")]


@pytest.mark.parametrize("page", ["overview", "plans"])
def test_debts_that_are_paid_already_need_no_plan(open_page: OpenPage, script: Script, page: str):
    held = portfolio()
    for debt in held["debts"]:
        debt["balance"] = "0.00"
    made = "2026-11-23T08:00:00Z"
    script.saved["paid"] = {"id": "paid", "title": "Paid", "version": 1, "created_at": made, "portfolio": held}
    app = open_page(page, portfolio="paid")
    assert not app.exception
    assert "Nothing is owed" in text_of(app)
    assert "cheapest" not in text_of(app)


def test_a_budget_in_yen_has_no_decimals(open_page: OpenPage, script: Script):
    held = {"currency": "JPY", "budget": {"monthly": "40000"}, "debts": [{"name": "A", "balance": "90000", "apr": 0.1}]}
    script.imports["yen.csv"] = {"portfolios": [held], "rejects": [], "warnings": []}
    app = open_page("portfolios")
    app.file_uploader[0].upload("yen.csv", b"name,balance\n", "text/csv").run()
    assert app.number_input[0].proto.format == "%.0f"
    app.number_input[0].set_value(50000.0).run()
    assert not app.error
    assert app.number_input[0].value == 50000.0


def test_an_unreadable_file_is_one_clear_message_and_nothing_is_lost(open_page: OpenPage):
    app = open_page("portfolios")
    app.file_uploader[0].upload("statement.pdf.csv", b"%PDF-1.7", "text/csv").run()
    assert "This is a PDF" in app.error[0].value
    assert app.selectbox[0].value == 0


def test_typed_debts_are_checked_by_the_api_and_shown_by_row_and_column(open_page: OpenPage):
    app = open_page("portfolios")
    app.segmented_control(key="portfolios_view_en_upload").set_value("type").run()
    grid = next(key for key in app.session_state.keys() if key.startswith("grid_") and key != "grid_base")  # noqa: SIM118
    app.session_state[grid] = {"edited_rows": {1: {"apr": 2499}}, "added_rows": [{"name": "Loan"}], "deleted_rows": []}
    app.button(key="use_grid").click().run()
    assert "Row 2, APR %" in app.error[0].value
    assert "Row 4, Balance" in app.error[0].value


def typed(app: AppTest, edits: dict) -> AppTest:
    app.segmented_control(key="portfolios_view_en_upload").set_value("type").run()
    grid = max(key for key in app.session_state.keys() if key.startswith("grid_") and key != "grid_base")  # noqa: SIM118
    app.session_state[grid] = {"edited_rows": {}, "added_rows": [], "deleted_rows": [], **edits}
    return app


def test_typed_debts_become_the_portfolio_and_can_be_saved(open_page: OpenPage, script: Script):
    app = typed(open_page("portfolios"), {"edited_rows": {0: {"balance": 6000}}, "deleted_rows": [2]})
    app.button(key="save_grid").click().run()
    assert not app.error
    kept = script.saved["p1"]["portfolio"]
    assert [(debt["name"], debt["balance"]) for debt in kept["debts"]] == [
        ("Visa", "6000.00"),
        ("Store card", "1800.00"),
    ]
    assert kept["debts"][0]["minimum"]["type"] == "greatest"
    assert app.query_params["portfolio"] == "p1"


def test_a_version_saved_by_somebody_else_is_a_conflict_and_nothing_is_overwritten(open_page: OpenPage, script: Script):
    script.saved["p1"] = {
        "id": "p1",
        "version": 1,
        "title": "Mine",
        "created_at": "2026-11-23T08:00:00Z",
        "portfolio": portfolio(),
    }
    app = open_page("portfolios", portfolio="p1")
    script.saved["p1"]["version"] = 2
    typed(app, {"edited_rows": {0: {"balance": 7000}}})
    app.button(key="save_grid").click().run()
    assert "It has changed" in app.error[0].value
    assert script.saved["p1"]["portfolio"]["debts"][0]["balance"] == "5200.00"


def test_a_saved_portfolio_opens_by_its_url(open_page: OpenPage, script: Script):
    script.saved["p9"] = {
        "id": "p9",
        "version": 3,
        "title": "Mrs Li",
        "created_at": "2026-11-23T08:00:00Z",
        "portfolio": portfolio("CNY"),
    }
    app = open_page(portfolio="p9")
    assert "Saved portfolio: Mrs Li" in text_of(app)


def test_a_batch_is_sent_watched_and_found_again_by_its_url(open_page: OpenPage, script: Script):
    app = open_page("batch")
    app.file_uploader[0].upload("clients.csv", b"portfolio_id,name\n", "text/csv").run()
    app.button(key="start_batch").click().run()
    assert app.query_params["batch"] == "b1"
    assert ("batch", ("clients.csv", 18)) in script.received
    script.batches["b1"] |= {"status": "completed", "progress": 100, "finished_at": "2026-11-23T08:01:00Z"}
    again = open_page("batch", batch="b1")
    assert "Finished" in text_of(again)
    assert [button.label for button in again.download_button] == ["Download results", "Download rejects"]
