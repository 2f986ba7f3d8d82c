"""Type debts into a grid. The API checks them; what it refuses is shown by row and column. Then use or save them."""

from __future__ import annotations

from typing import cast

import streamlit as st

from dashboard.asking.client import ApiError, key
from dashboard.holding.answers import client, forget
from dashboard.holding.session import Session, Shown, session, t, words
from dashboard.panels import grid, issuer_panel
from dashboard.panels.grid_columns import columns_for
from dashboard.showing.show import card, error_box, note, title
from dashboard.text import escaped
from data.portfolio.portfolio import Portfolio
from data.wire.task_result import Json


def draw() -> None:
    """Draw the panel."""
    state = session()
    with card("typing"):
        title(t("typing.title"))
        note(escaped(t("typing.how")))
        head = _head(state)
        rows = _grid(state)
        issuer_panel.draw(state, head["currency"], rows)
        _buttons(state, head, rows)
    if state.grid_errors is not None:
        _errors(state.grid_errors)


def _head(state: Session) -> Json:
    """The fields of the whole portfolio, above its debts."""
    shown = None if state.once.get("blank") else state.shown
    held = shown.portfolio if shown else None
    stamp = f"{state.grid_generation}_{state.chosen}"
    budget = held.budget.monthly if held and held.budget else None
    with st.container(horizontal=True, vertical_alignment="bottom"):
        label = st.text_input(
            t("typing.name"), shown.title if shown else "", key=f"head_title_{stamp}", max_chars=120, width=240
        )
        currency = st.text_input(
            t("strip.currency"),
            held.currency if held else t("typing.currency"),
            key=f"head_currency_{stamp}",
            max_chars=3,
            width=100,
        )
        monthly = st.number_input(
            t("strip.budget"),
            min_value=0.0,
            value=float(budget) if budget is not None else None,
            key=f"head_budget_{stamp}_{budget}",
            placeholder=t("strip.no_budget"),
            width=170,
            format="%.2f",
        )
        income = st.number_input(
            t("typing.income"),
            min_value=0.0,
            value=float(held.income) if held and held.income is not None else None,
            key=f"head_income_{stamp}",
            placeholder=t("typing.optional"),
            width=170,
            format="%.2f",
        )
        start = st.text_input(
            t("typing.start"),
            (held.start if held else None) or "",
            key=f"head_start_{stamp}",
            placeholder=t("typing.this_month"),
            max_chars=7,
            width=150,
        )
    return {
        "title": label or "",
        "currency": (currency or "").strip().upper(),
        "monthly": monthly,
        "income": income,
        "start": start or None,
    }


def _grid(state: Session) -> list[Json]:
    """The grid, fed with the same frame until somebody starts it afresh; what was typed survives a change of page."""
    if state.grid_rows is None:
        held = [] if state.once.get("blank") or state.shown is None else state.shown.portfolio.debts
        state.grid_rows = [grid.row_of(debt.model_dump(mode="json")) for debt in held]
        st.session_state.pop("grid_base", None)
    name = f"grid_{state.grid_generation}"
    if name not in st.session_state or "grid_base" not in st.session_state:
        # A grid with another key: Streamlit forgets an editor's edits when its page is left.
        state.grid_generation += 1
        name = f"grid_{state.grid_generation}"
        st.session_state["grid_base"] = list(state.grid_rows)
    base = cast("list[Json]", st.session_state["grid_base"])
    st.data_editor(
        grid.frame_of(base),
        key=name,
        num_rows="dynamic",
        hide_index=False,
        column_config=columns_for(base),
        placeholder="",
        alt=t("typing.title"),
        height="auto" if len(base) <= 12 else 480,
    )
    state.grid_rows = grid.edited(base, cast("Json", st.session_state[name]))
    return state.grid_rows


def _buttons(state: Session, head: Json, rows: list[Json]) -> None:
    with st.container(horizontal=True):
        if st.button(t("typing.use"), type="primary", key="use_grid") and _use(state, head, rows):
            st.rerun()
        if st.button(t("typing.save"), key="save_grid") and _use(state, head, rows) and _save(state, as_new=False):
            st.rerun()
        is_saved = state.shown is not None and state.shown.saved_id is not None
        if (
            is_saved
            and st.button(t("typing.save_copy"), key="save_copy")
            and _use(state, head, rows)
            and _save(state, as_new=True)
        ):
            st.rerun()
        st.button(t("typing.blank"), key="blank_grid", on_click=_begin_blank)


def _begin_blank() -> None:
    state = session()
    state.forget_grid()
    state.once["blank"] = "yes"


def _use(state: Session, head: Json, rows: list[Json]) -> bool:
    """Have the API check what was typed; if it is good, it becomes the portfolio on screen."""
    body = _portfolio(state, head, rows)
    try:
        client().health(body)
    except ApiError as error:
        state.grid_errors = error
        return False
    portfolio = Portfolio.model_validate(body)
    is_blank = state.once.pop("blank", None) is not None
    before = None if is_blank else state.shown
    label = head["title"] or t("typing.untitled")
    shown = Shown(portfolio, "typed", label, before.saved_id if before else None, before.version if before else None)
    if before is None:
        state.put_on_shelf([*state.shelf, shown], len(state.shelf))
    else:
        state.shelf[state.chosen] = shown
        state.forget_grid()
    state.notice = t("typing.used")
    return True


def _portfolio(state: Session, head: Json, rows: list[Json]) -> Json:
    """What was typed, over what the portfolio on screen has beside it (lump sums, offers, an order of its own)."""
    is_fresh = state.once.get("blank") or state.shown is None
    kept: Json = {} if is_fresh else cast("Shown", state.shown).portfolio.model_dump(mode="json")
    budget = None if head["monthly"] is None else {**(kept.get("budget") or {}), "monthly": f"{head['monthly']:.2f}"}
    income = None if head["income"] is None else f"{head['income']:.2f}"
    typed: Json = {"currency": head["currency"], "budget": budget, "income": income, "start": head["start"]}
    return {**kept, **typed, "debts": [grid.debt_of(row) for row in rows]}


def _save(state: Session, *, as_new: bool) -> bool:
    """Keep the portfolio on screen: a new one, or the next version of the one it came from."""
    shown = cast("Shown", state.shown)
    try:
        if shown.saved_id is None or shown.version is None or as_new:
            saved = client().save(shown.title, shown.portfolio, idempotency_key=key())
        else:
            saved = client().replace(shown.saved_id, shown.version, shown.title, shown.portfolio)
    except ApiError as error:
        state.grid_errors = error
        return False
    state.shelf[state.chosen] = Shown(shown.portfolio, "saved", saved.title, saved.id, saved.version)
    state.portfolio_id = saved.id
    state.notice = t("typing.saved", version=saved.version)
    forget("saved")
    return True


def _errors(error: ApiError) -> None:
    """What the API refuses: of debts by row and column, anything else in a box."""
    cells, rest = grid.cell_errors(error.fields)
    language = words().language
    if not cells:
        error_box(error, name="grid", retry=False)
        if error.kind == "conflict":
            note(escaped(t("typing.conflict")))
        return
    lines = [
        "- "
        + escaped(
            t("typing.wrong_cell", row=cell.row, column=_label(cell.column), reason=cell.said.in_language(language))
        )
        for cell in cells
    ]
    lines += [f"- `{wrong.path}`: {escaped(wrong.said.in_language(language))}" for wrong in rest]
    st.error("\n".join(lines), title=t("typing.wrong", count=len(lines)))


def _label(column: str | None) -> str:
    names = {"months": "months_left"}
    return t(f"column.{names.get(column, column)}") if column else t("typing.whole_row")
