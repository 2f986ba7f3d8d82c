"""The rule of a month again, slow and obvious, in exact fractions: what the kernel is held against.

Written from the description of the month alone; shares nothing with agents/planner but the portfolio itself.
"""

from __future__ import annotations

from calendar import monthrange
from dataclasses import dataclass, field
from datetime import date, timedelta
from decimal import Decimal, localcontext
from fractions import Fraction
from typing import Any

from data.answers.plan import Strategy
from data.money import minor_digits
from data.month import month_index
from data.portfolio.debt import Debt
from data.portfolio.minimum_rule import MinimumRule
from data.portfolio.portfolio import Portfolio

HORIZON = 1200


def half_up(value: Fraction) -> int:
    return (value + Fraction(1, 2)).__floor__()


def fraction(value: Decimal | int) -> Fraction:
    return Fraction(value)


@dataclass
class Row:
    month: int
    place: int
    opening: int
    interest: int
    fees: int
    minimum: int
    payment: int
    closing: int


@dataclass
class Account:
    """One debt as its lender keeps it."""

    debt: Debt
    place: int
    balance: int
    rule: MinimumRule
    rule_since: int
    principal: int
    instalment: int = 0
    previous_apr: Fraction | None = None
    was_prepaid: bool = False
    penalty_until: int = -1
    missed_last_month: bool = False
    deferred: Fraction = Fraction(0)
    shares_settled: bool = False
    # this month's
    opening: int = 0
    apr: Fraction = Fraction(0)
    interest: int = 0
    fees: int = 0
    statement: int = 0
    minimum: int = 0
    paid_minimum: int = 0
    above: int = 0


@dataclass
class Run:
    rows: list[Row] = field(default_factory=list)
    months: int = 0
    owed: int = 0
    missed: list[tuple[int, int]] = field(default_factory=list)

    def total(self, name: str) -> int:
        return sum(getattr(row, name) for row in self.rows)


@dataclass
class Course:
    """What a scenario has of its own: money and a shift of the variable rates, each from a month on."""

    money: dict[int, int] = field(default_factory=dict)  # minor units, in place of the budget's
    shifts: dict[int, Fraction] = field(default_factory=dict)
    variable: frozenset[int] = frozenset()  # places of debts

    def shift(self, place: int, month: int) -> Fraction:
        return latest(self.shifts, month, Fraction(0)) if place in self.variable else Fraction(0)


