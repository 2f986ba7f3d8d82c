"""Plans, comparisons and health as tables for a terminal, 80 columns wide."""

import sys
from collections.abc import Callable, Iterable
from decimal import Decimal

from pydantic import BaseModel
from rich.box import SIMPLE_HEAD
from rich.console import Console, Group, RenderableType
from rich.table import Table
from rich.text import Text

from data.answers.health import Health, HealthWarning
from data.answers.plan import Comparison, IgnoredField, OfferTaken, Plan, PlanStatus
from data.files.cells.text import visible_text
from data.money import display_money
from data.wording.words import Language, warning_words
from serve.commands.shared.words import ignored_in, reason_of, strategy_name, word

SHOWN_MISSED = 6
NONE = "–"

MoneyFormat = Callable[[Decimal | None], str]


def show(*parts: RenderableType) -> None:
    """Print the parts, one below the other."""
    Console(highlight=False).print(Group(*parts))


def answer(value: BaseModel) -> None:
    """The JSON of an answer, on standard output."""
    sys.stdout.write(value.model_dump_json(by_alias=True) + "\n")


def money_in(currency: str, language: Language) -> MoneyFormat:
    """How amounts of this currency are written in this language."""
    locale = "zh_CN" if language == "zh" else "en"
    return lambda amount: NONE if amount is None else display_money(amount, currency, locale)


def plan_parts(plan: Plan, language: Language, *, with_schedule: bool) -> Iterable[RenderableType]:
    """A plan: its totals, its debts, and where asked each month."""
    money = money_in(plan.currency, language)
    yield _headline(plan, language)
    yield _totals(plan, money, language)
    if plan.bound is not None and plan.months is not None:
        yield _proof(plan, money, language)
    yield _debts(plan, money, language)
    if plan.offers_taken:
        yield Text(word("offers_taken", language), style="bold")
        yield offers_taken(plan.offers_taken, money, language)
    yield from ignored_lines(plan.ignored, language)
    if plan.missed:
        yield _missed(plan, money, language)
    if with_schedule:
        yield _schedule(plan, money, language)


def _headline(plan: Plan, language: Language) -> Text:
    name = strategy_name(plan.strategy, language)
    if plan.months is None:
        end = word("never", language)
    else:
        ends = {0: "owes_nothing", 1: "ends_at_once"}.get(plan.months, "ends")
        end = word(ends, language).format(month=plan.debt_free, months=plan.months)
    style = "bold" if plan.status is PlanStatus.PAID_OFF else "bold red"
    headline = Text(f"{name} · {end}", style=style)
    return headline.append(f"\n{reason_of(plan, language)}", style="red not bold") if plan.reason else headline


def _totals(plan: Plan, money: MoneyFormat, language: Language) -> Table:
    rows = [("total_paid", plan.total_paid), ("interest", plan.total_interest), ("fees", plan.total_fees)]
    if plan.saved_vs_minimum is not None:
        rows.append(("saved_vs_minimum", plan.saved_vs_minimum))
    if plan.missed_cost is not None:
        rows.append(("missed_cost", plan.missed_cost))
    if plan.required_budget is not None:
        rows.append(("required_budget", plan.required_budget))
    table = Table.grid(padding=(0, 2))
    table.add_column()
    table.add_column(justify="right")
    for key, amount in rows:
        table.add_row(word(key, language), money(amount))
    return table


def _proof(plan: Plan, money: MoneyFormat, language: Language, prefix: str = "") -> Text:
    """How near the plan is to the least that any plan pays."""
    proved = "is_near_least" if plan.gap else "is_least"
    said = word(prefix + (proved if plan.proved else "is_unproved"), language).format(
        bound=money(plan.bound), gap=small_percent(plan.gap or 0.0)
    )
    return Text(said, style="green" if plan.proved else "yellow")


def small_percent(rate: float) -> str:
    """A small rate, told apart from nothing.

    >>> small_percent(0.0000198), small_percent(0.000001)
    ('0.002%', '<0.001%')
    """
    return "<0.001%" if 0 < rate < 0.000005 else f"{rate:.3%}"


