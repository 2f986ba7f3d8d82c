"""Files of debts as people make them, for the laws of batches."""

import csv
import io
import random

from serve.batches.run import BatchOptions, run_batch

START = "2026-12"
RANGE_BYTES = 400  # so that small files are cut often

HEADERS = {
    "en": ["portfolio_id", "name", "kind", "balance", "apr", "minimum", "monthly_budget", "currency"],
    "zh": ["客户编号", "债务名称", "类型", "余额", "年利率", "最低还款额", "每月预算", "币种"],
    "wide": [
        *("client", "name", "lender", "type", "note", "balance", "rate", "daily_rate", "monthly_rate", "fee_rate"),
        *("min_payment", "minimum_rate", "minimum_floor", "minimum_type", "term", "promo_apr", "promo_until"),
        *("limit", "due_day", "annual_fee", "late_fee", "monthly_budget", "currency", "start", "income", "accrual"),
    ],
}
CELLS = {
    "balance": ["5200", "1234.56", "0", "1,234.56", "¥12,000", "10万", "12万5千", "$ 99.90", "８８０"],
    "apr": ["24.99", "24.99%", "0", "18", "7.5 %", "12.345678", "0.5"],
    "daily_rate": ["0.05", "万五", "0.03%"],
    "monthly_rate": ["1.5", "1分5厘", "0.6%"],
    "fee_rate": ["0.6", "0.5%"],
    "minimum": ["35", "150.00", "1,000", "0"],
    "minimum_rate": ["2", "3%", "2.5"],
    "minimum_floor": ["25", "35.00"],
    "minimum_type": ["fixed", "percent", "level", "等额本金", "none", "interest_plus"],
    "months_left": ["48", "36期", "12", "1", "1200"],
    "promo_apr": ["0", "3.9%"],
    "promo_until": ["2027-05", "2027年5月", "May 2028", "2026-01"],
    "credit_limit": ["8000", "1万"],
    "due_day": ["14", "31", "28日"],
    "annual_fee": ["95", "0"],
    "late_fee": ["40", "0.00"],
    "monthly_budget": ["1500", "900.50", "2,000", "1万"],
    "currency": ["USD", "cny", "JPY", "KWD", "人民币"],
    "start": ["2026-12", "2027/1"],
    "income": ["4800", "1万"],
    "kind": ["credit_card", "房贷", "car loan", "student", "personal loan", "mystery"],
    "accrual": ["daily", "monthly"],
    "name": ["Visa", "招商银行信用卡", "Store card", 'A "quoted" name', "=1+1", "Car, red", "Line\nbreak"],
    "lender": ["Bank", ""],
}
BAD = {
    "balance": ["abc", "-5", "1.234567", "10000000000000", "1e5", "=2+2"],
    "apr": ["2499", "high", "-1", "万五"],
    "minimum": ["some", "0.001"],
    "months_left": ["0", "1201", "many"],
    "due_day": ["0", "32"],
    "credit_limit": ["0"],
    "currency": ["XYZ", "dollars"],
    "promo_until": ["05/06/2027", "soon"],
    "start": ["13/2027"],
    "name": ["", "x" * 90, "\u200b"],
    "minimum_type": ["whatever"],
    "monthly_budget": ["lots"],
}
COLUMN_OF = {
    "portfolio_id": ("client", "客户编号"),
    "name": ("债务名称",),
    "kind": ("type", "类型"),
    "balance": ("余额",),
    "apr": ("rate", "年利率"),
    "minimum": ("min_payment", "最低还款额"),
    "months_left": ("term",),
    "credit_limit": ("limit",),
    "monthly_budget": ("每月预算",),
    "currency": ("币种",),
}
NAMES = {alias: column for column, aliases in COLUMN_OF.items() for alias in aliases}
PER_PORTFOLIO = {"monthly_budget", "currency", "start", "income"}


