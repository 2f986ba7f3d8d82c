"""The OpenAPI document as it goes out: what FastAPI tells of the routes, made complete and fit for generators.

Knows no route: what is described stands with the routes and with the models that they take and answer.
"""

import json
import re
from collections.abc import Callable
from functools import cache
from importlib.resources import files
from typing import Any

from data.wire.task_result import Json
from serve.http.described.texts import BEARER
from serve.http.problems import MEDIA_TYPE, Problem

PROBLEM = {MEDIA_TYPE: {"schema": {"$ref": "#/components/schemas/Problem"}}}
REFUSALS: dict[int | str, dict[str, Any]] = {
    "4XX": {"description": "The request cannot be met as it is.", "content": PROBLEM},
    "5XX": {"description": "A part of the service does not answer; nothing is lost.", "content": PROBLEM},
}
REFERENCE = "#/components/schemas/"
NAMED = ("properties", "schemas", "mapping")  # what stands below these are names, no words of JSON Schema
UNTOUCHED = ("example", "examples")
UNSAID = "Successful Response"  # what FastAPI says of every one
# Pydantic's own words for bounds that stand behind a validator.
BOUNDS = {"ge": "minimum", "le": "maximum", "gt": "exclusiveMinimum", "lt": "exclusiveMaximum"}


def completed(description: Json) -> Json:
    """The description with the shape of problems, the key that all but the open routes need, and real answers."""
    problems = {"Problem": Problem.model_json_schema(ref_template=f"{REFERENCE}{{model}}")}
    schemas = {**description["components"]["schemas"], **problems, **problems["Problem"].pop("$defs")}
    components = {**description["components"], "schemas": schemas, "securitySchemes": {"bearer": BEARER}}
    whole = {**description, "components": components, "security": [{"bearer": []}]}
    tidy: Json = _changed(whole, _tidy)
    named = {_name(name): {**schema, "title": _name(name)} for name, schema in tidy["components"]["schemas"].items()}
    return _with_answers({**tidy, "components": {**tidy["components"], "schemas": named}})


@cache
def answers() -> dict[str, dict[str, Any]]:
    """What the service has answered to each operation's example, by operation and media type; lists are cut short."""
    return json.loads((files("serve") / "http" / "described" / "answers.json").read_text("utf-8"))


def _with_answers(description: Json) -> Json:
    """Each success in words, and as the service has answered it."""
    schemas: Json = description["components"]["schemas"]
    for operation in (one for operations in description["paths"].values() for one in operations.values()):
        known = answers().get(operation["operationId"], {})
        for told in (told for status, told in operation["responses"].items() if status.startswith("2")):
            content: Json = told.get("content", {})
            if told["description"] == UNSAID:
                told["description"] = _in_words(content, schemas)
            for media_type in content.keys() & known.keys():
                content[media_type]["example"] = known[media_type]
    return description


def _in_words(content: Json, schemas: Json) -> str:
    """What the answer is: the first sentence of its shape."""
    shapes = [told["schema"]["$ref"].removeprefix(REFERENCE) for told in content.values() if "$ref" in told["schema"]]
    return "Done." if not shapes else schemas[shapes[0]]["description"].partition("\n\n")[0]


def _changed(value: Any, change: Callable[[Json], Json], *, is_named: bool = False) -> Any:
    """The value with each of its objects changed, the innermost first."""
    if isinstance(value, list):
        entries: list[Any] = value
        return [_changed(one, change) for one in entries]
    if not isinstance(value, dict):
        return value
    words: Json = value
    within = {
        name: one if name in UNTOUCHED else _changed(one, change, is_named=name in NAMED and not is_named)
        for name, one in words.items()
    }
    return within if is_named else change(within)


def _tidy(words: Json) -> Json:
    kept = {name: value for name, value in words.items() if name not in BOUNDS}
    if words.get("type") in ("integer", "number"):
        kept |= {BOUNDS[name]: value for name, value in words.items() if name in BOUNDS}
    # Generators know no default of a value with parts; the description says it.
    if isinstance(kept.get("default"), dict):
        del kept["default"]
    if isinstance(kept.get("$ref"), str):
        kept["$ref"] = _reference(kept["$ref"])
    if "discriminator" in kept:
        told = kept["discriminator"]
        kept["discriminator"] = {**told, "mapping": {tag: _reference(to) for tag, to in told["mapping"].items()}}
    return kept


def _reference(to: str) -> str:
    return REFERENCE + _name(to.removeprefix(REFERENCE))


def _name(name: str) -> str:
    """A shape's name: its own for what is sent, another for the same as it is answered, so that no two have one title.

    >>> [_name(name) for name in ("Portfolio-Input", "Portfolio-Output", "Page_TaskView_")]
    ['Portfolio', 'PortfolioOutput', 'PageOfTaskView']
    """
    return re.sub(r"^Page_(\w+)_$", r"PageOf\1", name.removesuffix("-Input").replace("-Output", "Output"))
