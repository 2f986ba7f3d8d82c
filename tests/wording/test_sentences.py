"""What is said of anything wrong: one code, the same words as ever in English, and Chinese for every one of them."""

import ast
import json
import re
import string
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from pydantic import ValidationError

from data.answers.plan import Strategy
from data.errors import BadInput, FieldError
from data.portfolio.budget import Budget
from data.portfolio.errors_of_fields import field_errors
from data.portfolio.portfolio import Portfolio
from data.wire.import_result import ImportWarning, Reject
from data.wording.sentence import AS_SAID, Sentence, as_it_is, catalogue, say, sentence_told
from tests.wording.wrong_things import everything

ROOT = Path(__file__).resolve().parents[2]
SAID_BEFORE: dict[str, list[Any]] = json.loads((Path(__file__).parent / "said_before.json").read_text("utf-8"))
CHINESE = re.compile("[一-鿿]")
ENGLISH = re.compile(r"\b(is|not|the|was|read|must|missing|write|needed|holds|nothing|only)\b")
EVERYTHING = dict(everything())
CODES = [code for code in catalogue("en") if code[0] != "+" and not code.startswith("list.")]
PIECES = [key for key in catalogue("en") if key not in CODES]
ONLY_VALUES = {AS_SAID, "if_match_wrong", "misspelt_columns", "at_field", "mode_not_possible", "not_as_needed"}


def told(thing: Any) -> Any:
    """What is said, where it stands, and of which value."""
    if isinstance(thing, FieldError):
        return [thing.path, thing.message, thing.value]
    if isinstance(thing, Reject | ImportWarning):
        return [thing.row, thing.column, getattr(thing, "value", None), thing.reason]
    return thing.message


def fields_of(words: str) -> set[tuple[str, str | None]]:
    return {(name, how) for _, name, how, _ in string.Formatter().parse(words) if name}


def constants_of_the_code() -> set[str]:
    """Every text that stands alone in our sources."""
    found: set[str] = set()
    for package in ("data", "agents", "serve", "dashboard"):
        for file in (ROOT / package).rglob("*.py"):
            nodes = ast.walk(ast.parse(file.read_text("utf-8")))
            found |= {node.value for node in nodes if isinstance(node, ast.Constant) and isinstance(node.value, str)}
    return found


def said_codes() -> list[tuple[str, str, set[str]]]:
    """Each `say("code", name=…)` of our sources: where it stands, the code, and the names of its values."""
    calls: list[tuple[str, str, set[str]]] = []
    for package in ("data", "agents", "serve", "dashboard"):
        for file in (ROOT / package).rglob("*.py"):
            for node in ast.walk(ast.parse(file.read_text("utf-8"))):
                if not (isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id == "say"):
                    continue
                first = node.args[0]
                choices = [first.body, first.orelse] if isinstance(first, ast.IfExp) else [first]
                place = f"{file.relative_to(ROOT)}:{node.lineno}"
                names = {"**" if word.arg is None else word.arg for word in node.keywords}
                calls += [(place, one.value, names) for one in choices if isinstance(one, ast.Constant)]
    return calls


@pytest.mark.parametrize("wrong", SAID_BEFORE)
def test_every_sentence_is_what_it_was_before_it_had_a_code(wrong: str):
    assert json.loads(json.dumps([told(thing) for thing in EVERYTHING[wrong]], default=str)) == SAID_BEFORE[wrong]


@pytest.mark.parametrize("wrong", EVERYTHING)
def test_whatever_is_wrong_has_a_code_and_is_told_in_chinese(wrong: str):
    for thing in EVERYTHING[wrong]:
        sentence: Sentence = thing.said
        chinese = sentence.in_language("zh")
        assert sentence.code in CODES
        assert sentence.code != AS_SAID
        assert CHINESE.search(chinese)
        assert not ENGLISH.search(re.sub(r'"[^"]*"|`[^`]*`|（[^）]*：line[^）]*）', "", chinese))


@pytest.mark.parametrize("wrong", EVERYTHING)
def test_what_is_wrong_comes_over_the_wire_and_is_the_same_sentence(wrong: str):
    for thing in EVERYTHING[wrong]:
        on_wire = json.loads(json.dumps({"code": thing.said.code, "params": thing.said.params}))
        again = sentence_told(on_wire["code"], on_wire["params"], str(thing.said))
        assert again == thing.said
        assert again.in_language("zh") == thing.said.in_language("zh")


def test_both_languages_have_the_same_codes_in_the_same_order():
    assert list(catalogue("en")) == list(catalogue("zh"))


@pytest.mark.parametrize("code", CODES)
def test_both_languages_say_a_sentence_with_the_same_values(code: str):
    assert fields_of(catalogue("en")[code]) == fields_of(catalogue("zh")[code])


@pytest.mark.parametrize("code", CODES)
def test_a_sentence_in_chinese_is_chinese(code: str):
    words = "".join(text for text, *_ in string.Formatter().parse(catalogue("zh")[code]))
    assert code in ONLY_VALUES or CHINESE.search(words)