def offers_taken(taken: Iterable[OfferTaken], money: MoneyFormat, language: Language) -> Table:
    """Which offers a plan takes up, how much from which debt, when, and at what cost."""
    table = new_table(("offer", "from", "month"), ("moved", "cost"), language)
    for one in taken:
        cost = money(one.fee + one.charge)
        table.add_row(shown_name(one.name), shown_name(one.debt), one.month, money(one.amount), cost)
    return table


def ignored_lines(ignored: Iterable[IgnoredField], language: Language) -> Iterable[Text]:
    """What makes no difference, one line each."""
    return (Text(ignored_in(one, language), style="yellow") for one in ignored)


def _debts(plan: Plan, money: MoneyFormat, language: Language) -> Table:
    table = new_table(("debt", "paid_off"), ("interest", "fees", "paid"), language)
    owed = {row.debt for row in plan.schedule}  # a debt of nothing has no rows
    for debt in plan.debts:
        end = debt.paid_off or (word("never", language) if debt.name in owed else NONE)
        table.add_row(shown_name(debt.name), end, money(debt.interest), money(debt.fees), money(debt.paid))
    return table


def _missed(plan: Plan, money: MoneyFormat, language: Language) -> Text:
    short_of = word("of_which", language)
    lines = [
        f"{each.month} {visible_text(each.debt)}: {money(each.paid)}, {short_of} {money(each.minimum)}"
        for each in plan.missed[:SHOWN_MISSED]
    ]
    rest = ["…"] if len(plan.missed) > SHOWN_MISSED else []
    return Text("\n  ".join([f"{word('missed', language)} ({len(plan.missed)}):", *lines, *rest]), style="red")


def _schedule(plan: Plan, money: MoneyFormat, language: Language) -> Table:
    table = new_table(("month", "debt"), ("opening", "interest", "fees", "payment", "closing"), language)
    # Names are folded, so that 80 columns are enough.
    table.columns[1].max_width = 16
    previous = None
    for row in plan.schedule:
        month = row.month if row.month != previous else ""
        amounts = (row.opening, row.interest, row.fees, row.payment, row.closing)
        table.add_row(month, shown_name(row.debt), *(f"{amount:,f}" for amount in amounts))
        previous = row.month
    return table


def comparison_parts(comparison: Comparison, language: Language) -> Iterable[RenderableType]:
    """Every strategy in a row, the one with the least total paid marked.

    The last column is what each pays above the optimal plan; without that plan, what it saves against the minimums.
    """
    plans = comparison.plans
    money = money_in(plans[0].currency, language)
    has_optimum = any(plan.above_optimum is not None for plan in plans)
    last = "above_optimum" if has_optimum else "saved"
    table = new_table(("strategy", "debt_free_month"), ("months", "interest", "total_paid", last), language)
    for plan in plans:
        is_best = plan.strategy == comparison.best and plan.months is not None
        table.add_row(
            strategy_name(plan.strategy, language) + (" *" if is_best else ""),
            plan.debt_free or word("never", language),
            NONE if plan.months is None else str(plan.months),
            money(plan.total_interest),
            money(plan.total_paid),
            money(plan.above_optimum if has_optimum else plan.saved_vs_minimum),
            style="bold green" if is_best else None,
        )
    yield table
    if any(plan.months is not None for plan in plans):
        yield Text(word("best_of_optimal" if has_optimum else "best", language), style="dim")
    if has_optimum:
        best = next(plan for plan in plans if plan.strategy == comparison.best)
        yield _proof(best, money, language, prefix="best_")
        simple = next((plan for plan in plans if plan.strategy == comparison.recommended), best)
        if simple is not best and simple.above_optimum:
            name, more = strategy_name(simple.strategy, language), money(simple.above_optimum)
            yield Text(word("simple_order", language).format(strategy=name, more=more))
    yield _beside_totals(plans, money, language)
    for reason in dict.fromkeys(reason_of(plan, language) for plan in plans if plan.reason):
        named = [strategy_name(plan.strategy, language) for plan in plans if reason_of(plan, language) == reason]
        whose = word("all", language) if len(named) == len(plans) else ", ".join(named)
        yield Text(f"{whose}: {reason}", style="red")


