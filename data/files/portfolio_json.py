"""A portfolio from JSON; everything wrong with it is found at once."""

import json
from collections import Counter
from collections.abc import Iterator
from decimal import Decimal
from typing import Any

from pydantic import ValidationError

from data.errors import FieldError, InvalidPortfolio
from data.portfolio.errors_of_fields import field_errors
from data.portfolio.portfolio import Portfolio
from data.wording.sentence import Sentence, say


class _Object(dict[str, Any]):
    """A JSON object that remembers the names it held twice."""

    repeated: tuple[str, ...] = ()


def read_portfolio_json(content: bytes) -> Portfolio:
    """The portfolio a JSON text holds.

    Raises:
        InvalidPortfolio: naming every wrong field, its value and what to do.
    """
    return portfolio_of(parse_json(content))


def parse_json(content: bytes) -> Any:
    """JSON with its decimals exact and NaN left for the field's own check.

    Raises:
        InvalidPortfolio: it is no JSON, or an object holds a name twice.
    """
    try:
        value = json.loads(
            content.decode("utf-8-sig"), parse_float=Decimal, parse_constant=float, object_pairs_hook=_object
        )
    except UnicodeDecodeError as error:
        raise InvalidPortfolio(say("json_not_utf_8", byte=error.start + 1)) from None
    except json.JSONDecodeError as error:
        # Python's message begins with a capital; here it stands within a sentence.
        said = error.msg[0].lower() + error.msg[1:]
        raise InvalidPortfolio(say("not_json", said=said, line=error.lineno, column=error.colno)) from None
    except (RecursionError, ValueError):  # nested too deeply, or a number of thousands of digits
        raise InvalidPortfolio(say("json_too_deep")) from None
    repeated = [FieldError(path, say("name_twice")) for path in _repeated_paths(value, "")]
    if repeated:
        raise InvalidPortfolio(_summary(repeated), repeated)
    return value


def portfolio_of(value: Any) -> Portfolio:
    """The portfolio of a parsed JSON value.

    Raises:
        InvalidPortfolio: naming every wrong field, its value and what to do.
    """
    if not isinstance(value, dict):
        raise InvalidPortfolio(say("not_a_portfolio"))
    try:
        return Portfolio.model_validate(value)
    except ValidationError as error:
        errors = field_errors(error)
        raise InvalidPortfolio(_summary(errors), errors) from None


def portfolios_of(values: list[Any]) -> list[Portfolio]:
    """The portfolios of a parsed JSON list.

    Raises:
        InvalidPortfolio: naming every wrong field of all of them, as `1.debts.0.apr`.
    """
    portfolios: list[Portfolio] = []
    wrong: list[FieldError] = []
    for place, value in enumerate(values):
        try:
            portfolios.append(portfolio_of(value))
        except InvalidPortfolio as error:
            found = error.errors or [FieldError("", error.said)]
            wrong += [one.at(f"{place}.{one.path}".rstrip(".")) for one in found]
    if wrong:
        raise InvalidPortfolio(_summary(wrong), wrong)
    return portfolios


def with_monthly_budget(portfolio: Portfolio, monthly: Decimal) -> Portfolio:
    """The portfolio with another monthly budget for all its debts; what else its budget says stays.

    Raises:
        InvalidPortfolio: the budget is no amount of the portfolio's currency.
    """
    # Through JSON and the parser again: a changed budget is validated as if it had stood in the file.
    kept = portfolio.budget.model_dump(mode="json", by_alias=True) if portfolio.budget else {}
    content = portfolio.model_dump(mode="json", by_alias=True)
    return portfolio_of(content | {"budget": kept | {"monthly": str(monthly)}})


def _object(pairs: list[tuple[str, Any]]) -> _Object:
    value = _Object(pairs)
    # Python keeps the last of two equal names silently; a client would lose a balance without a word.
    if len(value) < len(pairs):
        value.repeated = tuple(name for name, count in Counter(name for name, _ in pairs).items() if count > 1)
    return value


def _repeated_paths(value: Any, path: str) -> Iterator[str]:
    if isinstance(value, _Object):
        yield from (path + name for name in value.repeated)
        for name, item in value.items():
            yield from _repeated_paths(item, f"{path}{name}.")
    elif isinstance(value, list):
        for place, item in enumerate(value):  # pyright: ignore[reportUnknownVariableType]
            yield from _repeated_paths(item, f"{path}{place}.")


def _summary(errors: list[FieldError]) -> Sentence:
    return say("portfolio_to_mend", count=len(errors), path=errors[0].path, said=errors[0].said)
