"""Who is paid how much in the first months of a plan; knows nothing of how the plan was made."""

from collections.abc import Iterable, Sequence
from decimal import Decimal

from data.answers.plan import Plan, PlanMonth
from data.wire.case_facts import DebtPaid, FirstPayments, MonthPaid

MAX_ROWS = 120  # payments shown at once: a model reads them all


def payments(plan: Plan, months: int) -> FirstPayments:
    """Who is paid how much in the first months, with each month's total."""
    rows = first_months(plan.schedule, months)
    shown = sorted({row.month for row in rows})
    # Whole months only: part of a month would not add up to its total.
    while len(shown) > 1 and sum(row.month in shown for row in rows) > MAX_ROWS:
        shown.pop()
    return FirstPayments(
        currency=plan.currency,
        strategy=plan.strategy,
        shown_months=len(shown),
        months=[_month(month, [row for row in rows if row.month == month]) for month in shown],
    )


def first_months(schedule: Sequence[PlanMonth], months: int) -> list[PlanMonth]:
    """The rows of a schedule's first months."""
    wanted: list[str] = []
    rows: list[PlanMonth] = []
    for row in schedule:
        if row.month not in wanted:
            if len(wanted) == months:
                break
            wanted.append(row.month)
        rows.append(row)
    return rows


def _month(month: str, rows: Iterable[PlanMonth]) -> MonthPaid:
    paid = [row for row in rows if row.payment > 0]
    return MonthPaid(
        month=month,
        total=sum((row.payment for row in paid), Decimal(0)),
        payments=[
            DebtPaid(
                debt=row.debt,
                payment=row.payment,
                minimum=row.minimum,
                interest=row.interest,
                balance_after=row.closing,
            )
            for row in paid
        ],
    )
