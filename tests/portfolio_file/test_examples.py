"""The examples in the docstrings of the file readers are true."""

import doctest
import importlib

import pytest

MODULES = [
    *("cell_amount", "cell_month", "cell_rate", "cell_text", "column_names", "columns", "debt_kinds", "excel_rows"),
    *("errors_of_fields", "minimum_columns", "portfolio_file", "rows_to_debts", "whole_file"),
]


@pytest.mark.parametrize("name", MODULES)
def test_the_examples_in_a_modules_docstrings_are_true(name):
    result = doctest.testmod(importlib.import_module(f"data.{name}"))
    assert result.attempted > 0
    assert result.failed == 0