def make_rows(
    seed: int, portfolios: int, *, header: str = "en", odd: float = 0.2, bad: float = 0.05
) -> list[list[str]]:
    """A header and the rows of some portfolios: `odd` of the cells are unusual, `bad` of them wrong."""
    chance = random.Random(seed)
    names = HEADERS[header]
    columns = [NAMES.get(name, name) for name in names]
    rows = [list(names)]
    for number in range(portfolios):
        shared = {column: _cell(chance, column, odd, bad) for column in PER_PORTFOLIO}
        for _ in range(chance.choice([1, 2, 3, 5])):
            said = _said(chance, columns, odd)
            row = [_filled(chance, column, shared, number, said, odd, bad) for column in columns]
            rows.append(row)
        _add_oddity(chance, rows, columns, number, odd)
    return rows


def _said(chance, columns, odd):
    """The columns in which a row says something; now and then too many or too few."""
    rates = [column for column in ("daily_rate", "monthly_rate", "fee_rate") if column in columns]
    rate = chance.choice(["apr", "apr", "apr", "apr", *rates])
    rule = chance.choice([["minimum"], ["minimum_rate"], ["minimum_rate", "minimum_floor"], ["months_left"], []])
    said = {"name", "balance", rate, *rule, *chance.choice([[], [], ["promo_apr", "promo_until"]])}
    said |= {"months_left"} if rate == "fee_rate" else set()
    said |= {
        column for column in ("kind", "credit_limit", "due_day", "annual_fee", "late_fee") if chance.random() < 0.6
    }
    if chance.random() < odd / 3:
        said ^= {chance.choice(["apr", "daily_rate", "minimum", "minimum_type", "promo_until", "accrual", "balance"])}
    return said


def _filled(chance, column, shared, number, said, odd, bad):
    if column == "portfolio_id":
        return f"C{number}" if chance.random() > odd / 20 else ""
    if column in PER_PORTFOLIO:
        if chance.random() < bad / 5:
            return _cell(chance, column, odd, bad)
        return shared[column] if chance.random() < 0.7 else ""
    if column == "note":
        return chance.choice(["", "", "remember", "Total"])
    return _cell(chance, column, odd, bad) if column in said or column == "lender" else ""


def _cell(chance, column, odd, bad):
    if chance.random() < bad and column in BAD:
        return chance.choice(BAD[column])
    usual = CELLS[column]
    return chance.choice(usual if chance.random() < odd else usual[:2])


def _add_oddity(chance, rows, columns, number, odd):
    """What stands between debts in real files."""
    if chance.random() > odd / 2:
        return
    kind = chance.choice(["blank", "commas", "total", "past", "short", "spaces"])
    if kind == "past":
        rows[-1] = [*rows[-1], chance.choice(["", "56"])]
    elif kind == "short":
        rows[-1] = rows[-1][: columns.index("balance") + chance.choice([0, 1, 3])]
    else:
        total = ["合计" if number % 2 else "Total", *[""] * (len(columns) - 2), "123"]
        rows.append({"blank": [], "commas": [""] * len(columns), "total": total, "spaces": ["  "]}[kind])


def csv_bytes(rows, *, encoding="utf-8", newline="\n", delimiter=",", quoting=csv.QUOTE_MINIMAL) -> bytes:
    """The rows as a file."""
    out = io.StringIO()
    csv.writer(out, lineterminator=newline, delimiter=delimiter, quoting=quoting).writerows(rows)
    return out.getvalue().encode(encoding)


def batch_of(tmp_path, content, *, range_bytes=RANGE_BYTES, **options):
    """A batch of these bytes: its summary, and the rows of its results and of its rejects."""
    source, out = tmp_path / "in.csv", tmp_path / "out"
    source.write_bytes(content)
    chosen = BatchOptions(start=START, name="clients.csv", range_bytes=range_bytes, **options)
    summary = run_batch(source, out, chosen)
    return summary, read_csv(out / "results.csv"), read_csv(out / "rejects.csv")


def read_csv(path):
    """The rows of a file that a batch wrote."""
    return list(csv.reader(io.StringIO(path.read_text(encoding="utf-8-sig"), newline="")))
