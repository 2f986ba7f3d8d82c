"""What validation found wrong, as one entry a field: its path in the body, what to do, and the value as it came.

Knows nothing of HTTP answers; `serve/problems.py` sends what is made here.
"""

from collections.abc import Mapping, Sequence
from typing import Any, cast

from data.errors import FieldError

Location = Sequence[str | int]

SENTENCES = {
    "missing": "this field is needed",
    "extra_forbidden": "there is no such field here; take it out or mend its name",
    "json_type": "a JSON value is needed",
    "model_attributes_type": "a JSON object is needed",
    "model_type": "a JSON object is needed",
    "dict_type": "a JSON object is needed",
    "list_type": "a JSON array is needed",
    "decimal_parsing": "a number is needed, for example 1234.56",
    "decimal_type": "a number is needed, for example 1234.56",
    "union_tag_not_found": "`type` is needed here",
}
LONGEST_VALUE = 200
RATES = ("apr", "rate", "yearly_raise")


def field_errors(errors: Sequence[Mapping[str, Any]], body: Any) -> list[FieldError]:
    """Pydantic's findings about a body as entries, each at a path such as `debts.0.apr`."""
    return [_entry(error, body) for error in errors]


def _entry(error: Mapping[str, Any], body: Any) -> FieldError:
    kind = str(error["type"])
    place, *rest = error["loc"] or ("",)
    location = _without_tags(rest, body) if place == "body" else list(rest)
    if kind in ("union_tag_invalid", "union_tag_not_found"):
        return _wrong_type(error, location)
    value = None if kind == "missing" else shown(error.get("input"))
    return FieldError(".".join(str(step) for step in location), _sentence(error, kind, location), value)


def _without_tags(location: Location, body: Any) -> list[str | int]:
    """The steps that lead through the body; a union's tags, which Pydantic puts between them, are left out."""
    path: list[str | int] = []
    here = body
    for number, step in enumerate(location):
        is_last = number == len(location) - 1
        if _leads_on(here, step):
            here = here[step]
            path.append(step)
        elif is_last and isinstance(here, dict):
            path.append(step)
    return path


def _leads_on(here: Any, step: str | int) -> bool:
    if isinstance(here, dict):
        return step in here
    return isinstance(here, list) and isinstance(step, int) and step < len(cast("list[Any]", here))


def _wrong_type(error: Mapping[str, Any], location: Location) -> FieldError:
    context = error.get("ctx", {})
    expected = str(context.get("expected_tags", "")).replace("'", "")
    path = ".".join(str(step) for step in (*location, "type"))
    if "tag" not in context:
        return FieldError(path, SENTENCES["union_tag_not_found"])
    return FieldError(path, f"there is no such type; there are {expected}", shown(context["tag"]))


def _sentence(error: Mapping[str, Any], kind: str, location: Location) -> str:
    message = str(error["msg"]).removeprefix("Value error, ").replace("Input should be", "it must be", 1)
    name = str(location[-1]) if location else ""
    if kind == "less_than_equal" and name.endswith(RATES):
        return f"{message}: rates are fractions, 24.99 % is 0.2499"
    return SENTENCES.get(kind, message)


def shown(value: Any) -> Any:
    """The value as it came where it is one plain value, cut if long; nothing of a whole object or list."""
    if isinstance(value, str):
        return value if len(value) <= LONGEST_VALUE else value[:LONGEST_VALUE] + "…"
    return value if isinstance(value, bool | int | float) else None
