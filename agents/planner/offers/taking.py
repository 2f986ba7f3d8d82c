"""Taking offers: what a portfolio becomes when balances move to new debts at the start of its first month.

A portfolio after taking an offer is an ordinary portfolio.

    take(portfolio, [Move("0% card", "Visa", 300_000)])

The debts' balances fall by what is moved; the new debt bears the offer's name, its balance is the amount moved (of a
settlement, the share to pay), and its opening fee is the offer's fee with what the old lenders charge for being paid
early. A debt that is moved whole stays in the list and owes nothing. An `extra` budget becomes the `total` that it came
to before, so that a lower minimum does not take money away.
"""

from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

import numpy as np

from agents.planner.arrays.budgets import budget_of_path, budget_path
from agents.planner.arrays.from_portfolios import from_portfolios
from agents.planner.arrays.simulation import simulate_rows
from agents.planner.kernel.layout import MINIMUM
from agents.planner.offers.costs import Cost, cost_of, early_charge
from agents.planner.offers.debts import debt_of_offer, what_is_left
from data.answers.plan import OfferTaken, Strategy
from data.errors import FieldError, InvalidPortfolio
from data.money import from_minor, to_minor
from data.month import month_index
from data.portfolio.budget import Budget, LumpSum
from data.portfolio.debt import Debt
from data.portfolio.offer import BalanceTransfer, Consolidation, Instalment, Offer, Refinance, Settlement
from data.portfolio.portfolio import Portfolio
from data.wording.sentence import say


@dataclass(frozen=True)
class Move:
    """So much of a debt, in minor units, goes to an offer."""

    offer: str
    debt: str
    amount: int


def take(portfolio: Portfolio, moves: Iterable[Move]) -> Portfolio:
    """The portfolio once the moves are made, its offers decided; without moves only the offers go.

    Raises:
        InvalidPortfolio: it has no `start`; or a move names what there is not, or moves more than may be moved.
    """
    return Taking(portfolio).take([move for move in moves if move.amount])


def offers_taken(portfolio: Portfolio, moves: Iterable[Move]) -> list[OfferTaken]:
    """The moves as a plan shows them, each with its part of the offer's fee and the old lender's charge."""
    moves = [move for move in moves if move.amount]
    offers = {offer.name: offer for offer in portfolio.offers}
    told: list[OfferTaken] = []
    for move, cost in zip(moves, _costs(portfolio, moves), strict=True):
        told.append(
            OfferTaken(
                name=move.offer,
                type=offers[move.offer].type,
                debt=move.debt,
                amount=from_minor(move.amount, portfolio.currency),
                fee=from_minor(cost.fee, portfolio.currency),
                charge=from_minor(cost.charge, portfolio.currency),
                month=portfolio.start or "",
            )
        )
    return told


def limit_of(offer: Offer, portfolio: Portfolio) -> int:
    """The most that an offer moves in all, in minor units."""
    balances = {debt.name: to_minor(debt.balance, portfolio.currency) for debt in portfolio.debts}
    if isinstance(offer, Refinance | Settlement):
        return balances[offer.debt]
    if isinstance(offer, Instalment):
        most = balances[offer.debt]
        return most if offer.limit is None else min(most, to_minor(offer.limit, portfolio.currency))
    limit = offer.limit if isinstance(offer, BalanceTransfer) else offer.amount
    return min(to_minor(limit, portfolio.currency), sum(balances.values()))


def sources_of(offer: Offer, portfolio: Portfolio) -> list[Debt]:
    """The debts with a balance that an offer can move."""
    named = None if isinstance(offer, BalanceTransfer | Consolidation) else offer.debt
    return [debt for debt in portfolio.debts if debt.balance and named in (None, debt.name)]


def is_whole(offer: Offer) -> bool:
    """True for an offer that moves all of its debt or nothing."""
    return isinstance(offer, Refinance | Settlement)


class Taking:
    """A portfolio whose offers are tried: what every trial needs is found once."""

    def __init__(self, portfolio: Portfolio) -> None:
        self.portfolio = portfolio
        bare = portfolio.model_copy(update={"budget": None, "offers": []})
        rows = simulate_rows(from_portfolios([bare]), Strategy.MINIMUM_ONLY, 1)
        self.minimums: list[int] = rows[0, :, MINIMUM].tolist() if len(rows) else []
        self.budget = _total_budget(portfolio, int(np.sum(self.minimums)))
        self.offers = {offer.name: offer for offer in portfolio.offers}

    def take(self, moves: Sequence[Move]) -> Portfolio:
        """The portfolio once the moves are made."""
        portfolio = self.portfolio
        errors = list(_wrong_moves(portfolio, moves))
        if errors:
            raise InvalidPortfolio(say("offers_not_takeable", said=errors[0].said), errors)
        if not moves:
            return portfolio.model_copy(update={"offers": []})
        moved: Counter[str] = Counter()
        for move in moves:
            moved[move.debt] += move.amount
        left = [
            what_is_left(debt, moved[debt.name], minimum, portfolio.currency)
            for debt, minimum in zip(portfolio.debts, self.minimums, strict=True)
        ]
        update = {
            "debts": [*left, *self._new_debts(moves)],
            "offers": [],
            "budget": _aimed_anew(self.budget, moves, {debt.name for debt in left if not debt.balance}),
            "custom_order": _order_with(portfolio.custom_order, moves),
        }
        return portfolio.model_copy(update=update)

    def _new_debts(self, moves: Sequence[Move]) -> Iterator[Debt]:
        together: dict[str, list[tuple[Move, Cost]]] = defaultdict(list)
        for move, cost in zip(moves, _costs(self.portfolio, moves), strict=True):
            together[move.offer].append((move, cost))
        for name, parts in together.items():
            amount = sum(move.amount for move, _ in parts)
            cost = sum(cost.fee + cost.charge for _, cost in parts)
            yield debt_of_offer(self.offers[name], self.portfolio, amount, cost)


