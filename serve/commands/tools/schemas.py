"""Schemas of what tools take and answer, made short: an agent reads those of all tools before it asks anything.

They say what there is and of which kind. Bounds, and in requests what each field means, are left out: the endpoint
holds every request to its contract, and its refusal names the field.
"""

import json
import re
from collections.abc import Callable, Iterator
from typing import Any, get_args

from pydantic import BaseModel

from data.portfolio.offer import Offer

Schema = dict[str, Any]
NAMED = ("properties", "$defs")  # what stands below these are names, no words of JSON Schema
BOUNDS = {"minLength", "maxLength", "minItems", "maxItems", "minimum", "maximum", "ge", "le", "examples"}
NUMBER_OR_TEXT = ["number", "string"]
REFERENCE = re.compile(r'"#/\$defs/([^"]+)"')


def arguments_schema(model: type[BaseModel]) -> Schema:
    """What a tool takes."""
    schema = _shortened(model.model_json_schema(by_alias=True), _argument)
    kinds: Schema = {name: _by_name_alone(kind) for name, kind in schema["$defs"].items()}
    kinds["Portfolio"]["properties"]["offers"]["items"] = _any_offer(kinds)
    return {**schema, "$defs": {name: kinds[name] for name in sorted(_needed(schema, kinds))}}


def answer_schema(model: type[BaseModel]) -> Schema:
    """What a tool answers, with room for fields of a newer endpoint."""
    return _shortened(model.model_json_schema(mode="serialization", by_alias=True), _answer)


def _shortened(schema: Any, change: Callable[[Schema], Schema], *, is_named: bool = False) -> Any:
    """The schema with each of its objects changed, the innermost first."""
    if isinstance(schema, list):
        entries: list[Any] = schema
        return [_shortened(one, change) for one in entries]
    if not isinstance(schema, dict):
        return schema
    words: Schema = schema
    within = {name: _shortened(value, change, is_named=name in NAMED and not is_named) for name, value in words.items()}
    return within if is_named else change(within)


def _answer(words: Schema) -> Schema:
    return {name: value for name, value in words.items() if name not in ("title", "additionalProperties")}


def _argument(words: Schema) -> Schema:
    kept = {name: value for name, value in _answer(words).items() if name not in BOUNDS | {"discriminator"}}
    if kept.get("default", ...) is None or kept.get("pattern") == r"\S":
        kept = {name: value for name, value in kept.items() if name not in ("default", "pattern")}
    if "description" in kept:
        kept["description"] = kept["description"].partition("\n\n")[0]
    # A rule or an offer is told from others by its type, which the endpoint therefore needs.
    if "const" in kept.get("properties", {}).get("type", {}):
        kept["required"] = ["type", *kept.get("required", [])]
    return _without_nothing(kept)


def _by_name_alone(kind: Schema) -> Schema:
    """The shape without what its fields mean: its own sentence and their names say enough, at half the length."""
    fields: Schema = kind.get("properties", {})
    bare = {
        name: {word: said for word, said in field.items() if word != "description"} for name, field in fields.items()
    }
    return {**kind, "properties": bare} if fields else kind


def _without_nothing(words: Schema) -> Schema:
    """A field that may be null may as well be left out; an amount is a number or a text."""
    choices = [one for one in words.pop("anyOf", []) if one.get("type") != "null"]
    if len(choices) == 2 and {one.get("type") for one in choices} == set(NUMBER_OR_TEXT):
        choices = [{"type": NUMBER_OR_TEXT}]
    return {**words, **choices[0]} if len(choices) == 1 else {**words, **({"anyOf": choices} if choices else {})}


def _any_offer(kinds: Schema) -> Schema:
    """One shape for every type of offer; whole ones would be half of what an agent reads."""
    fields: Schema = {}
    needs: dict[str, str] = {}
    for model in get_args(get_args(Offer)[0]):
        shape: Schema = kinds[model.__name__]
        own, needed = shape["properties"], shape["required"]
        fields |= {name: words for name, words in own.items() if name != "type"}
        needs[own["type"]["const"]] = ", ".join(name for name in needed if name not in ("type", "name"))
    told = "; ".join(f"{tag} needs {names}" for tag, names in needs.items())
    return {
        "type": "object",
        "description": f"What a lender offers instead; the optimal plan takes what pays. Beside its name, {told}.",
        "properties": {"type": {"enum": list(needs)}, **fields},
        "required": ["type", "name"],
    }


def _needed(schema: Schema, kinds: Schema) -> set[str]:
    """The shapes that are referred to, directly or from one of them."""
    needed, new = set[str](), set(_references({**schema, "$defs": {}}))
    while new:
        needed |= new
        new = {name for one in new for name in _references(kinds[one])} - needed
    return needed


def _references(schema: Schema) -> Iterator[str]:
    yield from REFERENCE.findall(json.dumps(schema))