def _beside_totals(plans: Iterable[Plan], money: MoneyFormat, language: Language) -> Table:
    """What else tells the plans apart: which debt goes first, fees, the dearest month, missed minimums, and the gap."""
    table = new_table(("strategy", "first_cleared"), ("fees", "worst_month", "missed_count", "gap"), language)
    for plan in plans:
        table.add_row(
            strategy_name(plan.strategy, language),
            shown_name(plan.first_cleared or NONE),
            money(plan.total_fees),
            money(plan.worst_month_payment),
            str(len(plan.missed)),
            NONE if plan.gap is None else f"{plan.gap:.2%}",
        )
    return table


def health_parts(health: Health, language: Language) -> Iterable[RenderableType]:
    """The measures of a portfolio, then what to act on."""
    money = money_in(health.currency, language)
    rows = [
        ("total", money(health.total)),
        ("weighted_apr", percent(health.weighted_apr)),
        ("monthly_minimums", money(health.monthly_minimums)),
        ("interest_this_month", money(health.monthly_interest)),
        ("interest_share", percent(health.interest_share)),
        ("debt_to_income", percent(health.debt_to_income)),
        ("utilisation", percent(health.utilisation)),
        ("minimum_months", word("never", language) if health.minimum_months is None else str(health.minimum_months)),
        ("minimum_total", money(health.minimum_total)),
        ("payment_36", money(health.payment_36)),
        ("savings_36", money(health.savings_36)),
    ]
    table = Table.grid(padding=(0, 2))
    table.add_column()
    table.add_column(justify="right")
    for key, value in rows:
        table.add_row(word(key, language), value)
    yield table
    if len(health.repayments) > 1:
        yield _repayments(health, money, language)
    for warning in health.warnings:
        yield Text(visible_text(f"! {_warning(warning, money, language)}"), style="yellow")


def _repayments(health: Health, money: MoneyFormat, language: Language) -> Table:
    """What each debt comes to by its minimums, what clears it in 36 months, and what a flat fee truly costs."""
    has_fees = any(each.true_apr is not None for each in health.repayments)
    numbers = ("months", "by_minimums", "each_36", *(("true_apr",) if has_fees else ()))
    table = new_table(("debt",), numbers, language)
    for each in health.repayments:
        months = word("never", language) if each.minimum_months is None else str(each.minimum_months)
        cells = [months, money(each.minimum_total), money(each.payment_36), percent(each.true_apr)]
        table.add_row(shown_name(each.debt), *cells[: len(numbers)])
    return table


def _warning(warning: HealthWarning, money: MoneyFormat, language: Language) -> str:
    values = {name: money(amount) for name, amount in warning.amounts.items()}
    values |= {name: percent(rate) for name, rate in warning.rates.items()}
    if warning.cap is not None:
        values |= {"rule": getattr(warning.cap.name, language), "source": warning.cap.source.title}
    sentence = warning_words(warning.code, warning.amounts, language)
    return sentence.format(debt=warning.debt, month=warning.month, months=warning.months, **values)


def shown_name(name: str) -> Text:
    """A debt's name without what a terminal would obey: JSON can spell any control character."""
    return Text(visible_text(name))


def percent(rate: float | None) -> str:
    """A rate as a percentage; a dash where there is none."""
    return NONE if rate is None else f"{rate:.1%}"


def new_table(texts: Iterable[str], numbers: Iterable[str], language: Language) -> Table:
    """A table with columns of text, then columns of numbers, headed by their words."""
    table = Table(box=SIMPLE_HEAD, padding=(0, 1), collapse_padding=True, pad_edge=False)
    for key in texts:
        table.add_column(word(key, language) if key else "", overflow="fold")
    for key in numbers:
        table.add_column(word(key, language), justify="right", no_wrap=True)
    return table
