"""`plan`, `compare` and `health`: what they print, and what a program reads from them."""

import json
import re
from decimal import Decimal
from pathlib import Path

import pytest
from rich.cells import cell_len

from data.answers.health import Health
from data.answers.plan import Comparison, Plan, Strategy
from tests.every_warning import PORTFOLIO as EVERYTHING
from tests.every_warning import every_warning


def test_plan_in_json_is_the_contract_with_its_schedule(run, portfolio):
    answer = run("plan", portfolio, "--json")
    assert (answer.code, answer.err) == (0, "")
    plan = Plan.model_validate_json(answer.out)
    assert (plan.strategy, plan.start, plan.currency) == ("avalanche", "2026-12", "USD")
    assert plan.schedule[0].debt == "Visa"
    assert sum((row.payment for row in plan.schedule), Decimal(0)) == plan.total_paid
    assert isinstance(answer.json["total_paid"], str)


def test_plan_takes_a_strategy(run, portfolio):
    snowball = run("plan", portfolio, "--strategy", "snowball", "--json").json
    assert snowball["strategy"] == "snowball"
    assert snowball["first_cleared"] == "招商银行信用卡"


def test_more_money_by_budget_ends_sooner(run, portfolio):
    usual = run("plan", portfolio, "--json").json
    more = run("plan", portfolio, "--budget", "1,200", "--json").json
    assert more["months"] < usual["months"]


def test_a_budget_below_the_minimums_is_a_result_that_names_the_budget_that_works(run, portfolio):
    answer = run("plan", portfolio, "--budget", "100", "--json")
    assert answer.code == 0
    assert answer.json["status"] != "paid_off"
    assert answer.json["missed"]
    enough = answer.json["required_budget"]
    assert run("plan", portfolio, "--budget", enough, "--json").json["missed"] == []


def test_missed_minimums_are_told_with_what_they_cost_in_both_languages(run, tmp_path):
    card = {"name": "Visa", "balance": "1000", "apr": 0.12, "minimum": {"type": "fixed", "amount": "100"}}
    budget = {"monthly": "50", "changes": [{"from": "2027-01", "monthly": "500"}]}
    file = tmp_path / "short.json"
    file.write_text(json.dumps({"start": "2026-12", "budget": budget, "debts": [{**card, "fees": {"late": "40"}}]}))
    assert run("plan", str(file), "--json").json["missed_cost"] == "40.55"
    assert re.search(r"What missing minimums costs +\$40\.55", run("plan", str(file)).out)
    assert re.search(r"未还足最低还款的代价 +US\$40\.55", run("plan", str(file), "--lang", "zh").out)


def test_compare_marks_the_strategy_with_the_least_total_paid(run, portfolio):
    comparison = Comparison.model_validate(run("compare", portfolio, "--json").json)
    assert {plan.strategy for plan in comparison.plans} == set(Strategy) - {"custom"}
    least = min(plan.total_paid for plan in comparison.plans if plan.status == "paid_off")
    assert next(plan for plan in comparison.plans if plan.strategy == comparison.best).total_paid == least
    assert f"{comparison.best} *" in run("compare", portfolio).out


def test_compare_takes_only_the_strategies_that_are_named(run, portfolio):
    found = run("compare", portfolio, "--strategies", "snowball, avalanche", "--json").json
    assert [plan["strategy"] for plan in found["plans"]] == ["snowball", "avalanche"]


def test_health_in_json_is_the_contract(run, portfolio):
    health = Health.model_validate(run("health", portfolio, "--json").json)
    assert health.total == Decimal("13600.00")
    assert health.month == "2026-12"


@pytest.mark.parametrize("language", ["en", "zh"])
@pytest.mark.parametrize("command", [["plan", "--schedule"], ["compare"], ["health"]])
def test_tables_fit_in_80_columns_in_both_languages(run, portfolio, command, language):
    answer = run(command[0], portfolio, *command[1:], "--lang", language)
    assert answer.code == 0
    assert max(cell_len(line) for line in answer.out.splitlines()) <= 80
    assert "…" not in answer.out


def test_the_chinese_tables_speak_chinese(run, portfolio):
    out = run("compare", portfolio, "--lang", "zh").out
    assert "雪崩法" in out
    assert "avalanche" not in out


def test_a_plan_starts_now_where_neither_file_nor_option_says_when(run, portfolio):
    content = json.loads(portfolio.read_text("utf-8"))
    del content["start"]
    bare = json.dumps(content).encode()
    assert run("plan", "-", "--start", "2030-01", "--json", stdin=bare).json["start"] == "2030-01"
    assert run("plan", "-", "--json", stdin=bare).json["start"] >= "2026-01"


def test_a_table_of_debts_is_planned_as_json_is(run, tmp_path: Path):
    file = tmp_path / "debts.csv"
    file.write_text("名称,类型,余额,年利率,每月预算,币种,开始月份\n花呗,信用卡,12000,18.25%,800,CNY,2026-12\n", "utf-8")
    plan = run("plan", file, "--json").json
    assert (plan["currency"], plan["debts"][0]["name"]) == ("CNY", "花呗")