class Reference:
    def __init__(self, portfolio: Portfolio, strategy: Strategy, course: Course | None = None) -> None:
        self.portfolio, self.strategy, self.course = portfolio, strategy, course or Course()
        assert portfolio.start is not None
        self.start = month_index(portfolio.start)
        self.unit = 10 ** minor_digits(portfolio.currency)
        self.accounts = [self.open(debt, place) for place, debt in enumerate(portfolio.debts)]
        self.first_minimums = 0
        self.amount = Decimal(0)
        self.paydays = None

    def cents(self, amount: Decimal) -> int:
        return int(amount * self.unit)

    def open(self, debt: Debt, place: int) -> Account:
        balance = self.cents(debt.balance)
        financed = self.cents(debt.fees.opening) if debt.minimum.type == "level" else 0
        return Account(debt, place, balance, debt.minimum, self.start, balance + financed)

    def run(self, months: int = HORIZON) -> Run:
        run = Run()
        for month in range(self.start, self.start + months):
            if not any(account.balance for account in self.accounts):
                break
            run.months += 1
            self.month(month, run)
        run.owed = sum(account.balance for account in self.accounts)
        return run

    # --- one month ---

    def month(self, month: int, run: Run) -> None:
        open_ = [account for account in self.accounts if account.balance > 0]
        for account in open_:
            self.bill(account, month)
        due = sum(account.minimum for account in open_)
        if month == self.start:
            self.first_minimums = due
        money, lumps = self.money(month, due)
        order = sorted(open_, key=self.rank)
        if money < due:
            for account in sorted(order, key=lambda one: not one.debt.is_secured):
                account.paid_minimum = min(money, account.minimum)
                money -= account.paid_minimum
        else:
            for account in open_:
                account.paid_minimum = account.minimum
            above = money - due
            if self.strategy == Strategy.MINIMUM_ONLY:  # of lump sums alone
                above = min(above, sum(amount for _, amount in lumps))
            self.pay_above(order, above, lumps, month)
        for account in open_:
            self.close(account, month, run)

    def bill(self, account: Account, month: int) -> None:
        debt = account.debt
        account.opening, account.paid_minimum, account.above = account.balance, 0, 0
        account.apr = self.apr(account, month)
        account.interest = half_up(account.opening * self.growth(debt, account.apr, month))
        account.interest += self.deferred_due(account, month)
        self.follow_rule(account, month)
        account.fees = self.cents(debt.fees.monthly)
        if month == self.start:
            account.fees += self.cents(debt.fees.opening)
        if month % 12 + 1 == debt.fees.annual_month:
            account.fees += self.cents(debt.fees.annual)
        if account.missed_last_month:
            account.fees += self.cents(debt.fees.late)
        account.fees += self.share(account, month)
        account.statement = account.opening + account.interest + account.fees
        account.minimum = min(account.statement, self.due(account, account.rule, month))
        account.previous_apr = account.apr
        account.was_prepaid = False

    def close(self, account: Account, month: int, run: Run) -> None:
        debt = account.debt
        payment = account.paid_minimum + account.above
        charge = self.charge(debt, account.above, month)
        closing = account.statement + charge - payment
        if closing <= 0:  # the fees that stay owed fall due at once
            remaining = self.shares_remaining(account, month)
            charge, closing = charge + remaining, closing + remaining
            account.shares_settled = True
        assert closing >= 0
        account.balance = closing
        account.was_prepaid = account.above > 0
        account.missed_last_month = account.paid_minimum < account.minimum
        if account.missed_last_month:
            run.missed.append((month, account.place))
            if debt.penalty_apr is not None:
                until = 10**9 if debt.penalty_months is None else month + debt.penalty_months
                account.penalty_until = max(account.penalty_until, until)
        fees = account.fees + charge
        row = Row(month, account.place, account.opening, account.interest, fees, account.minimum, payment, closing)
        run.rows.append(row)

    # --- rates and interest ---

    def apr(self, account: Account, month: int) -> Fraction:
        debt = account.debt
        if month <= account.penalty_until and debt.penalty_apr is not None:
            return fraction(debt.penalty_apr)
        if debt.promo is not None and month <= month_index(debt.promo.until):
            return fraction(debt.promo.apr)
        return self.base_apr(account, month)

    def base_apr(self, account: Account, month: int) -> Fraction:
        debt = account.debt
        apr = debt.apr
        for step in sorted(debt.rate_steps, key=lambda step: step.from_):
            if month_index(step.from_) <= month:
                apr = step.apr
        return max(fraction(apr) + self.course.shift(account.place, month), Fraction(0))

    def due_date(self, month: int, day: int) -> date:
        year, number = month // 12, month % 12 + 1
        return date(year, number, min(day, monthrange(year, number)[1]))

    def days(self, debt: Debt, month: int) -> list[date]:
        first, last = self.due_date(month - 1, debt.due_day), self.due_date(month, debt.due_day)
        return [first + timedelta(days=k) for k in range((last - first).days)]

    def growth(self, debt: Debt, apr: Fraction, month: int) -> Fraction:
        if debt.accrual != "daily_compounded":
            return self.simple(debt, apr, month)
        basis = 365 if debt.day_basis == "actual" and debt.month_length == "equal" else debt.day_basis
        with localcontext() as context:
            context.prec = 60
            if debt.month_length == "equal":
                base = 1 + as_decimal(apr) / Decimal(basis)
                days = as_decimal(Fraction(365, 12)) if basis == 365 else Decimal(30)
                return Fraction(base**days - 1)
            growth = Decimal(1)
            for day in self.days(debt, month):
                length = year_length(day.year) if basis == "actual" else basis
                growth *= 1 + as_decimal(apr) / Decimal(length)
            return Fraction(growth - 1)

    def simple(self, debt: Debt, apr: Fraction, month: int) -> Fraction:
        if debt.accrual == "monthly" or debt.month_length == "equal":
            return apr / 12
        if debt.day_basis == "actual":
            return sum((apr / year_length(day.year) for day in self.days(debt, month)), Fraction(0))
        return apr * len(self.days(debt, month)) / debt.day_basis

    def deferred_due(self, account: Account, month: int) -> int:
        promo = account.debt.promo
        if promo is None or not promo.deferred_interest or month_index(promo.until) < self.start:
            return 0
        until = month_index(promo.until)
        if month <= until and month > account.penalty_until:
            account.deferred += account.opening * self.simple(account.debt, self.base_apr(account, month), month)
        return half_up(account.deferred) if month == until + 1 else 0

    # --- minimums ---

    def follow_rule(self, account: Account, month: int) -> None:
        rule = account.rule
        if rule.type == "interest_only" and rule.then is not None and month >= month_index(rule.until):
            account.rule, account.rule_since, account.principal = rule.then, month, account.opening

    def end(self, account: Account) -> int | None:
        """The month in which the whole statement is due."""
        rule = account.rule
        if rule.type in ("level", "equal_principal"):
            return account.rule_since + rule.months - 1
        if rule.type == "flat_fee":
            return account.rule_since + self.instalments_left(account) - 1
        return month_index(rule.until) if rule.type == "interest_only" else None

    def instalments_left(self, account: Account) -> int:
        rule = account.rule
        assert rule.type == "flat_fee"
        part = half_up(Fraction(self.cents(rule.principal), rule.months))
        if part == 0:
            return rule.months
        left = -((rule.months - account.principal) // part)  # rounded up, cents of past roundings aside
        return min(max(left, 1), rule.months)

    def share(self, account: Account, month: int) -> int:
        rule, end = account.rule, self.end(account)
        if rule.type != "flat_fee" or account.shares_settled or end is None or month > end:
            return 0
        return half_up(self.cents(rule.principal) * fraction(rule.fee_rate))

    def shares_remaining(self, account: Account, month: int) -> int:
        rule, end = account.rule, self.end(account)
        if rule.type != "flat_fee" or rule.refundable or end is None:
            return 0
        return self.share(account, month) * max(end - month, 0)

    def due(self, account: Account, rule: MinimumRule, month: int) -> int:
        end = self.end(account)
        if end is not None and month >= end:
            return account.statement
        if rule.type == "greatest":
            return max(self.due(account, part, month) for part in rule.rules)
        if rule.type == "fixed":
            return self.cents(rule.amount)
        if rule.type == "percent":
            base = account.statement if rule.of == "statement" else account.opening
            return max(self.cents(rule.floor), half_up(base * fraction(rule.rate)))
        if rule.type == "interest_plus":
            part = half_up(account.opening * fraction(rule.rate))
            return max(self.cents(rule.floor), part + account.interest + account.fees + self.cents(rule.add))
        return self.loan_due(account, rule, month)

    def loan_due(self, account: Account, rule: MinimumRule, month: int) -> int:
        if rule.type == "level":
            return self.level(account, month)
        if rule.type == "equal_principal":
            return half_up(Fraction(account.principal, rule.months)) + account.interest
        if rule.type == "interest_only":
            return account.interest
        if rule.type == "flat_fee":
            share = half_up(self.cents(rule.principal) * fraction(rule.fee_rate))
            owed = 0 if account.shares_settled else share
            return half_up(Fraction(self.cents(rule.principal), rule.months)) + owed
        return 0

    def level(self, account: Account, month: int) -> int:
        rule = account.rule
        assert rule.type == "level"
        if month == account.rule_since:
            account.instalment = annuity(account.principal, account.apr, rule.months)
        elif rule.recast and (account.apr != account.previous_apr or account.was_prepaid):
            left = rule.months - (month - account.rule_since)
            account.instalment = annuity(account.opening, account.apr, left)
        return account.instalment

    # --- the money ---

    def money(self, month: int, due: int) -> tuple[int, list[tuple[str | None, int]]]:
        budget = self.portfolio.budget
        if budget is None:
            return due, []
        self.advance_budget(month)
        amount = self.amount if self.paydays is None else self.amount * count_paydays(self.paydays, month)
        money = self.cents(amount) + (self.first_minimums if budget.mode == "extra" else 0)
        money = latest(self.course.money, month, money)
        lumps = [(lump.debt, self.cents(lump.amount)) for lump in budget.lump_sums if month_index(lump.month) == month]
        return money + sum(amount for _, amount in lumps), lumps

    def advance_budget(self, month: int) -> None:
        budget = self.portfolio.budget
        assert budget is not None
        if month == self.start:
            self.paydays = budget.paydays
            self.amount = budget.paydays.amount if budget.paydays else budget.monthly or Decimal(0)
        elif month % 12 == 0:
            cents = half_up(fraction(self.amount) * (1 + fraction(budget.yearly_raise)) * self.unit)
            self.amount = Decimal(cents) / self.unit
        for change in sorted(budget.changes, key=lambda change: change.from_):
            if month_index(change.from_) == month or (month == self.start and month_index(change.from_) < month):
                self.amount, self.paydays = change.monthly, None

    # --- who is paid ---

    def rank(self, account: Account) -> tuple[Fraction, Fraction, int, int]:
        return self.key(account), -account.apr, account.opening, account.place

    def key(self, account: Account) -> Fraction:
        never = Fraction(10**30)
        if self.strategy == Strategy.AVALANCHE:
            return -account.apr
        if self.strategy == Strategy.SNOWBALL:
            return Fraction(account.opening)
        if self.strategy == Strategy.CASH_FLOW_INDEX:
            return Fraction(account.opening / account.minimum) if account.minimum else never  # as a float tells it
        if self.strategy == Strategy.HIGHEST_UTILISATION:
            limit = account.debt.credit_limit
            return -Fraction(account.opening / self.cents(limit)) if limit else never
        if self.strategy == Strategy.CUSTOM:
            order = self.portfolio.custom_order or []
            return Fraction(order.index(account.debt.name) if account.debt.name in order else len(order))
        return Fraction(0)

    def pay_above(self, order: list[Account], money: int, lumps: list[tuple[str | None, int]], month: int) -> None:
        for name, amount in lumps:
            for account in order:
                if account.debt.name == name:
                    money -= self.pay(account, min(amount, money), month)
        if self.strategy == Strategy.BALANCE_MATCHING:
            self.pay_in_proportion(order, money, month)
            return
        for account in order:
            money -= self.pay(account, money, month)

    def pay_in_proportion(self, order: list[Account], money: int, month: int) -> None:
        while money > 0:
            takers = [account for account in order if self.room(account, month) > 0]
            whole = sum(account.opening for account in takers)
            if not takers:
                return
            exact = [Fraction(money * account.opening, whole) for account in takers]
            shares = [value.__floor__() for value in exact]
            spare = money - sum(shares)
            by_remainder = sorted(range(len(takers)), key=lambda k: (shares[k] - exact[k], k))
            for k in by_remainder[:spare]:
                shares[k] += 1
            taken = sum(self.pay(account, part, month) for account, part in zip(takers, shares, strict=True))
            if taken == 0:
                return
            money -= taken

    def pay(self, account: Account, money: int, month: int) -> int:
        taken = max(min(money, self.room(account, month)), 0)
        account.above += taken
        return taken

    def room(self, account: Account, month: int) -> int:
        """How much more than what it has had closes the debt, charges included."""
        open_ = account.statement - account.paid_minimum
        target = open_ + self.shares_remaining(account, month)
        if target <= 0:
            return 0
        charge = account.debt.prepayment
        rate = fraction(charge.rate) if charge and self.is_charged(account.debt, month) else Fraction(0)
        if rate >= 1:
            return 0
        x = max(int(target / (1 - rate)) - int(1 / (1 - rate)) - 2, 0)
        while x - half_up(rate * x) < target:
            x += 1
        return x - account.above

    def is_charged(self, debt: Debt, month: int) -> bool:
        charge = debt.prepayment
        return charge is not None and (charge.until is None or month <= month_index(charge.until))

    def charge(self, debt: Debt, above: int, month: int) -> int:
        if debt.prepayment is None or not self.is_charged(debt, month):
            return 0
        return half_up(fraction(debt.prepayment.rate) * above)


def latest(path: dict[int, Any], month: int, otherwise: Any) -> Any:
    """What holds in a month, of values that hold from a month on."""
    begun = [begins for begins in path if begins <= month]
    return path[max(begun)] if begun else otherwise


def annuity(principal: int, apr: Fraction, months: int) -> int:
    if apr == 0:
        return half_up(Fraction(principal, months))
    i = apr / 12
    growth = (1 + i) ** months
    return half_up(principal * i * growth / (growth - 1))


def year_length(year: int) -> int:
    return (date(year + 1, 1, 1) - date(year, 1, 1)).days


def as_decimal(value: Fraction) -> Decimal:
    return Decimal(value.numerator) / Decimal(value.denominator)


def count_paydays(paydays, month: int) -> int:
    first = date(month // 12, month % 12 + 1, 1)
    days = [first + timedelta(days=k) for k in range(monthrange(first.year, first.month)[1])]
    if paydays.every == "semimonthly":
        halves = [day for day in (days[14], days[-1]) if day >= paydays.first]
        return len(halves)
    step = 7 if paydays.every == "weekly" else 14
    return sum(1 for day in days if day >= paydays.first and (day - paydays.first).days % step == 0)
