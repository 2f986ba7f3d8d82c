"""What the API says of itself is whole: every field, parameter and answer in sentences, and examples that are true."""

from collections.abc import Iterator
from typing import Any

import pytest

from data.wording.described import Described, meanings
from serve.api import description

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