def test_bad_rows_are_told_and_the_good_ones_planned(run, tmp_path: Path):
    file = tmp_path / "debts.csv"
    file.write_text("name,balance,apr,monthly_budget\nVisa,1000,20,300\nStore,abc,20,300\n")
    answer = run("plan", file, "--json")
    assert answer.code == 0
    assert [debt["name"] for debt in answer.json["debts"]] == ["Visa"]
    assert "row 3, column balance" in answer.err


SEVERAL = b"portfolio_id,name,balance,apr\na,Visa,1000,20\nb,Visa,2000,20\n"


def test_of_several_portfolios_one_is_chosen_by_its_id(run):
    refused = run("plan", "-", stdin=SEVERAL)
    assert refused.code == 1
    assert "2 portfolios (a, b)" in refused.err
    assert "--portfolio" in refused.err
    assert "batch" in refused.err
    chosen = run("plan", "-", "--portfolio", "b", "--json", stdin=SEVERAL)
    assert Decimal(chosen.json["schedule"][0]["opening"]) == 2000
    assert '"c"' in run("plan", "-", "--portfolio", "c", stdin=SEVERAL).err


@pytest.mark.parametrize(("balance", "said"), [("100", "(after 1 month)"), ("0", "nothing is owed")])
def test_a_plan_of_one_month_or_none_says_so(run, balance, said):
    content = {"budget": {"monthly": "500"}, "debts": [{"name": "Visa", "balance": balance, "apr": "0.2"}]}
    assert said in run("plan", "-", stdin=json.dumps(content).encode()).out


def never(**more):
    debts = [{"name": "Visa", "balance": "10000", "apr": "0.5", "minimum": {"type": "fixed", "amount": "50"}}]
    return json.dumps({"start": "2026-12", "debts": debts} | more).encode()


def test_chinese_tables_say_why_a_plan_never_ends(run):
    assert "仍欠" in run("plan", "-", "--lang", "zh", stdin=never()).out
    short = run("compare", "-", "--lang", "zh", stdin=never(budget={"monthly": "40"})).out.replace("\n", "")
    assert "全部: 2026-12 的最低还款合计 50.00 USD，可用资金只有 40.00，还差 10.00。" in short
    assert "is missing" not in short
    assert "still owed" not in short


def test_of_plans_that_never_end_none_is_marked(run):
    assert "*" not in run("compare", "-", stdin=never()).out


def test_a_debt_of_nothing_is_not_one_that_never_ends(run):
    content = {"debts": [{"name": "Visa", "balance": 0, "apr": 0.2}, {"name": "Car", "balance": 100, "apr": 0}]}
    content["budget"] = {"monthly": 500}
    assert "never" not in run("plan", "-", stdin=json.dumps(content).encode()).out


@pytest.mark.parametrize(("budget", "code"), [("10万", 0), ("¥1,200", 0), ("1,2,3", 2), ("-5", 2), ("nan", 2)])
def test_a_budget_is_written_as_an_amount_of_a_file(run, portfolio, budget, code):
    assert run("plan", portfolio, "--budget", budget).code == code


@pytest.mark.parametrize("lang", ["en", "zh"])
def test_health_tells_every_warning_and_what_to_do(run, lang):
    said = run("health", "-", "--lang", lang, stdin=json.dumps(EVERYTHING).encode())
    assert (said.code, said.err) == (0, "")
    flat = "".join(said.out.split())
    for warning in every_warning():
        assert all(f"{amount:,}" in flat for amount in warning.amounts.values()), warning
        assert warning.cap is None or "".join(warning.cap.source.title.split()) in flat


CARD = {
    "start": "2026-12",
    "debts": [
        {
            "name": "Visa",
            "kind": "credit_card",
            "balance": "5200.00",
            "apr": 0.2499,
            "minimum": {"type": "interest_plus", "rate": 0.01, "floor": "35.00"},
        }
    ],
}


def test_health_in_json_has_the_disclosures_of_regulation_z(run):
    told = run("health", "-", "--json", stdin=json.dumps(CARD).encode()).json
    assert (told["minimum_months"], told["payment_36"]) == (207, "206.72")
    assert Decimal(told["savings_36"]) == Decimal(told["minimum_total"]) - 36 * Decimal(told["payment_36"])
    assert [each["debt"] for each in told["repayments"]] == ["Visa"]


@pytest.mark.parametrize(("lang", "words"), [("en", "Months to pay by minimums only"), ("zh", "只还最低所需月数")])
def test_health_tells_what_minimums_only_come_to(run, lang, words):
    out = run("health", "-", "--lang", lang, stdin=json.dumps(CARD).encode()).out
    assert words in out
    assert "207" in out
    assert "206.72" in out


def test_health_tells_the_true_rate_of_a_flat_fee_where_there_is_one(run):
    rule = {"type": "flat_fee", "principal": "12000.00", "months": 12, "fee_rate": 0.006}
    instalment = {"name": "F", "kind": "instalment", "balance": "12000.00", "apr": 0, "minimum": rule}
    with_fee = {**CARD, "debts": [*CARD["debts"], instalment]}
    assert "13.0%" in run("health", "-", stdin=json.dumps(with_fee).encode()).out
    without = {**CARD, "debts": [*CARD["debts"], {"name": "B", "balance": "100.00", "apr": 0.1}]}
    out = run("health", "-", stdin=json.dumps(without).encode()).out
    assert "By minimums" in out
    assert "True rate" not in out
