"""What may come of a plan as tables for a terminal, 80 columns wide."""

from collections.abc import Iterable

from rich.box import SIMPLE_HEAD
from rich.console import RenderableType
from rich.table import Table
from rich.text import Text

from data.answers.risk import Assumptions
from data.answers.risk_report import FanMonth, RiskReport, StrategyRisk, Tornado, TornadoEnd
from data.files.cells.text import visible_text
from data.wording import words
from data.wording.words import Language
from serve.commands.shared import risk_words
from serve.commands.shared.tables import NONE, MoneyFormat, money_in
from serve.commands.shared.words import strategy_name

SHOWN_MONTHS = 12
QUANTILES = ("p5", "p25", "p50", "p75", "p95")
PERCENTS = [f"{name[1:]}%" for name in QUANTILES]
AS_PERCENT = ("income_loss.probability", "income_loss.share", "rates.volatility", "rates.most", "apr")


def risk_parts(report: RiskReport, language: Language) -> Iterable[RenderableType]:
    """What each strategy may come to, what may be owed month by month, what matters most, and what is assumed."""
    money = money_in(report.currency, language)
    for each in report.strategies:
        yield Text(strategy_name(each.strategy, language), style="bold")
        yield _ends(each, language)
        yield _chances(each, report, language)
        yield _fan(each.fan, language)
    line = _word("scenarios", language)
    yield Text(line.format(scenarios=f"{report.scenarios:,}", seed=report.seed, p50="50%", p95="95%"), style="dim")
    if report.tornado is not None and report.tornado.bars:
        yield _tornado(report.tornado, money, language)
    yield Text(_assumed(report.assumptions, money, language), style="dim")


def _word(key: str, language: Language) -> str:
    own = risk_words.CHINESE if language == "zh" else risk_words.ENGLISH
    return own[key] if key in own else words.word(f"column.{key}", language)


def _ends(each: StrategyRisk, language: Language) -> RenderableType:
    table = _table("", [_word("without_risk", language), *PERCENTS])
    without = each.without_risk
    months = [getattr(each.months, name) for name in QUANTILES]
    table.add_row(_word("months", language), *(NONE if one is None else str(one) for one in [without.months, *months]))
    for key, planned, quantiles in (
        ("interest", without.total_interest, each.interest),
        ("total_paid", without.total_paid, each.total_paid),
    ):
        amounts = [None if without.months is None else planned, *(getattr(quantiles, name) for name in QUANTILES)]
        table.add_row(_word(key, language), *(NONE if one is None else f"{one:,.0f}" for one in amounts))
    return table


def _chances(each: StrategyRisk, report: RiskReport, language: Language) -> Text:
    lines = [
        (_word("never_paid_off", language), f"{each.never_paid_off:.1%}"),
        (_word("missed_minimum", language), f"{each.missed_minimum:.1%}"),
        (_word("minimums_missed", language), f"{each.minimums_missed:.1f}"),
    ]
    if each.debt_free_by is not None:
        lines.insert(0, (_word("debt_free_by", language).format(month=report.by), f"{each.debt_free_by:.1%}"))
    return Text("\n".join(f"{name}: {value}" for name, value in lines))


def _fan(fan: list[FanMonth], language: Language) -> RenderableType:
    """At most a dozen months, evenly, the last among them."""
    table = _table(_word("owed", language), [*PERCENTS, _word("share_debt_free", language)])
    step = -(-len(fan) // SHOWN_MONTHS)
    # Counted from the end, so that the last month is always among them.
    for row in fan[(len(fan) - 1) % step :: step]:
        amounts = (getattr(row.owed, name) for name in QUANTILES)
        table.add_row(row.month, *(f"{amount:,.0f}" for amount in amounts), f"{row.debt_free:.1%}")
    return table


def _tornado(tornado: Tornado, money: MoneyFormat, language: Language) -> RenderableType:
    heads = ("low", "interest_and_months", "high", "interest_and_months")
    table = _table(_word("input", language), [_word(head, language) for head in heads])
    for bar in tornado.bars:
        ends = [cell for end in (bar.low, bar.high) for cell in (_number(bar.input, end.value), _interest(end, money))]
        table.add_row(_word(bar.input, language), *ends)
    return table


def _interest(end: TornadoEnd, money: MoneyFormat) -> str:
    return NONE if end.interest is None else f"{money(end.interest)} ({end.months})"


def _number(path: str, value: float) -> str:
    return f"{value:.2%}" if path in AS_PERCENT else f"{value:,.10g}"


def _assumed(assumptions: Assumptions, money: MoneyFormat, language: Language) -> str:
    parts = [
        f"{_word(f'{part}.{field}', language)} {_number(f'{part}.{field}', float(value))}"
        for part in ("income_loss", "expenses", "rates")
        for field, value in getattr(assumptions, part)
        if field != "debts" and value is not None
    ]
    text = ("；" if language == "zh" else "; ").join(
        [*parts, f"{_word('savings', language)} {money(assumptions.savings)}"]
    )
    debts = ("、" if language == "zh" else ", ").join(assumptions.rates.debts or []) or NONE
    return visible_text(_word("assumed", language).format(text=text, debts=debts))


def _table(name: str, numbers: Iterable[str]) -> Table:
    table = Table(box=SIMPLE_HEAD, padding=(0, 1), collapse_padding=True, pad_edge=False)
    table.add_column(name, overflow="fold")
    for number in numbers:
        table.add_column(number, justify="right", no_wrap=True)
    return table
