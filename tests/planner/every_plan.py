"""The least that any plan pays in total, by trying them all: every whole amount to every debt in every month.

The month itself is that of reference.py: an account is billed, paid and closed there. What is tried here is what a
plan may choose. Only for a few minor units of debt and a few months. Shares nothing with agents/planner.
"""

from copy import copy
from itertools import product

NEVER = 10**15


class EveryPlan:
    """All plans of one portfolio that end within some months."""

    def __init__(self, reference, portfolio, months, *, protect_secured=True, misses_free=False, none_missed=False):
        self.rule = reference.Reference(portfolio, "minimum_only")
        self.run, self.protect_secured, self.misses_free = reference.Run(), protect_secured, misses_free
        self.none_missed = none_missed
        self.months = [self.rule.start + after for after in range(months)]
        self.recasts = ['"recast":true' in debt.model_dump_json() for debt in portfolio.debts]
        self.accounts, self.billed, self.closed, self.known = {}, {}, {}, {}
        self.first = tuple(self._named(account) for account in self.rule.accounts)
        opened = [self._bill(account, self.rule.start) for account in self.first if account]
        self.rule.first_minimums = sum(account.minimum for account in opened)
        self.money = {month: self.rule.money(month, 0)[0] for month in self.months}

    def least(self):
        """What the cheapest plan pays; `NEVER` where none ends in time."""
        return self._least(self.first, self.rule.start)

    def _least(self, names, month):
        if not any(names):
            return 0
        if month > self.months[-1]:
            return NEVER
        if (names, month) not in self.known:
            after = ((paid, then) for paid, then in self._choices(names, month))
            self.known[names, month] = min((paid + self._least(then, month + 1) for paid, then in after), default=NEVER)
        return self.known[names, month]

    def _choices(self, names, month):
        """Every way to spend a month's money: what is paid in all, and what is owed then."""
        bills = [self._bill(name, month) if name else None for name in names]
        money = self.money[month]
        is_short = money < sum(bill.minimum for bill in bills if bill) and not self.misses_free
        if is_short and self.none_missed:
            return
        for paid in product(*(self._amounts(bill, month, money, is_short) for bill in bills)):
            total = sum(paid)
            if total > money or (is_short and (total < money or self._passes_over_secured(bills, paid))):
                continue
            yield total, tuple(self._close(name, amount, month) for name, amount in zip(names, paid, strict=True))

    def _amounts(self, bill, month, money, is_short):
        """What may be paid on a debt: some of its minimum in a month that falls short, else that or more."""
        if bill is None:
            return range(1)
        if is_short:
            return range(min(money, bill.minimum) + 1)
        bill.paid_minimum, bill.above = bill.minimum, 0
        most = bill.minimum + max(self.rule.room(bill, month), 0)
        return range(0 if self.misses_free else bill.minimum, min(money, most) + 1)

    def _passes_over_secured(self, bills, paid):
        """True where a debt without security gets something before those with one have their minimums."""
        if not self.protect_secured:
            return False
        both = [(bill, amount) for bill, amount in zip(bills, paid, strict=True) if bill]
        lacks = any(bill.debt.is_secured and amount < bill.minimum for bill, amount in both)
        return lacks and any(amount > 0 for bill, amount in both if not bill.debt.is_secured)

    def _bill(self, name, month):
        if (name, month) not in self.billed:
            account = copy(self.accounts[name])
            self.rule.bill(account, month)
            self.billed[name, month] = account
        return self.billed[name, month]

    def _close(self, name, amount, month):
        if name is None:
            return None
        if (name, amount, month) not in self.closed:
            account = copy(self._bill(name, month))
            account.paid_minimum = min(amount, account.minimum)
            account.above = amount - account.paid_minimum
            self.rule.close(account, month, self.run)
            self.closed[name, amount, month] = self._named(account)
        return self.closed[name, amount, month]

    def _named(self, account):
        """What tells an account from others: all that the months to come look at."""
        if account.balance == 0:
            return None
        if not self.recasts[account.place]:
            account.was_prepaid = False
        name = (
            *(account.place, account.balance, account.rule_since, account.principal, account.instalment),
            *(account.previous_apr, account.was_prepaid, account.penalty_until, account.missed_last_month),
            *(account.deferred, account.shares_settled),
        )
        self.accounts[name] = account
        return name
