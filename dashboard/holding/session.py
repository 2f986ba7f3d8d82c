"""What one browser session holds, behind typed names; the only place that knows the keys of `st.session_state`.

The URL holds what survives a reload: language, saved portfolio, strategy, task and batch ids; nothing personal.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Any, Literal

import streamlit as st

from dashboard.asking.client import ApiError
from dashboard.asking.reading import TaskReading
from dashboard.text import LANGUAGES, Words, language_of
from data.portfolio.budget import Budget
from data.portfolio.portfolio import Portfolio
from data.wire.import_result import ImportWarning, Reject
from data.wire.issuer import IssuerView
from data.wire.task_result import Json

Origin = Literal["sample", "upload", "typed", "saved"]
URL_NAMES = ("lang", "portfolio", "strategy", "task", "batch")


@dataclass(frozen=True)
class Shown:
    """A portfolio at hand: where it came from, and its saved id and version if it has them."""

    portfolio: Portfolio
    source: Origin
    title: str
    saved_id: str | None = None
    version: int | None = None
    is_changed: bool = False


@dataclass(frozen=True)
class FileReport:
    """What became of the last uploaded file."""

    file_name: str
    portfolios: int
    debts: int
    rejects: list[Reject]
    warnings: list[ImportWarning]
    rejects_total: int
    warnings_total: int


@dataclass(frozen=True)
class KeptAnswer:
    """Something the API said: of which inputs (their digest), and when."""

    value: Any
    digest: str
    at: datetime


@dataclass
class Session:
    """One browser session's state."""

    language: str = "en"
    shelf: list[Shown] = field(default_factory=list[Shown])
    chosen: int = 0
    strategy: str | None = None
    task: str | None = None
    batch: str | None = None
    portfolio_id: str | None = None
    report: FileReport | None = None
    import_error: ApiError | None = None
    action_error: ApiError | None = None
    notice: str | None = None
    answers: dict[str, KeptAnswer] = field(default_factory=dict[str, KeptAnswer])
    readings: dict[str, TaskReading] = field(default_factory=dict[str, TaskReading])
    grid_rows: list[Json] | None = None
    grid_generation: int = 0
    grid_errors: ApiError | None = None
    issuer_filled: tuple[str, IssuerView] | None = None
    question: str = ""
    once: dict[str, str] = field(default_factory=dict[str, str])
    written: dict[str, str] = field(default_factory=dict[str, str])
    checked: dict[str, tuple[float, Any]] = field(default_factory=dict[str, tuple[float, Any]])

    @property
    def shown(self) -> Shown | None:
        """The portfolio on screen."""
        # The shelf may have become shorter.
        return self.shelf[min(self.chosen, len(self.shelf) - 1)] if self.shelf else None

    def put_on_shelf(self, shelf: list[Shown], chosen: int = 0) -> None:
        """Show other portfolios; what was typed for the earlier ones is left."""
        self.shelf, self.chosen = shelf, chosen
        self.portfolio_id = shelf[chosen].saved_id if shelf else None
        self.forget_grid()

    def choose(self, place: int) -> None:
        """Show another portfolio of the shelf."""
        self.chosen = place
        self.portfolio_id = self.shelf[place].saved_id
        self.forget_grid()

    def change(self, portfolio: Portfolio) -> None:
        """The portfolio on screen has been edited."""
        if self.shown is not None:
            self.shelf[self.chosen] = replace(self.shown, portfolio=portfolio, is_changed=True)

    def change_budget(self, monthly: float | None) -> None:
        """Plan with another monthly budget; None means minimums only."""
        if self.shown is None:
            return
        portfolio = self.shown.portfolio
        if monthly is None:
            budget = None
        else:
            kept = portfolio.budget.model_dump() if portfolio.budget else {}
            budget = Budget.model_validate({**kept, "monthly": f"{monthly:.2f}"})
        self.change(portfolio.model_copy(update={"budget": budget}))

    def refill_grid(self, rows: list[Json]) -> None:
        """Start the grid afresh from these rows."""
        self.grid_rows = rows
        st.session_state.pop("grid_base", None)

    def forget_grid(self) -> None:
        """Start the grid afresh from the portfolio on screen."""
        self.grid_rows, self.grid_errors, self.issuer_filled = None, None, None
        self.grid_generation += 1


def session() -> Session:
    """This browser session's state."""
    if "session" not in st.session_state:
        st.session_state["session"] = Session(language=language_of(st.context.locale))
    return st.session_state["session"]


def words() -> Words:
    """The words of this session's language."""
    return Words(session().language)


def t(key: str, **values: object) -> str:
    """Our words for the key in this session's language, as plain text."""
    return words().t(key, **values)


def md(key: str, **values: object) -> str:
    """Our words for the key in this session's language, as Markdown."""
    return words().md(key, **values)


def namer(prefix: str) -> Callable[[object], str]:
    """Names a choice by our words for `prefix.choice`, in the language of now wherever it is called."""
    say = words()
    return lambda choice: say.t(f"{prefix}.{choice}")


def read_url() -> None:
    """Take from the URL what the reader has changed in it; what we wrote there ourselves is no news."""
    state, url = session(), st.query_params
    for name, attribute in (("lang", "language"), ("strategy", "strategy"), ("task", "task"), ("batch", "batch")):
        value = url.get(name)
        if value and value != state.written.get(name) and (name != "lang" or value in LANGUAGES):
            setattr(state, attribute, value)


def write_url() -> None:
    """Put into the URL what a reload must find again."""
    state = session()
    held = (state.language, state.portfolio_id, state.strategy, state.task, state.batch)
    state.written = {name: value for name, value in zip(URL_NAMES, held, strict=True) if value}
    for name in URL_NAMES:
        if name in state.written and st.query_params.get(name) != state.written[name]:
            st.query_params[name] = state.written[name]
        elif name not in state.written and name in st.query_params:
            del st.query_params[name]
