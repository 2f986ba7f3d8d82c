"""The issuer's choice below the grid: a row gets the rule, its date and its source are told."""

from tests.dashboard.conftest import OpenPage
from tests.dashboard.scripted_api import Script, portfolio
from tests.dashboard.test_pages import text_of, typed


def test_an_issuer_chosen_for_a_row_fills_its_minimum_with_date_and_source(open_page: OpenPage, script: Script):
    app = typed(open_page("portfolios"), {}).run()
    app.selectbox(key="issuer_row").select(1).run()
    app.selectbox(key="issuer_choice").select("us_discover").run()
    told = text_of(app)
    assert "Store card: the minimum is as Discover reckons it, as of 27 Nov 2026." in told
    assert "[Cardmember agreement](https://example.com/agreement)" in told
    app.button(key="save_grid").click().run()
    assert not app.error
    kept = [debt["minimum"] for debt in script.saved["p1"]["portfolio"]["debts"]]
    assert [rule["type"] for rule in kept[1]["rules"]] == ["fixed", "percent", "interest_plus"]
    assert kept[1]["rules"][2]["add"] == "20.00"
    assert [kept[0]["type"], kept[2]["type"]] == ["greatest", "fixed"]


def test_what_was_typed_before_stays_when_an_issuer_fills_a_row(open_page: OpenPage, script: Script):
    app = typed(open_page("portfolios"), {"edited_rows": {0: {"balance": 6000}}}).run()
    app.selectbox(key="issuer_choice").select("us_discover").run()
    app.button(key="save_grid").click().run()
    first = script.saved["p1"]["portfolio"]["debts"][0]
    assert (first["balance"], len(first["minimum"]["rules"])) == ("6000.00", 3)


def test_in_chinese_only_issuers_of_the_portfolios_currency_are_offered_by_their_chinese_names(
    open_page: OpenPage, script: Script
):
    made = "2026-11-23T08:00:00Z"
    script.saved["li"] = {"id": "li", "title": "李", "version": 1, "created_at": made, "portfolio": portfolio("CNY")}
    app = open_page("portfolios", lang="zh", portfolio="li")
    app.segmented_control(key="portfolios_view_zh_upload").set_value("type").run()
    assert app.selectbox(key="issuer_choice").options == ["招商银行（中国）"]
    app.selectbox(key="issuer_choice").select("cn_cmb").run()
    told = text_of(app)
    assert "Visa：最低还款按招商银行的算法填入，截至 2026年11月27日。" in told
    assert "来源： 领用合约" in told


def test_without_an_issuer_in_its_currency_a_portfolio_is_typed_as_before(open_page: OpenPage, script: Script):
    held = {"currency": "JPY", "debts": [{"name": "A", "balance": "90000", "apr": 0.1}]}
    made = "2026-11-23T08:00:00Z"
    script.saved["yen"] = {"id": "yen", "title": "Yen", "version": 1, "created_at": made, "portfolio": held}
    app = open_page("portfolios", portfolio="yen")
    app.segmented_control(key="portfolios_view_en_upload").set_value("type").run()
    assert not app.exception
    assert "issuer_choice" not in {box.key for box in app.selectbox}
    assert app.button(key="use_grid")
