"""The names of a table's columns, in English and Chinese, and the column that a header cell names.

A process that only looks for a table loads no more than this.
"""

import re
from difflib import get_close_matches

from data.files.cells.text import plain_value, shortened
from data.wording.sentence import Sentence, say

HEADER_ROWS = 10  # the header stands in one of the first ten rows
# In the contract's order; of two cells with one meaning, the one earlier in its line wins.
COLUMNS: dict[str, tuple[str, ...]] = {
    "portfolio_id": ("client", "client_id", "客户", "客户编号"),
    "name": ("debt", "creditor", "lender", "名称", "债务名称", "bank", "银行", "platform", "平台", "贷款机构"),
    "kind": ("type", "类型"),
    "balance": ("amount", "principal", "余额", "欠款", "剩余本金", "未还本金", "待还金额"),
    "apr": ("rate", "interest_rate", "年利率", "年化", "年化利率"),
    "daily_rate": ("日利率",),
    "monthly_rate": ("月利率",),
    "fee_rate": ("月费率",),
    "minimum": ("min_payment", "最低还款", "最低还款额", "月供", "月还款"),
    "minimum_rate": (),
    "minimum_floor": (),
    "minimum_type": (),
    "months_left": ("term", "期数", "剩余期数"),
    "promo_apr": ("优惠利率",),
    "promo_until": ("优惠截止",),
    "credit_limit": ("limit", "额度", "授信额度"),
    "due_day": ("还款日",),
    "annual_fee": ("年费",),
    "late_fee": ("滞纳金", "违约金"),
    "monthly_budget": ("每月预算",),
    "currency": ("币种",),
    "start": ("开始月份",),
    "income": ("月收入",),
    # Beyond the contract's table, so that more of a portfolio survives being written and read again.
    "accrual": (),
    "promo_deferred": (),
    "monthly_fee": (),
}
LENDERS = frozenset({"creditor", "lender", "bank", "银行", "platform", "平台", "贷款机构"})
NEEDED = ("name", "balance")  # what makes a row a header
SHARED = ("monthly_budget", "currency", "start", "income")  # one value a portfolio, in any of its rows
BRACKETS = re.compile(r"[(\[{【<]([^)\]}】>]*)[)\]}】>]")


def column_named(cell: str) -> str | None:
    """The contract's column that a header cell names, or none.

    >>> column_named("APR (%)"), column_named("余额（元）"), column_named("shoe size")
    ('apr', 'balance', None)
    """
    found = _NAMES.get(header_key(cell))
    return found[0] if found else None


def name_rank(cell: str) -> int:
    """Of two cells with one meaning the one of lower rank wins; unknown ones come last."""
    found = _NAMES.get(header_key(cell))
    return found[1] if found else len(_NAMES)


def header_key(cell: str) -> str:
    """A header cell without case, spaces, underscores, width and a unit in brackets."""
    return BRACKETS.sub("", plain_value(cell)).replace("_", "").casefold()


def unknown_column(cell: str) -> Sentence:
    """What to say of a column that was not read; the nearest known name may be what was meant."""
    # No cutoff: even a poor guess shows what the names look like.
    nearest = get_close_matches(header_key(cell), list(_NAMES), n=1, cutoff=0)
    return say("unknown_column", value=shortened(cell), nearest=known_name(nearest[0]))


def names_of(column: str) -> list[str]:
    """The keys of a column's names."""
    return [header_key(name) for name in (column, *COLUMNS[column])]


def known_name(key: str) -> str:
    """A known name as the contract writes it, with its column where that is another: 余额 (balance)."""
    column, _, written = _NAMES[key]
    return column if column == written else f"{written} ({column})"


_NAMES = {
    header_key(name): (column, rank, name)
    for column, aliases in COLUMNS.items()
    for rank, name in enumerate((column, *aliases))
}
