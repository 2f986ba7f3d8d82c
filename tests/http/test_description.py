"""What the API says of itself is whole: every field, parameter and answer in sentences, and examples that are true."""

from collections.abc import Iterator
from typing import Any

import pytest

from data.wording.described import Described, meanings
from serve.api import description
from serve.http.described.docs_page import docs_page

DESCRIPTION = description()
SCHEMAS = DESCRIPTION["components"]["schemas"]
OPERATIONS = [
    (f"{method.upper()} {path}", operation)
    for path, operations in DESCRIPTION["paths"].items()
    for method, operation in operations.items()
]
BY_NAME = pytest.mark.parametrize(("name", "operation"), OPERATIONS, ids=[name for name, _ in OPERATIONS])


def is_sentence(text: str) -> bool:
    """True for whole sentences: begun with a capital, a number or a name in code, and ended."""
    return text[:1].upper() == text[:1] and text.rstrip()[-1:] in {".", "…"}


def fields(schema: Any, path: str) -> Iterator[tuple[str, dict[str, Any]]]:
    """Every property in a schema, however deep it stands."""
    if isinstance(schema, list):
        for one in schema:
            yield from fields(one, path)
    if not isinstance(schema, dict):
        return
    for word, value in schema.items():
        if word == "properties":
            for name, field in value.items():
                yield f"{path}.{name}", field
                yield from fields(field, f"{path}.{name}")
        elif word not in ("example", "examples"):
            yield from fields(value, path)


def models(above: type = Described) -> Iterator[Any]:
    """Every model whose docstring tells of its fields."""
    for model in above.__subclasses__():
        yield model
        yield from models(model)


def test_a_docstring_tells_of_no_field_that_there_is_not():
    told = {(model.__name__, name) for model in models() for name in meanings(model).keys() - model.model_fields.keys()}
    assert len([*models()]) > 100
    assert told == set()


def test_every_shape_and_every_field_is_described_in_sentences():
    shapes = [(name, schema) for name, schema in SCHEMAS.items()]
    described = [
        *shapes,
        *fields(DESCRIPTION["paths"], "body"),
        *(one for name, s in shapes for one in fields(s, name)),
    ]
    assert len(described) > 900
    undescribed = [name for name, schema in described if not is_sentence(schema.get("description", ""))]
    assert undescribed == []


@BY_NAME
def test_every_operation_and_parameter_is_described_in_sentences(name: str, operation: dict[str, Any]):
    assert operation["summary"]
    assert is_sentence(operation["description"])
    assert [one["name"] for one in operation.get("parameters", []) if not is_sentence(one.get("description", ""))] == []
    assert [status for status, told in operation["responses"].items() if not is_sentence(told["description"])] == []


def test_every_amount_rate_and_month_tells_its_form():
    forms = {r"{1,13}(\.[0-9]{1,30})?$": "decimal", r"{1,2}(\.[0-9]{1,30})?$": "raction", "(0[1-9]|1[0-2])$": "YYYY-MM"}
    told = [
        (f"{name}.{field}", word, words["description"])
        for name, schema in SCHEMAS.items()
        for field, words in schema.get("properties", {}).items()
        for pattern, word in forms.items()
        if any(one.get("pattern", "").endswith(pattern) for one in (words, *words.get("anyOf", [])))
    ]
    assert len(told) > 100
    assert [field for field, word, description in told if word not in description] == []


def test_what_may_be_left_out_is_not_called_needed():
    assert set(SCHEMAS["Debt"]["required"]) == {"name", "balance", "apr"}
    assert "minimum" in SCHEMAS["DebtOutput"]["required"]


def test_no_default_and_no_bound_is_one_that_generators_do_not_know():
    words = [schema for one in SCHEMAS.items() for _, schema in fields(one[1], one[0])]
    assert [one for one in words if {"ge", "le", "gt", "lt"} & one.keys() or isinstance(one.get("default"), dict)] == []
    names = [schema["title"] for schema in SCHEMAS.values()]
    assert sorted(names) == sorted(set(names))
    identities = [operation["operationId"] for _, operation in OPERATIONS]
    assert sorted(identities) == sorted(set(identities))


def test_the_page_shows_what_the_service_has_answered():
    page = docs_page(DESCRIPTION)
    assert page.count("<h4>Answered: ") > 40
    assert "&quot;plans&quot;: [" in page
