"""One word for one thing: every code has its words in both languages, and they stand in one place only."""

import ast
import json
import re
from collections.abc import Iterator
from pathlib import Path
from typing import get_args

import pytest

from agents.telling import chinese_steps, english_steps
from agents.telling.report import voice
from dashboard.text import FOLDER, Words
from data.answers.plan import PlanStatus, Strategy
from data.portfolio.debt import DebtKind
from data.portfolio.minimum_rule import MinimumRule
from data.wire.batch import BatchStatus
from data.wire.task import TaskStatus, TaskType
from data.wording.words import Language, warning_words, words
from serve.commands.shared.words import strategy_name
from tests.every_warning import CODES, every_warning

ROOT = Path(__file__).resolve().parents[2]
LANGUAGES: tuple[Language, ...] = get_args(Language)
RULES = [get_args(rule.model_fields["type"].annotation)[0] for rule in get_args(get_args(MinimumRule)[0])]
NAMED = {
    "strategy": list(Strategy),
    "status": list(PlanStatus),
    "kind": list(DebtKind),
    "minimum": RULES,
    "task": list(TaskType),
    "task_status": [*TaskStatus, *BatchStatus],
}
# What people type into files for a kind is read in these, and is not what we call it.
READ_FROM_FILES = {"data/files/columns/debt_kinds.py"}
# The same word for another thing.
HOMONYMS = {
    "dashboard/locale/zh_CN.json": {"只还最低", "永远还不清"},  # instead of a budget, and of a span of time
    "dashboard/panels/upload_panel.py": {"Car loan"},  # a debt's name in the template
    "serve/commands/shared/words.py": {"只还最低"},  # by_minimums: a column
}


def test_both_languages_have_the_same_words():
    assert words("en").keys() == words("zh").keys()


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("name", NAMED)
def test_every_code_has_its_word_and_every_word_its_code(name: str, language: Language):
    had = {key.removeprefix(f"{name}.") for key in words(language) if key.startswith(f"{name}.")}
    assert had == {str(code) for code in NAMED[name]}


@pytest.mark.parametrize("strategy", list(Strategy))
def test_a_strategy_has_one_name_in_reports_on_pages_and_in_the_terminal(strategy: Strategy):
    for language in LANGUAGES:
        name = words(language)[f"strategy.{strategy}"]
        assert voice(language).strategy(strategy) == Words(language).t(f"strategy.{strategy}") == name
    assert strategy_name(strategy, "zh") == words("zh")[f"strategy.{strategy}"]
    assert strategy_name(strategy, "en") == strategy  # what --strategy takes


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_warning_and_what_it_says_to_do_has_words(language: Language):
    for warning in every_warning():
        said = warning_words(warning.code, warning.amounts, language)
        assert all(f"{{{name}}}" in said for name in (*warning.amounts, *warning.rates)), warning.code
    assert {key.split(".")[1] for key in words(language) if key.startswith("warning.")} == CODES


@pytest.mark.parametrize("language", LANGUAGES)
def test_a_report_has_a_sentence_of_its_own_for_every_warning(language: Language):
    assert {"en": english_steps, "zh": chinese_steps}[language].WARNINGS.keys() >= CODES
    for warning in every_warning():
        said = voice(language, "CNY").warning(warning)
        assert all(voice(language, "CNY").format.money(amount) in said for amount in warning.amounts.values())


def texts(file: Path) -> Iterator[str]:
    """Every text that stands by itself in a source or a catalogue."""
    if file.suffix == ".json":
        content = json.loads(file.read_text("utf-8"))
        yield from (value for value in content.values() if isinstance(value, str)) if isinstance(content, dict) else ()
        return
    for node in ast.walk(ast.parse(file.read_text("utf-8"))):
        if isinstance(node, ast.Constant) and isinstance(node.value, str):
            yield node.value


def test_no_word_for_a_code_stands_anywhere_else():
    ours = {
        text
        for language in LANGUAGES
        for key, text in words(language).items()
        if key.split(".")[0] in NAMED and re.search(r"[A-Z\u4e00-\u9fff]", text)
    }
    again = {
        f"{file.relative_to(ROOT)}: {text}"
        for package in ("data", "agents", "serve", "dashboard")
        for file in sorted((ROOT / package).rglob("*"))
        if file.suffix in {".py", ".json"} and file.parent.name != "wording"
        for text in texts(file)
        if text in ours and str(file.relative_to(ROOT)) not in READ_FROM_FILES
        if text not in HOMONYMS.get(str(file.relative_to(ROOT)), ())
    }
    assert again == set()


def test_the_pages_name_nothing_anew_that_has_a_shared_word():
    for locale in ("en", "zh_CN"):
        own = json.loads((FOLDER / f"{locale}.json").read_text("utf-8"))
        assert own.keys() & words("en").keys() == set()
