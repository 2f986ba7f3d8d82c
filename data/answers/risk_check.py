"""What is wrong with a question about risk beyond its single fields: every contradiction at once, with its path."""

from collections.abc import Iterator
from decimal import Decimal

from data.answers.plan import Strategy
from data.answers.risk import RiskQuestion
from data.errors import FieldError, InvalidPortfolio
from data.money import minor_digits, to_minor
from data.portfolio.portfolio import Portfolio
from data.wording.sentence import say

MOST_CELLS = 24_000_000  # scenarios x months x strategies: what is owed in each is kept, in 8 bytes
MOST_WORK = 500_000_000  # the same, with the plan's own months where it lasts longer, x debts: some seconds


def check(question: RiskQuestion, months: int, planned: int) -> None:
    """Refuse a question whose fields contradict each other, or that would take too long.

    `months` are those in which things may go wrong, `planned` those of the plan without risk.

    Raises:
        InvalidPortfolio: naming every field that is wrong.
    """
    found = [*_of_portfolio(question), *_of_assumptions(question), *_of_size(question, months, planned)]
    if found:
        raise InvalidPortfolio(say("at_field", path=found[0].path, said=found[0].said), found)


def _of_portfolio(question: RiskQuestion) -> Iterator[FieldError]:
    portfolio = question.portfolio
    if Strategy.CUSTOM in question.strategies and not portfolio.custom_order:
        yield FieldError("portfolio.custom_order", say("order_missing"))
    for place, strategy in enumerate(question.strategies):
        if strategy in question.strategies[:place]:
            yield FieldError(f"strategies.{place}", say("already_asked"), strategy.value)
    if question.by is not None and portfolio.start is not None and question.by < portfolio.start:
        yield FieldError("by", say("before_start", start=portfolio.start), question.by)


def _of_assumptions(question: RiskQuestion) -> Iterator[FieldError]:
    assumptions = question.assumptions
    names = {debt.name for debt in question.portfolio.debts}
    for place, name in enumerate(assumptions.rates.debts or []):
        if name not in names:
            yield FieldError(f"assumptions.rates.debts.{place}", say("no_such_debt", name=name), name)
    yield from _of_amount("assumptions.expenses.median", assumptions.expenses.median, question.portfolio)
    yield from _of_amount("assumptions.savings", assumptions.savings, question.portfolio)


def _of_amount(path: str, amount: Decimal | None, portfolio: Portfolio) -> Iterator[FieldError]:
    currency = portfolio.currency
    # Called only for its refusal of amounts that are finer than the currency's smallest unit.
    try:
        to_minor(amount or Decimal(0), currency)
    except ValueError:
        said = say("amount_too_precise_for", amount=str(amount), currency=currency, digits=minor_digits(currency))
        yield FieldError(path, said, str(amount))


def _of_size(question: RiskQuestion, months: int, planned: int) -> Iterator[FieldError]:
    strategies = len(question.strategies)
    work = max(months, planned) * len(question.portfolio.debts) * strategies
    # Both limits as a number of scenarios, so that the message can say how many are possible.
    most = min(MOST_CELLS // (months * strategies), MOST_WORK // work)
    if question.scenarios > most:
        yield FieldError("scenarios", say("too_many_scenarios", most=most, months=months), question.scenarios)