def _costs(portfolio: Portfolio, moves: Sequence[Move]) -> list[Cost]:
    """What each move costs: its part of the offer's fee, and the old lender's charge.

    The offer's fee is rounded once, on all that it moves; each part is what it adds.
    """
    offers = {offer.name: offer for offer in portfolio.offers}
    debts = {debt.name: debt for debt in portfolio.debts}
    so_far: Counter[str] = Counter()
    moved: Counter[str] = Counter()
    costs: list[Cost] = []
    for move in moves:
        offer, before = offers[move.offer], so_far[move.offer]
        so_far[move.offer] += move.amount
        fee = cost_of(offer, so_far[move.offer], portfolio.currency) - cost_of(offer, before, portfolio.currency)
        charge = 0
        # No early payment: its lender has agreed to it.
        if not isinstance(offer, Settlement):
            debt, already = debts[move.debt], moved[move.debt]
            charge = early_charge(debt, already + move.amount, portfolio) - early_charge(debt, already, portfolio)
            moved[move.debt] += move.amount
        costs.append(Cost(fee, charge))
    return costs


def _wrong_moves(portfolio: Portfolio, moves: Sequence[Move]) -> Iterator[FieldError]:
    offers = {offer.name: (place, offer) for place, offer in enumerate(portfolio.offers)}
    balances = {debt.name: to_minor(debt.balance, portfolio.currency) for debt in portfolio.debts}
    moved: Counter[str] = Counter()
    taken: Counter[str] = Counter()
    for move in moves:
        moved[move.debt] += move.amount
        taken[move.offer] += move.amount
        if move.offer not in offers:
            yield FieldError("offers", say("no_such_offer", name=move.offer), move.offer)
            continue
        place, offer = offers[move.offer]
        if move.debt not in {debt.name for debt in sources_of(offer, portfolio)}:
            yield FieldError(f"offers.{place}", say("moves_nothing_of", debt=move.debt), move.debt)
        elif move.amount < 0 or (is_whole(offer) and move.amount != balances[move.debt]):
            yield FieldError(f"offers.{place}", say("moves_all_or_nothing", debt=move.debt), str(move.amount))
    yield from _too_much(portfolio, taken, moved)


def _too_much(portfolio: Portfolio, taken: Counter[str], moved: Counter[str]) -> Iterator[FieldError]:
    def shown(minor: int) -> str:
        return str(from_minor(minor, portfolio.currency))

    for place, offer in enumerate(portfolio.offers):
        amount = taken[offer.name]
        if amount and amount > limit_of(offer, portfolio):
            most = shown(limit_of(offer, portfolio))
            yield FieldError(f"offers.{place}", say("moves_at_most", most=most), shown(amount))
        if amount and isinstance(offer, Settlement) and offer.by < (portfolio.start or ""):
            yield FieldError(f"offers.{place}.by", say("before_start", start=portfolio.start), offer.by)
    for place, debt in enumerate(portfolio.debts):
        if moved[debt.name] > to_minor(debt.balance, portfolio.currency):
            yield FieldError(
                f"debts.{place}.balance", say("only_so_much_owed", owed=debt.balance), shown(moved[debt.name])
            )


def _total_budget(portfolio: Portfolio, minimums: int) -> Budget | None:
    """The money as it was before the move: an `extra` budget as the total that it comes to."""
    budget = portfolio.budget
    if budget is None or budget.mode == "total":
        return budget
    start = month_index(portfolio.start or "")
    path = budget_path(budget, start, portfolio.currency)
    under = from_minor(minimums, portfolio.currency)
    return budget_of_path([(month, amount + under) for month, amount in path], budget.lump_sums)


def _aimed_anew(budget: Budget | None, moves: Sequence[Move], empty: set[str]) -> Budget | None:
    """A lump sum aimed at a debt that one offer has taken over whole is aimed at the offer's debt."""
    takers: dict[str, set[str]] = defaultdict(set)
    for move in moves:
        takers[move.debt].add(move.offer)
    heirs = {debt: next(iter(names)) for debt, names in takers.items() if debt in empty and len(names) == 1}
    if budget is None or not any(lump.debt in heirs for lump in budget.lump_sums):
        return budget
    lumps: list[LumpSum] = [
        lump.model_copy(update={"debt": heirs.get(lump.debt or "", lump.debt)}) for lump in budget.lump_sums
    ]
    return budget.model_copy(update={"lump_sums": lumps})


def _order_with(order: list[str] | None, moves: Sequence[Move]) -> list[str] | None:
    """A custom order in which each new debt follows the first debt that went into it."""
    if order is None:
        return None
    # Reversed, so that of several debts the first one counts.
    first = {move.offer: move.debt for move in reversed(moves)}
    placed: list[str] = []
    for name in order:
        placed += [name, *(offer for offer, debt in first.items() if debt == name)]
    return placed
