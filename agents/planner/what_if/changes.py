"""Each change that a client may ask about, as a function from one case to the next.

A change that cannot be made says which of its fields is wrong.
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from decimal import Decimal
from typing import Any, Literal

from agents.planner.arrays.budgets import budget_of_path, budget_path
from agents.planner.arrays.rates import apr_in
from agents.planner.offers.taking import Move, is_whole, limit_of, offers_taken, sources_of, take
from data.answers.plan import OfferTaken
from data.answers.what_if import (
    BudgetChanged,
    Change,
    DebtAdded,
    DebtDropped,
    LumpSumAdded,
    MinimumChanged,
    OfferTakenUp,
    Prepaid,
    RateChanged,
)
from data.errors import FieldError, InvalidPortfolio
from data.money import from_minor, to_minor
from data.month import month_index
from data.portfolio.budget import Budget, LumpSum
from data.portfolio.contradictions import debt_contradictions
from data.portfolio.debt import Debt, Prepayment, RateStep
from data.portfolio.minimum_rule import EqualPrincipal, FlatFee, InterestOnly, Level, MinimumRule
from data.portfolio.offer import BalanceTransfer, Consolidation, Offer
from data.portfolio.portfolio import Portfolio
from data.portfolio.value import in_minor_units
from data.wording.sentence import Sentence, say

MOST_DEBTS = 100


@dataclass(frozen=True)
class ChangedPortfolio:
    """A portfolio on its way through the changes.

    Attributes:
        lumps: money beside the minimums, of a portfolio without a budget.
        taken: the offers taken up. forgiven: what settlements among them took off the debts.
    """

    portfolio: Portfolio
    lumps: tuple[LumpSum, ...] = ()
    taken: tuple[OfferTaken, ...] = ()
    forgiven: Decimal = Decimal(0)

    @property
    def start(self) -> str:
        """The first planned month."""
        return self.portfolio.start or ""

    def debt(self, name: str) -> Debt:
        """The debt of a name.

        Raises:
            InvalidPortfolio: there is none.
        """
        for debt in self.portfolio.debts:
            if debt.name == name:
                return debt
        raise wrong("debt", say("no_such_debt", name=name), name)

    def having(self, **update: Any) -> "ChangedPortfolio":
        """The case with other fields of its portfolio."""
        return replace(self, portfolio=self.portfolio.model_copy(update=update))

    def with_debt(self, changed: Debt) -> "ChangedPortfolio":
        """The case with another debt in the place of the one of its name."""
        return self.having(debts=[changed if debt.name == changed.name else debt for debt in self.portfolio.debts])

    def with_lump(self, lump: LumpSum) -> "ChangedPortfolio":
        """The case with more money in one month."""
        budget = self.portfolio.budget
        if budget is None:
            return replace(self, lumps=(*self.lumps, lump))
        return self.having(budget=budget.model_copy(update={"lump_sums": [*budget.lump_sums, lump]}))


def wrong(field: str, said: Sentence, value: Any = None) -> InvalidPortfolio:
    """The refusal of a change for one of its fields."""
    return InvalidPortfolio(said, [FieldError(field, said, value if value is None else str(value))])


def make(case: ChangedPortfolio, change: Change) -> ChangedPortfolio:
    """The case after the change.

    Raises:
        InvalidPortfolio: naming the change's field that is wrong.
    """
    return CHANGES[type(change)](case, change)


def _budget(case: ChangedPortfolio, change: BudgetChanged) -> ChangedPortfolio:
    if (change.monthly is None) == (change.by is None):
        raise wrong("monthly", say("monthly_or_by"))
    _not_past("from", change.from_, case.start)
    budget = case.portfolio.budget
    if budget is not None:
        return case.having(budget=_moved(budget, change, case))
    if change.from_ is not None:
        raise wrong("from", say("no_budget_before"), change.from_)
    if change.by is not None and change.by < 0:
        raise wrong("by", say("no_budget_to_cut"), change.by)
    new = Budget(
        monthly=change.by if change.monthly is None else change.monthly,
        mode="total" if change.by is None else "extra",
        lump_sums=list(case.lumps),
    )
    return replace(case.having(budget=new), lumps=())


def _moved(budget: Budget, change: BudgetChanged, case: ChangedPortfolio) -> Budget:
    """The budget as a path of amounts, raises and paydays worked out, with another end."""
    start = month_index(case.start)
    first = month_index(change.from_ or case.start)
    path = budget_path(budget, start, case.portfolio.currency)
    at_first = [amount for month, amount in path if month <= first][-1]
    kept = [entry for entry in path if entry[0] < first]
    if change.by is None:
        path = [*kept, (first, change.monthly or Decimal(0))]
    else:
        # The amount in force when the change begins is moved as well.
        later = [(first, at_first), *(entry for entry in path if entry[0] > first)]
        path = [*kept, *((month, max(amount + change.by, Decimal(0))) for month, amount in later)]
    return budget_of_path(path, budget.lump_sums, mode=budget.mode)


def _lump_sum(case: ChangedPortfolio, change: LumpSumAdded) -> ChangedPortfolio:
    _not_past("month", change.month, case.start)
    if change.debt is not None:
        case.debt(change.debt)
    return case.with_lump(LumpSum(month=change.month, amount=change.amount, debt=change.debt))


def _rate(case: ChangedPortfolio, change: RateChanged) -> ChangedPortfolio:
    debt = case.debt(change.debt)
    _not_past("from", change.from_, case.start)
    if change.from_ is None:
        # From the start on: the steps would bring the old rates back.
        return case.with_debt(debt.model_copy(update={"apr": change.apr, "rate_steps": []}))
    # Later steps go too: the new rate holds from then on.
    steps = [step for step in debt.rate_steps if step.from_ < change.from_]
    steps.append(RateStep(from_=change.from_, apr=change.apr))
    return case.with_debt(debt.model_copy(update={"rate_steps": steps}))


def _minimum(case: ChangedPortfolio, change: MinimumChanged) -> ChangedPortfolio:
    changed = case.debt(change.debt).model_copy(update={"minimum": change.minimum})
    for path, said, value in debt_contradictions((), changed, case.start):
        raise wrong(".".join(map(str, path)), said, value)
    return case.with_debt(changed)


def _drop_debt(case: ChangedPortfolio, change: DebtDropped) -> ChangedPortfolio:
    dropped = case.debt(change.debt).name
    rest = [debt for debt in case.portfolio.debts if debt.name != dropped]
    if not rest:
        raise wrong("debt", say("only_debt", name=dropped), dropped)
    order = case.portfolio.custom_order
    budget = case.portfolio.budget
    update: dict[str, Any] = {
        "debts": rest,
        "offers": list(_still_possible(case.portfolio.offers, rest)),
        "custom_order": None if order is None else [name for name in order if name != dropped],
    }
    if budget is not None:
        update["budget"] = budget.model_copy(update={"lump_sums": _general(budget.lump_sums, dropped)})
    return replace(case.having(**update), lumps=tuple(_general(case.lumps, dropped)))


def _general(lumps: Any, dropped: str) -> list[LumpSum]:
    return [lump.model_copy(update={"debt": None}) if lump.debt == dropped else lump for lump in lumps]


def _still_possible(offers: list[Offer], debts: list[Debt]) -> Iterator[Offer]:
    """The offers that still have something to move."""
    owing = {debt.name for debt in debts if debt.balance}
    for offer in offers:
        if isinstance(offer, BalanceTransfer | Consolidation) or offer.debt in owing:
            yield offer


def _add_debt(case: ChangedPortfolio, change: DebtAdded) -> ChangedPortfolio:
    names = {debt.name for debt in case.portfolio.debts} | {offer.name for offer in case.portfolio.offers}
    if change.debt.name in names:
        raise wrong("debt.name", say("name_in_use", name=change.debt.name), change.debt.name)
    if len(case.portfolio.debts) >= MOST_DEBTS:
        raise wrong("debt", say("portfolio_full", most=MOST_DEBTS))
    for path, said, value in debt_contradictions(("debt",), change.debt, case.start):
        raise wrong(".".join(map(str, path)), said, value)
    added: Debt = in_minor_units(change.debt, case.portfolio.currency)
    return case.having(debts=[*case.portfolio.debts, added])


def _take_offer(case: ChangedPortfolio, change: OfferTakenUp) -> ChangedPortfolio:
    portfolio = case.portfolio
    moves = list(_moves(case, change))
    told = offers_taken(portfolio, moves)
    after = take(portfolio, moves)
    rest = [offer for offer in portfolio.offers if offer.name != change.offer]
    # Fees are charged in the first month and not owed yet, so what is missing here was forgiven.
    lost = _owed(portfolio) - _owed(after)
    case = replace(case, portfolio=after, taken=(*case.taken, *told), forgiven=case.forgiven + lost)
    return case.having(offers=list(_still_possible(rest, after.debts)))


def _owed(portfolio: Portfolio) -> Decimal:
    return sum((debt.balance for debt in portfolio.debts), Decimal(0))


def _moves(case: ChangedPortfolio, change: OfferTakenUp) -> Iterator[Move]:
    """The offer filled up to the amount, from the debts in their order."""
    portfolio, currency = case.portfolio, case.portfolio.currency
    offer = next((one for one in portfolio.offers if one.name == change.offer), None)
    if offer is None:
        known = [one.name for one in portfolio.offers]
        said = (
            say("no_such_offer_of", name=change.offer, names=known)
            if known
            else say("no_offer_at_all", name=change.offer)
        )
        raise wrong("offer", said, change.offer)
    sources = {debt.name: debt for debt in sources_of(offer, portfolio)}
    for place, name in enumerate(change.from_ or []):
        if name not in sources:
            raise wrong(f"from.{place}", say("offer_moves_nothing_of", offer=offer.name, debt=name), name)
    dearest = sorted(sources, key=lambda name: -apr_in(sources[name], case.start))
    names = list(dict.fromkeys(change.from_ or dearest))
    owed = sum(to_minor(sources[name].balance, currency) for name in names)
    room = _room(case, change, offer, min(limit_of(offer, portfolio), owed))
    for name in names:
        amount = min(room, to_minor(sources[name].balance, currency))
        room -= amount
        yield Move(offer.name, name, amount)


def _room(case: ChangedPortfolio, change: OfferTakenUp, offer: Offer, most: int) -> int:
    currency = case.portfolio.currency
    if most == 0:
        raise wrong("offer", say("offer_finds_nothing", offer=offer.name), offer.name)
    wanted = most if change.amount is None else to_minor(change.amount, currency)
    if wanted > most:
        raise wrong(
            "amount", say("offer_moves_at_most", offer=offer.name, most=from_minor(most, currency)), change.amount
        )
    if is_whole(offer) and wanted < most:
        raise wrong("amount", say("offer_moves_all", offer=offer.name), change.amount)
    return wanted


def _prepay(case: ChangedPortfolio, change: Prepaid) -> ChangedPortfolio:
    debt = case.debt(change.debt)
    _not_past("month", change.month, case.start)
    rule = debt.minimum
    if change.mode is not None:
        found = _prepaid_rule(rule, change.mode)
        if isinstance(found, Sentence):
            raise wrong("mode", say("mode_not_possible", debt=debt.name, why=found), change.mode)
        rule = found
    changed = debt.model_copy(update={"minimum": rule, "prepayment": _charge(debt, change)})
    lump = LumpSum(month=change.month, amount=change.amount, debt=debt.name)
    return case.with_debt(changed).with_lump(lump)


def _prepaid_rule(rule: MinimumRule, mode: Literal["shorten_term", "lower_payment"]) -> MinimumRule | Sentence:
    """The rule with 缩短年限 or 减少月供, or why the rule has no such choice."""
    if isinstance(rule, Level):
        return rule.model_copy(update={"recast": mode == "lower_payment"})
    if isinstance(rule, InterestOnly) and rule.then is not None:
        after = _prepaid_rule(rule.then, mode)
        return after if isinstance(after, Sentence) else rule.model_copy(update={"then": after})
    if isinstance(rule, EqualPrincipal | FlatFee):
        return rule if mode == "shorten_term" else say("only_shorter_term")
    return say("no_instalment")


def _charge(debt: Debt, change: Prepaid) -> Prepayment | None:
    if change.charge is not None and change.charge_rate is not None:
        raise wrong("charge", say("charge_or_rate"), change.charge)
    if change.charge is not None and change.charge >= change.amount:
        raise wrong("charge", say("charge_takes_all", amount=str(change.amount)), change.charge)
    if change.charge is None and change.charge_rate is None:
        return debt.prepayment
    # The kernel knows rates only: a charge in money is a rate of the amount.
    rate = change.charge_rate if change.charge is None else change.charge / change.amount
    own = debt.prepayment
    until = change.month if own is None else None if own.until is None else max(own.until, change.month)
    return Prepayment(rate=rate or Decimal(0), until=until)


def _not_past(field: str, month: str | None, start: str) -> None:
    if month is not None and month < start:
        raise wrong(field, say("before_start", start=start), month)


CHANGES: dict[type, Callable[[ChangedPortfolio, Any], ChangedPortfolio]] = {
    BudgetChanged: _budget,
    LumpSumAdded: _lump_sum,
    RateChanged: _rate,
    MinimumChanged: _minimum,
    DebtDropped: _drop_debt,
    DebtAdded: _add_debt,
    OfferTakenUp: _take_offer,
    Prepaid: _prepay,
}
