"""The rule of a month as one would write it in Python: whole cents, whole numbers of 10^-12 for rates, one loop.

`every_rule` has every rule of docs/methodology.md, sections 1 and 2, under avalanche; `plain_cards_only` has no more
than five cards at constant rates need. Both are what the kernel's speed is held against.
"""

from calendar import isleap, monthrange
from dataclasses import dataclass
from decimal import Decimal
from fractions import Fraction
from typing import Any

from agents.planner.arrays.budgets import budget_path
from data.money import to_minor
from data.month import month_index

ONE = 10**12
NEVER = 10**9


def half_up(above, below):
    return (2 * above + below) // (2 * below)


def rate_of(rate):
    return int(rate.scaleb(12))


@dataclass
class Debt:
    """A debt as the loop keeps it; everything is a whole number."""

    debt: Any
    place: int
    balance: int
    rate: int
    steps: dict[int, int]
    promo: int
    promo_until: int
    deferred: bool
    penalty: int
    penalty_months: int
    monthly: int
    annual: int
    annual_month: int
    late: int
    opening_fee: int
    charge: int
    charge_until: int
    rule: Any = None
    ends: int = NEVER
    part: int = 0
    share: int = 0
    penalty_until: int = -1
    missed: bool = False
    set_aside: Fraction = Fraction(0)
    last_rate: int = -1
    prepaid: bool = False


