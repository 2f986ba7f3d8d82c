"""What fields mean, said once: in the docstring of their model, under `Attributes:`, and from there in every schema."""

import inspect
import re
from copy import deepcopy
from dataclasses import dataclass
from typing import Any, cast

from pydantic import BaseModel, GetJsonSchemaHandler
from pydantic_core import CoreSchema

SECTION = re.compile(r"\n+(Attributes|Raises):\n")
FIELD = re.compile(r"^ {4}(\w+): ", re.MULTILINE)


@dataclass(frozen=True)
class Form:
    """Made part of a type: how its values are written. Cheaper than a `Field`, which every model merges anew."""

    text: str

    def __get_pydantic_json_schema__(self, core_schema: CoreSchema, handler: GetJsonSchemaHandler) -> dict[str, Any]:
        return {**handler(core_schema), "description": self.text}


class Described:
    """Made part of a model: its JSON schema tells of each field what the docstring says, then what the type says.

    The docstrings are read when a schema is asked for, never at import.
    """

    @classmethod
    def __get_pydantic_json_schema__(cls, core_schema: CoreSchema, handler: GetJsonSchemaHandler) -> dict[str, Any]:
        model = cast("type[BaseModel]", cls)
        schema = handler(core_schema)
        shape = handler.resolve_ref_schema(schema)
        shape["description"] = summary(model)
        told = meanings(model)
        names = {field.alias or name: name for name, field in model.model_fields.items()}
        fields: dict[str, Any] = shape.get("properties", {})
        for shown in fields:
            # Copied, each by itself: a type's own words are one object wherever it is used.
            fields[shown] = words = deepcopy(fields[shown])
            words["description"] = _sentences(told.get(names.get(shown, shown), ""), words)
        return schema


def summary(model: type[BaseModel]) -> str:
    """What the model is, as its docstring says, or that of the nearest model that it is made of."""
    return next((SECTION.split(text)[0] for text in _docstrings(model)), "")


def meanings(model: type[BaseModel]) -> dict[str, str]:
    """What each field means that a docstring tells of, its own or an inherited one."""
    told: dict[str, str] = {}
    for text in reversed(_docstrings(model)):
        _, *sections = SECTION.split(text)
        for section in (body for head, body in zip(sections[::2], sections[1::2], strict=True) if head == "Attributes"):
            _, *parts = FIELD.split(section)
            told |= {name: " ".join(said.split()) for name, said in zip(parts[::2], parts[1::2], strict=True)}
    return told


def _docstrings(model: type[BaseModel]) -> list[str]:
    """Those of the model and of the models that it is made of, its own first."""
    own = (vars(part).get("__doc__") for part in model.__mro__ if issubclass(part, BaseModel) and part is not BaseModel)
    return [inspect.cleandoc(text) for text in own if text]


def _sentences(own: str, words: dict[str, Any]) -> str:
    """What a field means, and the form of its values, which stands with its type."""
    if not own and "const" in words:
        own = f"always `{words['const']}`, which tells this kind from others."
    kinds = [words, *words.get("anyOf", []), words.get("items", {}), words.get("additionalProperties", {})]
    forms = [kind.pop("description") for kind in kinds if isinstance(kind, dict) and "description" in kind]
    return " ".join([own[:1].upper() + own[1:], *forms[:1]]).strip()
