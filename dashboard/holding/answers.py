"""What the API has said in this session: asked once for the same inputs, and the last answer kept for bad times."""

from __future__ import annotations

import hashlib
import json
import time
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any, Generic, TypeVar, cast

import streamlit as st

from dashboard.asking.client import ApiError, Client
from dashboard.holding import sign_in
from dashboard.holding.session import KeptAnswer, session, t
from dashboard.settings import Settings
from data.answers.health import Health
from data.answers.plan import Comparison, Plan, Strategy
from data.portfolio.portfolio import Portfolio
from data.wire.task_result import Json

KEPT = 60
ValueT = TypeVar("ValueT")


@dataclass(frozen=True)
class Answered(Generic[ValueT]):
    """An answer; `outage` is set where the service is down and the answer is an earlier one."""

    value: ValueT
    at: datetime
    outage: ApiError | None = None
    is_of_other_inputs: bool = False


@st.cache_resource
def _shared_client(url: str, api_key: str | None, timeout_s: float) -> Client:
    return Client(url, api_key, timeout_s=timeout_s)


@st.cache_resource(scope="session", max_entries=1, on_release=Client.close)
def _own_client(url: str, token: str | None, timeout_s: float) -> Client:
    return Client(url, token, timeout_s=timeout_s)


def client() -> Client:
    """The client of the person who has signed in; without sign-in the one that all sessions of this process share."""
    settings = Settings()
    if sign_in.is_needed():
        # Never the dashboard's own key: whoever has signed in may do what they may do.
        return _own_client(settings.api_url, sign_in.access_token(), settings.api_timeout_s)
    secret = settings.api_key.get_secret_value() if settings.api_key else None
    return _shared_client(settings.api_url, secret, settings.api_timeout_s)


def health(portfolio: Portfolio) -> Answered[Health]:
    """The portfolio's measures and warnings."""
    return _ask("health", portfolio, client().health)


def comparison(portfolio: Portfolio) -> Answered[Comparison]:
    """The portfolio under every strategy; whoever has to wait for the search is told."""
    with st.spinner(t("plans.searching")):
        return _ask("comparison", portfolio, client().compare)


def plan(portfolio: Portfolio, strategy: str) -> Answered[Plan]:
    """The portfolio under one strategy, with its schedule; the optimal plan as it stands in the comparison."""
    if strategy == Strategy.OPTIMAL:
        compared = comparison(portfolio)
        optimal = next(each for each in compared.value.plans if each.strategy == strategy)
        return Answered(optimal, compared.at, compared.outage, compared.is_of_other_inputs)
    return _ask(f"plan {strategy}", portfolio, lambda body: client().plan(body, strategy))


def now_and_then(name: str, ask: Callable[[], ValueT], *, every_s: float) -> ValueT:
    """An answer that may be some seconds old, so that not every click asks again."""
    checked = session().checked
    at, value = checked.get(name, (float("-inf"), None))
    if time.monotonic() - at > every_s:
        value = ask()
        checked[name] = (time.monotonic(), value)
    return cast(ValueT, value)


def forget(name: str) -> None:
    """Ask again at the next occasion."""
    session().checked.pop(name, None)


def digest(body: Json) -> str:
    """A short name for the inputs of a calculation."""
    return hashlib.sha256(json.dumps(body, sort_keys=True).encode()).hexdigest()[:16]


def _ask(name: str, portfolio: Portfolio, call: Callable[[Json], ValueT]) -> Answered[ValueT]:
    """The answer for these inputs; in an outage the last one of this name, if there is one.

    Raises:
        ApiError: there is none, or the request itself is refused.
    """
    answers, body = session().answers, portfolio.model_dump(mode="json")
    wanted = digest(body)
    held = answers.get(f"{name} {wanted}")
    if held is None:
        try:
            held = KeptAnswer(call(body), wanted, datetime.now(UTC).astimezone())
        except ApiError as error:
            return _earlier(name, error)
        answers[f"{name} {wanted}"] = answers[f"{name} last"] = held
        _forget_oldest(answers)
    return Answered(held.value, held.at)


def _earlier(name: str, error: ApiError) -> Answered[Any]:
    held = session().answers.get(f"{name} last")
    # A refusal is about these very inputs: an earlier answer would only hide it.
    if held is None or not error.is_outage:
        raise error
    return Answered(held.value, held.at, outage=error, is_of_other_inputs=True)


def _forget_oldest(answers: dict[str, KeptAnswer]) -> None:
    while len(answers) > KEPT:
        # A dict keeps its order: the first is the oldest.
        del answers[next(iter(answers))]
