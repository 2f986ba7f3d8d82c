"""The examples in the docstrings of the file readers are true."""

import doctest
import importlib

import pytest

FILES = ["cell_amount", "cell_month", "cell_rate", "cell_text", "column_names", "columns", "debt_kinds", "excel_rows"]
FILES += ["minimum_columns", "rows_to_debts", "whole_file"]
MODULES = ["data.errors_of_fields", "data.portfolio_file", *(f"data.files.{name}" for name in FILES)]


@pytest.mark.parametrize("name", MODULES)
def test_the_examples_in_a_modules_docstrings_are_true(name):
    result = doctest.testmod(importlib.import_module(name))
    assert result.attempted > 0
    assert result.failed == 0