class Loop:
    """One portfolio, read once; `run` walks it through the months under avalanche."""

    def __init__(self, portfolio):
        self.currency = portfolio.currency
        self.start = month_index(portfolio.start)
        self.portfolio = portfolio
        self.budget = [
            (month, self.cents(amount)) for month, amount in budget_path(portfolio.budget, self.start, self.currency)
        ]
        self.lumps = {}
        for lump in portfolio.budget.lump_sums:
            self.lumps.setdefault(month_index(lump.month), []).append((self.cents(lump.amount), lump.debt))

    def cents(self, amount):
        return to_minor(amount, self.currency)

    def read(self, debt, place):
        fees, promo, charge = debt.fees, debt.promo, debt.prepayment
        return Debt(
            debt,
            place,
            self.cents(debt.balance),
            rate_of(debt.apr),
            {month_index(step.from_): rate_of(step.apr) for step in debt.rate_steps},
            rate_of(promo.apr) if promo else 0,
            month_index(promo.until) if promo else -1,
            bool(promo and promo.deferred_interest),
            rate_of(debt.penalty_apr) if debt.penalty_apr is not None else -1,
            debt.penalty_months or NEVER,
            self.cents(fees.monthly),
            self.cents(fees.annual),
            fees.annual_month,
            self.cents(fees.late),
            self.cents(fees.opening),
            rate_of(charge.rate) if charge else 0,
            (month_index(charge.until) if charge.until else NEVER) if charge else -1,
        )

    def run(self):
        """Months, total paid, interest and fees."""
        debts = [self.read(debt, place) for place, debt in enumerate(self.portfolio.debts)]
        total_paid = total_interest = total_fees = entry = 0
        month = self.start
        while debts and month < self.start + 1200:
            due, bills = 0, []
            for debt in debts:
                rate = self.rate_in(debt, month)
                interest = self.interest(debt, rate, month) + self.deferred_due(debt, month)
                self.follow_rule(debt, rate, month)
                fees = debt.monthly + debt.share * (month <= debt.ends)
                fees += debt.opening_fee if month == self.start else 0
                fees += debt.annual if month % 12 + 1 == debt.annual_month else 0
                fees += debt.late if debt.missed else 0
                statement = debt.balance + interest + fees
                minimum = min(statement, self.minimum(debt, rate, interest, fees, statement, month))
                debt.last_rate, debt.prepaid, debt.missed = rate, False, False
                bills.append([debt, rate, statement, minimum, minimum, 0, 0])
                due, total_interest, total_fees = due + minimum, total_interest + interest, total_fees + fees
            if month == self.start:
                first = due if self.portfolio.budget.mode == "extra" else 0
            while entry + 1 < len(self.budget) and self.budget[entry + 1][0] <= month:
                entry += 1
            lumps = self.lumps.get(month, ())
            money = self.budget[entry][1] + first + sum(amount for amount, _ in lumps)
            order = sorted(bills, key=lambda bill: (-bill[1], bill[0].balance, bill[0].place))
            if money < due:
                self.fall_short(order, money, month)
            else:
                left = money - due
                for amount, name in lumps:
                    for bill in order:
                        if name is not None and bill[0].debt.name == name:
                            left -= self.pay(bill, min(amount, left), month)
                for bill in order:
                    if left == 0:
                        break
                    left -= self.pay(bill, left, month)
            for bill in bills:
                paid, charge = self.close(bill, month)
                total_paid, total_fees = total_paid + paid, total_fees + charge
            debts = [debt for debt in debts if debt.balance > 0]
            month += 1
        return month - self.start, total_paid, total_interest, total_fees

    def rate_in(self, debt, month):
        if month in debt.steps:
            debt.rate = debt.steps[month]
        elif month == self.start:
            past = [step for step in debt.steps if step < month]
            debt.rate = debt.steps[max(past)] if past else debt.rate
        if month <= debt.penalty_until:
            return debt.penalty
        return debt.promo if month <= debt.promo_until else debt.rate

    def interest(self, debt, rate, month):
        terms = debt.debt
        if terms.accrual != "daily_compounded":
            above, below = self.simple(terms, rate, month)
            return half_up(debt.balance * above, below)
        if terms.month_length == "equal":
            basis, days = (360, Decimal(30)) if terms.day_basis == 360 else (365, Decimal(365) / 12)
            growth = (1 + Decimal(rate) / ONE / basis) ** days
        else:
            before, after = self.days(terms, month)
            last, this = self.lengths(terms, month)
            growth = (1 + Decimal(rate) / ONE / last) ** before * (1 + Decimal(rate) / ONE / this) ** after
        return int(debt.balance * (growth - 1) + Decimal("0.5"))

    def simple(self, terms, rate, month):
        if terms.accrual == "monthly" or terms.month_length == "equal":
            return rate, 12 * ONE
        before, after = self.days(terms, month)
        last, this = self.lengths(terms, month)
        return rate * (before * this + after * last), last * this * ONE

    def days(self, terms, month):
        """Days from due day to due day: those of the year before, and those of the month's own."""
        last, this = monthrange((month - 1) // 12, (month - 1) % 12 + 1)[1], monthrange(month // 12, month % 12 + 1)[1]
        days = last - min(terms.due_day, last) + min(terms.due_day, this)
        before = 32 - min(terms.due_day, 31) if month % 12 == 0 else 0
        return before, days - before

    def lengths(self, terms, month):
        if terms.day_basis != "actual":
            return terms.day_basis, terms.day_basis
        return 365 + isleap((month - 1) // 12), 365 + isleap(month // 12)

    def deferred_due(self, debt, month):
        if debt.deferred and month <= debt.promo_until and month > debt.penalty_until:
            debt.set_aside += Fraction(debt.balance) * Fraction(*self.simple(debt.debt, debt.rate, month))
        if debt.deferred and month == debt.promo_until + 1:
            return half_up(debt.set_aside.numerator, debt.set_aside.denominator)
        return 0

    def follow_rule(self, debt, rate, month):
        rule = debt.debt.minimum if debt.rule is None else debt.rule
        if rule.type == "interest_only" and rule.then is not None and month >= month_index(rule.until):
            rule, debt.rule = rule.then, None
        if rule is debt.rule:
            return
        debt.rule = rule
        if rule.type == "interest_only":
            debt.ends = month_index(rule.until)
        elif rule.type == "level":
            financed = debt.opening_fee if rule is debt.debt.minimum else 0
            debt.ends, debt.part = month + rule.months - 1, instalment(debt.balance + financed, rate, rule.months)
        elif rule.type == "equal_principal":
            debt.ends, debt.part = month + rule.months - 1, half_up(debt.balance, rule.months)
        elif rule.type == "flat_fee":
            principal = self.cents(rule.principal)
            debt.part, debt.share = half_up(principal, rule.months), half_up(principal * rate_of(rule.fee_rate), ONE)
            left = -((rule.months - debt.balance) // debt.part)
            debt.ends = month + min(max(left, 1), rule.months) - 1

    def minimum(self, debt, rate, interest, fees, statement, month):
        rule = debt.rule
        if month >= debt.ends:
            return statement
        if rule.type == "level":
            if rule.recast and debt.last_rate >= 0 and (rate != debt.last_rate or debt.prepaid):
                debt.part = instalment(debt.balance, rate, debt.ends - month + 1)
            return debt.part
        if rule.type == "flat_fee":
            return debt.part + debt.share
        if rule.type in ("equal_principal", "interest_only"):
            return debt.part + interest
        rules = rule.rules if rule.type == "greatest" else [rule]
        return max(self.asked(one, debt.balance, interest + fees, statement) for one in rules)

    def asked(self, rule, opening, costs, statement):
        if rule.type == "fixed":
            return self.cents(rule.amount)
        if rule.type == "percent":
            base = statement if rule.of == "statement" else opening
            return max(self.cents(rule.floor), half_up(base * rate_of(rule.rate), ONE))
        if rule.type == "interest_plus":
            share = half_up(opening * rate_of(rule.rate), ONE)
            return max(self.cents(rule.floor), share + costs + self.cents(rule.add))
        return 0

    def fall_short(self, order, money, month):
        for bill in sorted(order, key=lambda bill: not bill[0].debt.is_secured):
            debt, minimum = bill[0], bill[3]
            bill[4] = min(money, minimum)
            money -= bill[4]
            if bill[4] < minimum:
                debt.missed = True
                if debt.penalty >= 0:
                    debt.penalty_until = max(debt.penalty_until, month + debt.penalty_months)

    def fees_to_come(self, debt, month):
        rule = debt.rule
        if rule.type != "flat_fee" or rule.refundable:
            return 0
        return debt.share * max(debt.ends - month, 0)

    def pay(self, bill, money, month):
        """Pay above the minimum what the debt can take, with its charge."""
        debt, target = bill[0], bill[2] - bill[4] + self.fees_to_come(bill[0], month)
        rate = debt.charge if month <= debt.charge_until else 0
        if target <= 0 or money <= 0 or rate >= ONE:
            return 0
        wanted = target * ONE // (ONE - rate) - ONE // (ONE - rate) - 2
        while wanted - half_up(wanted * rate, ONE) < target:
            wanted += 1
        taken = max(min(money, wanted - bill[5]), 0)
        bill[5] += taken
        debt.prepaid = debt.prepaid or taken > 0
        return taken

    def close(self, bill, month):
        debt, _, statement, _, minimum, above, _ = bill
        charge = half_up(above * debt.charge, ONE) if above and month <= debt.charge_until else 0
        closing = statement + charge - minimum - above
        if closing <= 0:
            owed = self.fees_to_come(debt, month)
            charge, closing = charge + owed, closing + owed
            if owed:
                debt.share = 0
        debt.balance = closing
        return minimum + above, charge


def instalment(principal, rate, months):
    if rate == 0:
        return half_up(principal, months)
    monthly = Decimal(rate) / (12 * ONE)
    growth = (1 + monthly) ** months
    return int(principal * monthly * growth / (growth - 1) + Decimal("0.5"))


def plain_cards_only(balances, rates, budget):
    """The same month for plain cards under avalanche, and nothing that they do not need: months, total paid."""
    order = sorted(range(len(balances)), key=lambda i: (-rates[i], balances[i], i))
    balances, paid, months = list(balances), 0, 0
    while any(balances) and months < 1200:
        months += 1
        left = budget
        for i in range(len(balances)):
            if balances[i]:
                statement = balances[i] + int(balances[i] * rates[i] / 12 + 0.5)
                minimum = min(statement, max(2_500, int(statement * 0.02 + 0.5)))
                balances[i] = statement - minimum
                left -= minimum
                paid += minimum
        for i in order:
            extra = min(left, balances[i])
            balances[i] -= extra
            left -= extra
            paid += extra
    return months, paid
