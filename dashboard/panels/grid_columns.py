"""The grid's columns: their words, their widths, and the little the browser itself can check."""

from __future__ import annotations

from typing import Any

import streamlit as st

from dashboard.holding.session import namer, t
from dashboard.panels import grid
from data.portfolio.debt import DebtKind
from data.wire.task_result import Json

MOST_MONEY, MOST_PERCENT = 1e12, 1000.0


def columns_for(rows: list[Json]) -> dict[str, Any]:
    """The columns, with the minimum rules that these rows use among the choices."""
    used = [row["minimum_type"] for row in rows if row.get("minimum_type")]
    minimum_types = list(dict.fromkeys([*grid.MINIMUM_TYPES, *used]))
    column = st.column_config
    return {
        "name": column.TextColumn(t("column.name"), required=True, max_chars=80, width=170),
        "kind": column.SelectboxColumn(
            t("column.kind"), options=list(DebtKind), format_func=namer("kind"), default="credit_card", width=130
        ),
        "balance": _money("balance", 120, required=True),
        "apr": _percent("apr", 115, required=True),
        "minimum_type": column.SelectboxColumn(
            t("column.minimum_type"), options=minimum_types, format_func=namer("minimum"), width=160
        ),
        "minimum_amount": _money("minimum_amount", 165, explanation=t("column.minimum_amount_help")),
        "minimum_rate": _percent("minimum_rate", 125),
        "months": _whole("months_left", 125, most=1200),
        "promo_apr": _percent("promo_apr", 130),
        "promo_until": column.TextColumn(t("column.promo_until"), max_chars=7, width=130, help=t("column.month_help")),
        "credit_limit": _money("credit_limit", 125),
        "due_day": _whole("due_day", 105, most=31),
    }


# no lower bound: the grid would drop the minus of "-5" and go on with 5; the API refuses it in words
def _money(name: str, width: int, *, required: bool = False, explanation: str | None = None) -> Any:
    return st.column_config.NumberColumn(
        t(f"column.{name}"),
        max_value=MOST_MONEY,
        format="%.2f",
        width=width,
        required=required,
        help=explanation,
    )


def _percent(name: str, width: int, *, required: bool = False) -> Any:
    return st.column_config.NumberColumn(
        t(f"column.{name}"), max_value=MOST_PERCENT, format="%.2f", width=width, required=required
    )


def _whole(name: str, width: int, *, most: int) -> Any:
    return st.column_config.NumberColumn(
        t(f"column.{name}"), min_value=1, max_value=most, step=1, format="%d", width=width
    )
