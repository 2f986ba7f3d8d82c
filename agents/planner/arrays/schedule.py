"""What the kernel found, as a plan: totals, rows, the first debt cleared, the worst month, and why one never ends."""

from decimal import Decimal
from functools import cache
from importlib.metadata import version
from itertools import chain
from typing import Any

import numpy as np

from agents.planner.kernel.layout import CLOSING, FEES, INTEREST, MINIMUM, OPENING, PAID_OFF, PAYMENT
from data.answers.plan import MissedMinimum, Plan, PlanDebt, PlanMonth, PlanReason, PlanStatus, Strategy
from data.arrays import Ints
from data.money import minor_digits
from data.month import month_at, month_index
from data.portfolio.portfolio import Portfolio

PlanFields = dict[str, Any]
ROW_FIELDS = set(PlanMonth.model_fields)


class FromMinor:
    """Whole minor units as decimals of one currency, each amount made once."""

    def __init__(self, currency: str) -> None:
        self.currency = currency
        self._shift = -minor_digits(currency)
        self._made: dict[int, Decimal] = {}

    def __call__(self, minor: int) -> Decimal:
        """The amount with all its decimals."""
        made = self._made.get(minor)
        if made is None:
            made = self._made[minor] = Decimal(minor).scaleb(self._shift)
        return made


@cache
def planner_version() -> str:
    """The version of the package that a plan was made with."""
    return version("debt-optimizer")


def to_plan(portfolio: Portfolio, strategy: Strategy, result: Any, rows: Ints, *, schedule: bool) -> Plan:
    """The plan of one portfolio under one strategy, from the kernel's result and rows.

    Shapes: rows (month, debt, 6).
    """
    cash = FromMinor(portfolio.currency)
    start = month_index(portfolio.start or "")
    ended = int(result["status"]) == PAID_OFF
    months = int(result["months"])
    missed = _missed(portfolio, rows, cash, start) if result["missed"] else []
    reasons = _reasons(result, cash, start)
    fields: PlanFields = {
        "status": _status(ended=ended, missed=bool(missed)),
        "months": months if ended else None,
        # A plan of no months is debt-free from its start.
        "debt_free": month_at(start + max(months - 1, 0)) if ended else None,
        "total_paid": cash(int(result["paid"])),
        "total_interest": cash(int(result["interest"])),
        "total_fees": cash(int(result["fees"])),
        "missed": missed,
        "reason": " ".join(_sentence(reason, portfolio.currency) for reason in reasons) or None,
        "reasons": reasons,
        "debts": _debts(portfolio, rows, cash, start),
        "schedule": _schedule(portfolio, rows, cash, start) if schedule else [],
    }
    return Plan(
        strategy=strategy.value,
        currency=portfolio.currency,
        start=month_at(start),
        version=planner_version(),
        **fields,
        **_first_cleared(portfolio, rows, start),
        **_worst_month(rows, cash, start),
    )


def _status(*, ended: bool, missed: bool) -> PlanStatus:
    if missed:
        return PlanStatus.SHORTFALL
    return PlanStatus.PAID_OFF if ended else PlanStatus.NEVER_PAID_OFF


def _reasons(result: Any, cash: FromMinor, start: int) -> list[PlanReason]:
    reasons: list[PlanReason] = []
    if result["missed"]:
        due, money = int(result["short_minimums"]), int(result["short_money"])
        amounts = {"due": cash(due), "money": cash(money), "missing": cash(due - money)}
        month = month_at(int(result["short_month"]))
        reasons.append(PlanReason(code="minimums_not_covered", month=month, amounts=amounts))
    if int(result["status"]) != PAID_OFF:
        months = int(result["months"])
        parts = {"owed": "owed", "cost": "last_cost", "paid": "last_paid"}
        amounts = {name: cash(int(result[field])) for name, field in parts.items()}
        month = month_at(start + months - 1)
        reasons.append(PlanReason(code="never_paid_off", month=month, months=months, amounts=amounts))
    return reasons


