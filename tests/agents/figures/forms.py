"""How a figure may be written, in both languages; each form with the sentence that a counsellor would put it in."""

from calendar import month_name
from collections.abc import Callable
from decimal import Decimal

ONES = [
    "zero", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine", "ten", "eleven", "twelve",
    "thirteen", "fourteen", "fifteen", "sixteen", "seventeen", "eighteen", "nineteen",
]  # fmt: skip
TENS = ["-", "-", "twenty", "thirty", "forty", "fifty", "sixty", "seventy", "eighty", "ninety"]
MONTHS = [month_name[number] for number in range(1, 13)]
SIGNS = "零一二三四五六七八九"
Write = Callable[[Decimal], str]


def english(number: int) -> str:
    """A whole number below a million in words."""
    if number < 20:
        return ONES[number]
    if number < 100:
        return TENS[number // 10] + (f"-{ONES[number % 10]}" if number % 10 else "")
    if number < 1000:
        rest = number % 100
        return f"{ONES[number // 100]} hundred" + (f" and {english(rest)}" if rest else "")
    rest = number % 1000
    joined = " and " if rest < 100 else " "
    return f"{english(number // 1000)} thousand" + (f"{joined}{english(rest)}" if rest else "")


def chinese(number: int) -> str:
    """A whole number below a hundred million in words."""
    if number >= 10000:
        rest = number % 10000
        gap = "零" if 0 < rest < 1000 else ""
        return f"{chinese(number // 10000)}万{gap}{chinese(rest) if rest else ''}"
    said, gap = "", ""
    for unit, sign in ((1000, "千"), (100, "百"), (10, "十"), (1, "")):
        digit = number // unit % 10
        if digit:
            said, gap = said + gap + ("" if number < 20 and unit == 10 else SIGNS[digit]) + sign, ""
        elif said:
            gap = "零"
    return said


def years(months: int) -> tuple[int, int]:
    return divmod(months, 12)


def full_width(text: str) -> str:
    return text.translate(str.maketrans("0123456789.", "０１２３４５６７８９．"))


def rounded(value: Decimal) -> int:
    """To two digits of a thousandth part: 11,860.40 is roughly 12,000."""
    step = 10 ** max(len(str(int(value))) - 2, 0)
    return int((value / step).to_integral_value()) * step


# Of an amount that is above 1,000.
MONEY: dict[str, list[Write]] = {
    "en": [
        lambda v: f"You pay ${v:,.2f} in interest.",
        lambda v: f"You pay $ {v:,.2f} in interest.",
        lambda v: f"Interest comes to **${v:,.2f}**.",
        lambda v: f"Interest comes to USD {v:,.2f} by the end.",
        lambda v: f"Interest comes to {v:,.2f} dollars.",
        lambda v: f"Interest comes to {v:.2f} US dollars.",
        lambda v: f"That is ${v:,.0f}, to the nearest dollar.",
        lambda v: f"You would hand over {english(int(v.to_integral_value()))} dollars.",
        lambda v: f"It costs roughly ${rounded(v):,} in interest.",
        lambda v: f"It costs about {rounded(v):,} dollars.",
        lambda v: f"It costs ~${rounded(v):,}.",
        lambda v: f"It costs around ${v / 1000:.1f}k.",
        lambda v: f"The bill: ${v / 1000:.2f}k of interest.",
        lambda v: f"- **Interest:** ${v:,.2f} (all of it)",
        lambda v: f"| interest | {v:,.2f} |",
        lambda v: f"In all you are charged {v:,.2f}; nothing else.",
    ],
    "zh": [
        lambda v: f"您一共要付利息{v:,.2f}元。",
        lambda v: f"利息合计 ¥{v:,.2f}。",
        lambda v: f"利息共 ￥{v:.2f}，就这些。",
        lambda v: f"利息为人民币 {v:,.2f} 元。",
        lambda v: f"利息为{full_width(f'{v:.2f}')}元。",
        lambda v: f"利息约{rounded(v):,}元。",
        lambda v: f"利息大约 {rounded(v)} 元左右。",
        lambda v: f"利息为{v / 10000:.4f}万元。",
        lambda v: f"利息是{chinese(int(v.to_integral_value()))}元。",
        lambda v: f"利息差不多{chinese(rounded(v))}块钱。",
        lambda v: f"利息约{v / 10000:.2f}万。",
        lambda v: f"利息有{v / 10000:.2f}w左右。",
        lambda v: f"**利息**：{v:,.2f} 元",
        lambda v: f"| 利息 | {v:,.2f} |",
        lambda v: f"您要付{int(v)}元{int(v * 10) % 10}角{int(v * 100) % 10}分利息。",
    ],
}
# Of a rate as a fraction with four digits.
RATE: dict[str, list[Write]] = {
    "en": [
        lambda v: f"The rate is {v * 100:.2f}%.",
        lambda v: f"The rate is {v * 100:.2f} % a year.",
        lambda v: f"It charges {v * 100:.2f} percent.",
        lambda v: f"It charges {v * 100:.2f} per cent.",
        lambda v: f"At {v * 100:.1f}% it is dear.",
        lambda v: f"APR: **{v * 100:.2f}%**",
        lambda v: f"It runs at {v * 10000:.0f} basis points.",
        lambda v: (
            f"It charges {english(int(v * 100))} point {english(int(v * 1000) % 10)} "
            f"{english(int(v * 10000) % 10)} percent."
        ),
        lambda v: f"({v * 100:.2f}pct a year)",
        lambda v: f"As a fraction that is {v:.4f}.",
    ],
    "zh": [
        lambda v: f"年利率{v * 100:.2f}%。",
        lambda v: f"年利率为 {v * 100:.2f} %。",
        lambda v: f"年化{full_width(f'{v * 100:.2f}')}％。",
        lambda v: f"年利率百分之{v * 100:.2f}。",
        lambda v: f"年利率百分之{chinese(int(v * 100))}点{SIGNS[int(v * 1000) % 10]}{SIGNS[int(v * 10000) % 10]}。",
        lambda v: f"利率（{v * 100:.2f}%）不低。",
        lambda v: f"年利率是{v * 100:.1f}%。",
        lambda v: f"年利率万分之{v * 10000:.0f}。",
    ],
}
# Of a number of months above 12.
DURATION: dict[str, list[Write]] = {
    "en": [
        lambda v: f"It takes {v} months.",
        lambda v: f"It is a {v}-month plan.",
        lambda v: f"It takes {english(int(v))} months.",
        lambda v: f"You are free in the {v}th month.",
        lambda v: f"Your last payment falls in month {v}.",
        lambda v: f"It takes {years(int(v))[0]} years and {years(int(v))[1]} months.",
        lambda v: f"It takes {english(years(int(v))[0])} years and {english(years(int(v))[1])} months.",
        lambda v: f"It takes about {v / 12:.1f} years.",
        lambda v: f"It takes {years(int(v))[0]} yrs {years(int(v))[1]} mos.",
    ],
    "zh": [
        lambda v: f"需要{v}个月。",
        lambda v: f"需要 {v} 个月还清。",
        lambda v: f"需要{chinese(int(v))}个月。",
        lambda v: f"第{v}个月还清。",
        lambda v: f"第{chinese(int(v))}个月还清。",
        lambda v: f"共{v}期。",
        lambda v: f"需要{years(int(v))[0]}年{years(int(v))[1]}个月。",
        lambda v: f"需要{chinese(years(int(v))[0])}年零{chinese(years(int(v))[1])}个月。",
        lambda v: f"大约{v / 12:.1f}年。",
        lambda v: f"需要{full_width(str(v))}个月。",
    ],
}
# Of a month, as its year and number.
MONTH: dict[str, list[Callable[[int, int], str]]] = {
    "en": [
        lambda y, m: f"You are debt-free in {MONTHS[m - 1]} {y}.",
        lambda y, m: f"You are debt-free in {MONTHS[m - 1][:3]} {y}.",
        lambda y, m: f"You are debt-free by {MONTHS[m - 1][:3]}. {y}.",
        lambda y, m: f"You are debt-free in {MONTHS[m - 1]} of {y}.",
        lambda y, m: f"Debt-free: {m:02}/{y}",
        lambda y, m: f"Debt-free: {y}-{m:02}",
        lambda y, m: f"Debt-free ({MONTHS[m - 1][:3]} ’{y % 100}).",
        lambda y, m: f"Debt-free ({MONTHS[m - 1][:3]} '{y % 100}).",
        lambda y, m: f"The last payment is on {MONTHS[m - 1]} 14, {y}.",
    ],
    "zh": [
        lambda y, m: f"{y}年{m}月还清。",
        lambda y, m: f"{y} 年 {m} 月还清。",
        lambda y, m: f"{y}年{m:02}月还清。",
        lambda y, m: f"还清：{y}-{m:02}",
        lambda y, m: f"还清：{y}/{m:02}",
        lambda y, m: f"{''.join('〇一二三四五六七八九'[int(d)] for d in str(y))}年{chinese(m)}月还清。",
        lambda y, m: f"{y % 100}年{m}月还清。",
        lambda y, m: f"{full_width(str(y))}年{full_width(str(m))}月还清。",
    ],
}
# Beside a debt's name: a figure of the debt, and what it is.
BESIDE: dict[str, dict[str, list[Callable[[str, str], str]]]] = {
    "en": {
        "balance": [
            lambda n, v: f"{n} stands at {v}.",
            lambda n, v: f"You owe {v} on {n}, and that comes first.",
            lambda n, v: f"- **{n}**: {v} owed",
            lambda n, v: f"| {n} | {v} |",
            lambda n, v: f"Your {n} balance of {v} is where to start; the rest can wait.",
        ],
        "apr": [
            lambda n, v: f"{n} charges {v}.",
            lambda n, v: f"At {v}, {n} is what costs most.",
            lambda n, v: f"- {n} ({v})",
            lambda n, v: f"Start with {n}. It charges {v}.",
        ],
    },
    "zh": {
        "balance": [
            lambda n, v: f"{n}欠{v}。",
            lambda n, v: f"您在{n}上还欠{v}，先还它。",
            lambda n, v: f"- **{n}**：{v}",
            lambda n, v: f"| {n} | {v} |",
        ],
        "apr": [
            lambda n, v: f"{n}的年利率是{v}。",
            lambda n, v: f"年利率{v}的{n}最贵。",
            lambda n, v: f"- {n}（{v}）",
            lambda n, v: f"先还{n}。它的年利率为{v}。",
        ],
    },
}
# What follows from two figures or more; what stands in a text without being the client's.
FREE: dict[str, list[str]] = {
    "en": [
        "Call or text 988 at any hour.",
        "It is open 24/7.",
        "A 401(k) is for later; do not touch it.",
        "Chapter 13 lasts years; ask a lawyer.",
        "Ask within 30 days of the letter.",
        "Reports stay for 7 days, then go.",
        "1. Pay the first one.\n2. Then the next.",
        "Step 3: call your lender.",
        "There are two ways, and one is better.",
        "Call 911 if you are in danger.",
        "Form 1099-C may come.",
        "On the 14th of each month you pay.",
    ],
    "zh": [
        "请拨打12356，随时有人接听。",
        "热线每天24/7开放。",
        "第一步：先联系银行。",
        "1. 先还第一笔。\n2. 再还第二笔。",
        "这十分重要，千万不要再借新的。",
        "万一付不出，请先告诉银行。",
        "请在30天内提出。",
        "有两种办法，其中一种更好。",
        "每月14日还款。",
        "遇到危险请拨打110。",
    ],
}
