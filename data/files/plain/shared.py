"""What the rows of each portfolio say together, and whether any two of them disagree; for all portfolios at once.

A run is the rows of one portfolio, one after the other.
"""

import numpy as np

from data.arrays import Flags, Ints
from data.files.columns.column_names import SHARED
from data.files.plain.cells import AMOUNT_DIGITS
from data.files.plain.readings import PlainDebts, Readings, currency_code, currency_number
from data.files.rows.row_draft import AMOUNTS
from data.files.rows.rows_to_debts import DEFAULT_CURRENCY, MAX_DEBTS
from data.money import minor_digits

NOT_GIVEN = -1


class Shared:
    """What each run says as a whole: NOT_GIVEN where it says nothing.

    Attributes:
        sizes: how many rows. owner: the run of each row. disagrees: two of its rows do.
        currency: as `currency_number`s. digits: of its amounts. unit: how many 10^-4 a minor unit of it has.
        start: the month. budget, income: in 10^-4 of a unit.
    """

    def __init__(self, readings: Readings, starts: Ints, currency: str | None) -> None:
        """Look at the rows; run i begins at row `starts[i]`, `currency` is what the header tells."""
        self.sizes = np.diff(starts, append=readings.rows)
        self.owner = np.repeat(np.arange(len(starts)), self.sizes)
        self.disagrees = np.zeros(len(starts), bool)
        said = {name: self._said(readings, name, starts) for name in SHARED}
        default = currency_number(currency or DEFAULT_CURRENCY)
        self.currency = np.where(said["currency"] >= 0, said["currency"], default)
        self.start, self.budget, self.income = said["start"], said["monthly_budget"], said["income"]
        codes, places = np.unique(self.currency, return_inverse=True)
        self.digits = np.array([minor_digits(currency_code(code)) for code in codes], np.int64)[places]
        self.unit = 10 ** (AMOUNT_DIGITS - self.digits)

    def _said(self, readings: Readings, name: str, starts: Ints) -> Ints:
        values, is_given = readings[name].values, readings[name].is_given
        if not is_given.any():
            return np.full(len(starts), NOT_GIVEN)
        high = np.maximum.reduceat(np.where(is_given, values, NOT_GIVEN), starts)
        # The smallest is only looked for among given values: NOT_GIVEN would be smaller than all of them.
        low = np.minimum.reduceat(np.where(is_given, values, np.iinfo(np.int64).max), starts)
        self.disagrees |= (high >= 0) & (low != high)
        return high


def odd_runs(readings: Readings, debts: PlainDebts, shared: Shared, starts: Ints) -> Flags:
    """The runs that only the reader of files can judge."""
    is_odd = debts.is_odd.copy()
    unit, promo, start = shared.unit[shared.owner], readings["promo_until"], shared.start[shared.owner]
    for name in AMOUNTS & readings.columns:
        is_odd |= readings[name].values % unit != 0
    is_odd |= promo.is_given & (start >= 0) & (promo.values < start)
    return np.logical_or.reduceat(is_odd, starts) | shared.disagrees | (shared.sizes > MAX_DEBTS)
