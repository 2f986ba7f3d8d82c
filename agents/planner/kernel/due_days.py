"""How many days lie between a debt's due day in one month and in the month before.

Months are whole numbers as `data.month.month_index` counts them.
"""

from calendar import monthrange

import numpy as np

from agents.planner.kernel.compiled import every_month
from data.month import month_index

FIRST_MONTH = month_index("1900-01")
# The latest month a plan may start in, and the horizon after it.
LAST_MONTH = month_index("2199-12") + 1200
# From the month before the first: the first month's days begin in it.
_LENGTHS = np.array([monthrange(m // 12, m % 12 + 1)[1] for m in range(FIRST_MONTH - 1, LAST_MONTH + 1)], np.int8)
DUE = np.minimum(_LENGTHS[:, None], np.arange(28, 32, dtype=np.int8))  # (month, day of the month from 28 to 31)
DAYS = (DUE[1:] + (_LENGTHS[:-1, None] - DUE[:-1])).astype(np.int8)  # (month, due day)
PACKED = ((DAYS.astype(np.int64) - 28) << np.array([0, 2, 4, 6])).sum(axis=1)  # (month,)


@every_month
def days_to(month: int, due_day: int) -> int:
    """Days from the due day of the month before to the due day of this month; 29 to 31 fall on a month's last day.

    >>> days_to(month_index("2027-03"), 1)
    28
    """
    return DAYS[month - FIRST_MONTH, max(due_day - 28, 0)]


@every_month
def lengths_in(month: int) -> int:
    """How long the month is, less 28 days, for debts due up to the 28th, on the 29th, 30th and 31st: two bits each."""
    return PACKED[month - FIRST_MONTH]


@every_month
def days_before_new_year(month: int, due_day: int) -> int:
    """How many of those days fall in the year before: all but January's own in January, else none."""
    # From December's due day to the end of that month.
    return 32 - min(due_day, 31) if month % 12 == 0 else 0


@every_month
def year_length(month: int) -> int:
    """Days of the month's year."""
    year = month // 12
    return 366 if year % 4 == 0 and (year % 100 != 0 or year % 400 == 0) else 365
