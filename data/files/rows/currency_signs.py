"""Currency signs in amounts that belong to another currency than the portfolio's. Converts nothing."""

from collections.abc import Sequence

from data.files.cells.text import plain_value, shortened
from data.files.rows.row_draft import AMOUNTS, Draft
from data.wording.sentence import say

SIGNED: dict[str, frozenset[str]] = {
    "€": frozenset({"EUR"}),
    "£": frozenset({"GBP", "EGP", "FKP", "GIP", "LBP", "SHP", "SSP", "SYP"}),
    "¥": frozenset({"CNY", "JPY"}),
    "元": frozenset({"CNY", "HKD", "TWD", "SGD", "MOP", "JPY", "USD"}),  # also 港元, 美元
}
# Currencies whose amounts nobody writes with a dollar sign.
NO_DOLLAR = frozenset({"CNY", "EUR", "GBP", "JPY", "CHF"})


def warn_of_other_currency(drafts: Sequence[Draft], currency: str) -> None:
    """One warning, on the first row of a portfolio with an amount whose sign is not its currency's."""
    for draft in drafts:
        for column in sorted(AMOUNTS & draft.values.keys()):
            cell = draft.cells[column]
            # Signs stand in few cells; digits alone need no look.
            if not cell.isalnum() and _is_foreign(cell, currency):
                draft.warn(column, say("other_currency_sign", value=shortened(cell), currency=currency))
                return


def _is_foreign(cell: str, currency: str) -> bool:
    return bool(signs_of(cell) & foreign_signs(currency))


def signs_of(cell: str) -> frozenset[str]:
    """The currency signs that an amount is written with."""
    return frozenset(plain_value(cell)) & (SIGNED.keys() | {"$"})


def foreign_signs(currency: str) -> frozenset[str]:
    """The signs that another currency's amounts are written with.

    >>> sorted(foreign_signs("JPY"))
    ['$', '£', '€']
    """
    foreign = frozenset(sign for sign, currencies in SIGNED.items() if currency not in currencies)
    return foreign | {"$"} if currency in NO_DOLLAR else foreign