SENTENCES = {
    "minimums_not_covered": (
        "In {month} the minimums come to {due} {currency} and the money to {money}: {missing} is missing."
    ),
    "never_paid_off": (
        "After {months} months {owed} {currency} is still owed: "
        "in {month} interest and fees come to {cost} and payments to {paid}."
    ),
}


def _sentence(reason: PlanReason, currency: str) -> str:
    return SENTENCES[reason.code].format(month=reason.month, months=reason.months, currency=currency, **reason.amounts)


def _missed(portfolio: Portfolio, rows: Ints, cash: FromMinor, start: int) -> list[MissedMinimum]:
    short = np.argwhere(rows[:, :, PAYMENT] < rows[:, :, MINIMUM])  # (missed, 2)
    return [
        MissedMinimum(
            month=month_at(start + t),
            debt=portfolio.debts[i].name,
            minimum=cash(int(rows[t, i, MINIMUM])),
            paid=cash(int(rows[t, i, PAYMENT])),
        )
        for t, i in short.tolist()
    ]


def _cleared_months(rows: Ints) -> list[int | None]:
    """For each debt, the month of its last payment, if that closed it."""
    closes = (rows[:, :, OPENING] > 0) & (rows[:, :, CLOSING] == 0)  # (month, debt)
    return [int(np.argmax(column)) if column.any() else None for column in closes.T]


def _debts(portfolio: Portfolio, rows: Ints, cash: FromMinor, start: int) -> list[PlanDebt]:
    totals = rows.sum(axis=0).tolist()  # (debt, 6)
    return [
        PlanDebt(
            name=debt.name,
            paid_off=None if cleared is None else month_at(start + cleared),
            interest=cash(total[INTEREST]),
            fees=cash(total[FEES]),
            paid=cash(total[PAYMENT]),
        )
        for debt, total, cleared in zip(portfolio.debts, totals, _cleared_months(rows), strict=True)
    ]


def _first_cleared(portfolio: Portfolio, rows: Ints, start: int) -> PlanFields:
    cleared = [(month, place) for place, month in enumerate(_cleared_months(rows)) if month is not None]
    if not cleared:
        return {}
    month, place = min(cleared)
    return {"first_cleared": portfolio.debts[place].name, "first_cleared_month": month_at(start + month)}


def _worst_month(rows: Ints, cash: FromMinor, start: int) -> PlanFields:
    if len(rows) == 0:
        return {}
    payments = rows[:, :, PAYMENT].sum(axis=1)  # (month,)
    worst = int(np.argmax(payments))
    return {"worst_month": month_at(start + worst), "worst_month_payment": cash(int(payments[worst]))}


def _schedule(portfolio: Portfolio, rows: Ints, cash: FromMinor, start: int) -> list[PlanMonth]:
    names = [debt.name for debt in portfolio.debts]
    months = [month_at(start + t) for t in range(len(rows))]
    open_ = rows[:, :, OPENING] > 0  # (month, debt)
    columns = rows[open_].T.tolist()  # (6, row)
    # Many rows hold the same amounts: each becomes a decimal once.
    amounts = {minor: cash(minor) for minor in set(chain.from_iterable(columns))}
    held = zip(*(map(amounts.__getitem__, column) for column in columns), strict=True)
    places = zip(*(axis.tolist() for axis in np.nonzero(open_)), strict=True)
    return [
        _row(
            {
                "month": months[t],
                "debt": names[i],
                "opening": row[OPENING],
                "interest": row[INTEREST],
                "fees": row[FEES],
                "minimum": row[MINIMUM],
                "payment": row[PAYMENT],
                "closing": row[CLOSING],
            }
        )
        for (t, i), row in zip(places, held, strict=True)
    ]


def _row(fields: PlanFields) -> PlanMonth:
    """The row without validation, as it is taken out of a pickle; `model_construct` takes three times as long."""
    row = PlanMonth.__new__(PlanMonth)
    row.__setstate__(
        {
            "__dict__": fields,
            "__pydantic_fields_set__": ROW_FIELDS,
            "__pydantic_extra__": None,
            "__pydantic_private__": None,
        }
    )
    return row
