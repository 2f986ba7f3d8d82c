"""What-ifs and offers as tables for a terminal, 80 columns wide."""

from collections.abc import Iterable
from decimal import Decimal

from rich.console import RenderableType
from rich.table import Table
from rich.text import Text

from data.answers.offer_result import OfferAnswer, OfferVerdict, Taken
from data.answers.plan import Plan
from data.answers.what_if import WhatIf
from data.files.cells.text import visible_text
from data.wording.words import Language
from serve.commands.shared.tables import NONE, MoneyFormat, ignored_lines, money_in, new_table, offers_taken, shown_name
from serve.commands.shared.words import reason_of, strategy_name, word


def what_if_parts(found: WhatIf, language: Language) -> Iterable[RenderableType]:
    """The totals before and after the changes, the payoff of each debt, and from when on it is cheaper."""
    money = money_in(found.before.currency, language)
    yield Text(strategy_name(found.before.strategy, language), style="bold")
    yield _totals(found, money, language)
    yield _payoffs(found, language)
    cheaper = found.difference.cheaper_from
    key = "cheaper_from" if cheaper else "not_cheaper"
    yield Text(word(key, language).format(month=cheaper), style="green" if cheaper else "yellow")
    yield from ignored_lines(found.ignored, language)
    if found.after.offers_taken:
        yield Text(word("offers_taken", language), style="bold")
        yield offers_taken(found.after.offers_taken, money, language)
    if found.after.reason:
        yield Text(visible_text(reason_of(found.after, language)), style="red")


def _totals(found: WhatIf, money: MoneyFormat, language: Language) -> Table:
    before, after, difference = found.before, found.after, found.difference
    table = new_table(("",), ("before", "after", "difference"), language)
    never = word("never", language)
    table.add_row(
        word("months", language),
        *(NONE if plan.months is None else str(plan.months) for plan in (before, after)),
        NONE if difference.months is None else f"{difference.months:+d}",
    )
    table.add_row(word("debt_free_month", language), *(plan.debt_free or never for plan in (before, after)), "")
    rows = [
        ("interest", before.total_interest, after.total_interest, difference.interest),
        ("fees", before.total_fees, after.total_fees, difference.fees),
        ("total_paid", before.total_paid, after.total_paid, difference.total_paid),
    ]
    for key, *amounts, change in rows:
        table.add_row(word(key, language), *(money(amount) for amount in amounts), _signed(change, money))
    return table


def _signed(amount: Decimal | None, money: MoneyFormat) -> str:
    return ("+" if amount is not None and amount > 0 else "") + money(amount)


def _payoffs(found: WhatIf, language: Language) -> Table:
    table = new_table(("debt", "before", "after"), (), language)
    for debt in found.difference.debts:
        table.add_row(shown_name(debt.debt), debt.before or NONE, debt.after or NONE)
    return table


def offer_parts(found: OfferAnswer, language: Language) -> Iterable[RenderableType]:
    """Each offer by itself, what goes wrong where a promotion runs out, and the best together."""
    money = money_in(found.before.currency, language)
    yield Text(word("offers_apart", language), style="bold")
    yield _verdicts(found.offers, money, language)
    for verdict in found.offers:
        if verdict.promo_end is not None and verdict.promo_end.minimums_balance:
            yield Text(_promo_end(verdict, money, language), style="yellow")
    yield Text(word("offers_together", language), style="bold")
    if found.best.take:
        yield _moves(found.best, money, language)
        yield Text(_outcome(found.best.plan, found.best, money, language), style="green")
    else:
        yield Text(word("no_offer", language))


def _verdicts(verdicts: list[OfferVerdict], money: MoneyFormat, language: Language) -> Table:
    table = new_table(("offer", "take"), ("moved", "cost", "saved", "break_even"), language)
    for verdict in verdicts:
        moved = sum((move.amount for move in verdict.moves), Decimal(0))
        cost = sum((move.fee + move.charge for move in verdict.moves), Decimal(0))
        table.add_row(
            shown_name(verdict.name),
            word("yes" if verdict.take else "no", language),
            money(moved),
            money(cost),
            money(verdict.saved),
            verdict.break_even or NONE,
            style="bold green" if verdict.take else None,
        )
    return table


def _promo_end(verdict: OfferVerdict, money: MoneyFormat, language: Language) -> str:
    ends = verdict.promo_end
    if ends is None:
        return ""
    told = word("promo_runs_out", language).format(
        offer=visible_text(verdict.name),
        month=ends.month,
        planned=money(ends.planned_balance),
        left=money(ends.minimums_balance),
        interest=money(ends.monthly_interest),
    )
    key = "never_after" if ends.interest_after is None else "interest_after"
    return told + word(key, language).format(after=money(ends.interest_after)) + ("。" if language == "zh" else ".")


def _moves(best: Taken, money: MoneyFormat, language: Language) -> Table:
    table = new_table(("offer", "from"), ("moved", "cost"), language)
    for move in best.moves:
        table.add_row(shown_name(move.name), shown_name(move.debt), money(move.amount), money(move.fee + move.charge))
    return table


def _outcome(plan: Plan, best: Taken, money: MoneyFormat, language: Language) -> str:
    return f"{strategy_name(plan.strategy, language)}: " + word("with_offers", language).format(
        paid=money(plan.total_paid),
        month=plan.debt_free,
        saved=money(best.saved),
        break_even=best.break_even or NONE,
    )
