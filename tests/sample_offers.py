"""A balance transfer as tests offer it: with and without a promotion."""

from typing import Any

TRANSFER: dict[str, Any] = {
    "type": "balance_transfer",
    "name": "0% card",
    "limit": "3000",
    "fee_rate": "0.03",
    "apr": "0.2299",
}
YEAR_AT_NOTHING: dict[str, Any] = {**TRANSFER, "limit": "6000", "promo": {"apr": 0, "months": 12}}
