"""The examples in the docstrings of the file readers are true."""

import doctest
import importlib
import re
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
FILES = sorted((ROOT / "data").rglob("*.py"))
EXAMPLE = re.compile(r"^    >>> (?!.*doctest: \+SKIP)", re.MULTILINE)
MODULES = [".".join(file.relative_to(ROOT).with_suffix("").parts) for file in FILES if EXAMPLE.search(file.read_text())]


@pytest.mark.parametrize("name", MODULES)
def test_the_examples_in_a_modules_docstrings_are_true(name):
    result = doctest.testmod(importlib.import_module(name))
    assert result.attempted > 0
    assert result.failed == 0