@pytest.mark.parametrize("code", CODES)
def test_a_code_is_short_and_in_snake_case(code: str):
    assert re.fullmatch(r"[a-z0-9]+(_[a-z0-9]+)*", code)
    assert len(code) <= 30


def test_no_sentence_stands_in_the_catalogue_that_nobody_says():
    assert set(CODES) - constants_of_the_code() == set()


def test_every_code_that_is_said_stands_in_the_catalogue_with_exactly_its_values():
    calls = said_codes()
    assert len(calls) > 150
    for place, code, names in calls:
        assert code in CODES, place
        if "**" not in names:
            needed = {name for name, _ in fields_of(catalogue("en")[code])}
            assert needed <= names <= needed | {"left_out"}, place


def test_every_piece_that_a_value_adds_stands_in_both_languages():
    assert {"+cell", "+or_empty", "+left_out", "+header", "list.all", "list.told"} <= set(PIECES)
    for piece in PIECES:
        assert fields_of(catalogue("en")[piece]) == fields_of(catalogue("zh")[piece])


def test_no_error_of_ours_is_made_of_a_bare_text():
    """`ValueError` in a model, or an error for a client or caller, would be told without a code."""
    bare = [
        f"{file.relative_to(ROOT)}:{node.lineno}"
        for package in ("data", "agents", "serve")
        for file in (ROOT / package).rglob("*.py")
        for node in ast.walk(ast.parse(file.read_text("utf-8")))
        if isinstance(node, ast.Call)
        and isinstance(node.func, ast.Name)
        and node.func.id in {"FieldError", "InvalidPortfolio", "UnreadableFile", "BadInput", "NotFound", "Conflict"}
        and any(isinstance(argument, ast.JoinedStr) for argument in node.args[node.func.id == "FieldError" :])
    ]
    assert bare == []


def test_a_sentence_within_a_sentence_is_told_in_the_language_of_the_whole():
    whole = say("at_field", path="debts.0.apr", said=say("rate_needed"))
    assert str(whole) == "debts.0.apr: a rate is needed as a fraction, for example 0.2499 for 24.99 %"
    assert whole.in_language("zh") == "debts.0.apr：需要填写利率，写成小数，例如 24.99% 写成 0.2499"
    assert whole.params == {"path": "debts.0.apr", "said": {"code": "rate_needed", "params": {}}}


def test_the_header_and_the_whole_portfolio_are_told_behind_any_sentence():
    said = say("rows_disagree", value="600", other="500", row=2, left_out=True, header="每月预算")
    assert str(said) == (
        '"600" disagrees with "500" in row 2 of the same portfolio; the whole portfolio is left out (column "每月预算")'
    )
    assert said.in_language("zh") == '"600" 与同一组合第 2 行的 "500" 不一致；整个组合未载入（“每月预算”列）'


def test_money_is_written_as_each_language_writes_it():
    said = say("offer_above_debt", name="Visa", owed="5200.00", currency="CNY")
    assert "CN¥5,200.00" in str(said)
    assert "¥5,200.00" in said.in_language("zh")
    assert say("no_such_strategy", strategies=list(Strategy)).params["strategies"][0] == Strategy.MINIMUM_ONLY.value


@pytest.mark.parametrize(
    ("code", "params"),
    [("of_a_later_version", {}), ("not_a_rate", {}), ("not_a_rate", {"value": "x"}), ("too_large", {"limit": "x"})],
)
def test_a_sentence_that_we_cannot_say_is_shown_as_it_came(code: str, params: dict[str, Any]):
    assert sentence_told(code, params, "something new").in_language("zh") == "something new"


def test_half_a_character_is_shown_by_its_escape():
    assert json.dumps(say("not_a_number", value="\ud800").params) == r'{"value": "\\ud800"}'


def test_an_error_keeps_its_sentence_where_it_crosses_a_process():
    import pickle

    error = BadInput(say("file_empty"), [FieldError("file", say("csv_needed"), "\ud800")])
    again = pickle.loads(pickle.dumps(error))
    assert (again.said, again.errors, again.message) == (error.said, error.errors, "The file is empty.")
    assert as_it_is("x").in_language("zh") == "x"


@pytest.mark.parametrize("wrong", EVERYTHING)
def test_nothing_that_is_said_shows_how_python_writes_a_value(wrong: str):
    for thing in EVERYTHING[wrong]:
        said: Sentence = thing.said
        shown = [said.in_language("en"), said.in_language("zh"), json.dumps(said.params), str(told(thing))]
        assert not [text for text in shown if re.search(r"Decimal\(|datetime\.|<class ", text)]


@pytest.mark.parametrize("owed", [Budget(monthly=Decimal("1.50")), (Decimal("1.50"),), {"a": Decimal("1.50")}])
def test_a_value_of_parts_is_shown_as_json_has_it(owed: Any):
    with pytest.raises(ValidationError) as refused:
        Portfolio.model_validate({"debts": [{"name": "Visa", "balance": owed, "apr": 0.2}]})
    (error,) = field_errors(refused.value)
    assert '"1.50"' in str(error.value)
    assert "Decimal" not in str(error.value)
