"""How portfolios lie in memory for the kernel: one record a portfolio, a debt, a minimum rule, a dated amount.

Units: amounts in minor units, rates in 10^-12, months as `data.month.month_index` counts them.
"""

import numpy as np

FOREVER = 2**31 - 1  # a month that never comes
HORIZON = 1200  # months

# flags of a debt: what the month must look at beyond balance, rate and minimum
HAS_FEES = 1
HAS_LATE_COST = 2
HAS_DEFERRED = 4
HAS_CHARGES = 8
HAS_DAYS = 16
HAS_RULES = 32  # a minimum other than a share of the statement, a fixed amount or nothing
HAS_RECAST = 64  # the instalment follows each new rate and each payment above it; known of the rule in force

# accrual
MONTHLY, DAILY, COMPOUNDED = 0, 1, 2
ACTUAL = 0  # day basis: each day divided by the length of its own year

# minimum rules
NONE, FIXED, PERCENT, PERCENT_OF_OPENING, INTEREST_PLUS, LEVEL, EQUAL_PRINCIPAL, INTEREST_ONLY, FLAT_FEE = range(9)

# the fees to come of a flat-fee loan that prepaying does not spare
SHARES_OWED, SHARES_CHARGED = 1, 2

# what a targeted plan pays a debt in a month: an amount; CLOSE, all that it takes; or -1 - amount, missing its minimum
CLOSE = 2**62

ALL = 2**62  # the least that is due where the whole statement is

# how a plan ends
PAID_OFF, NEVER_PAID_OFF = 0, 1

DATED = np.dtype([("value", "i8"), ("month", "i4"), ("debt", "i4")], align=True)
"""A rate, a budget or a shift of variable rates from a month on, or a lump sum in a month; `debt` is a place, or -1."""

RULE = np.dtype(
    [
        ("rate", "i8"),
        ("floor", "i8"),  # of fixed: the amount
        ("add", "i8"),
        ("principal", "i8"),
        ("factor", "f8"),  # rate as a float
        ("months", "i4"),
        ("until", "i4"),
        ("then_first", "i4"),  # the rules that follow, or -1
        ("then_count", "i4"),
        ("kind", "i1"),
        ("recast", "i1"),
        ("refundable", "i1"),
    ],
    align=True,
)

DEBT = np.dtype(
    [
        ("balance", "i8"),
        ("rate", "i8"),
        ("promo_rate", "i8"),
        ("penalty_rate", "i8"),  # -1: none
        ("credit_limit", "i8"),  # 0: none
        ("monthly_fee", "i8"),
        ("annual_fee", "i8"),
        ("late_fee", "i8"),
        ("opening_fee", "i8"),  # of the first month alone
        ("prepayment_rate", "i8"),
        ("first_step", "i4"),
        ("steps", "i4"),
        ("first_rule", "i4"),
        ("rules", "i4"),
        ("promo_until", "i4"),  # before the first month: none
        ("penalty_months", "i4"),  # FOREVER: for good
        ("prepayment_until", "i4"),
        ("custom_rank", "i4"),
        ("day_basis", "i2"),
        ("accrual", "i1"),
        ("equal_months", "i1"),
        ("due_day", "i1"),
        ("annual_month", "i1"),
        ("secured", "i1"),
        ("variable", "i1"),  # its rate follows the portfolio's shifts
        ("flags", "i1"),
    ],
    align=True,
)

PORTFOLIO = np.dtype(
    [
        ("first_debt", "i8"),
        ("debts", "i4"),
        ("start", "i4"),
        ("first_budget", "i4"),
        ("budgets", "i4"),  # 0: minimums only
        ("first_lump", "i4"),
        ("lumps", "i4"),
        ("first_shift", "i4"),
        ("shifts", "i4"),
        ("last_event", "i4"),  # after this month nothing dated changes
        ("extra", "i1"),  # the budget comes on top of the first month's minimums
        ("flags", "i1"),  # of all its debts
    ],
    align=True,
)

STATE = np.dtype(
    [
        # what every month reads and writes, in two lines of the cache
        ("growth", "f8", (4,)),  # the interest on a balance of 1 over 28, 29, 30 and 31 days
        ("balance", "i8"),
        ("opening", "i8"),
        ("interest", "i8"),
        ("fees", "i8"),
        ("statement", "i8"),
        ("minimum", "i8"),
        ("minimum_factor", "f8"),  # the share that is due, of the statement or of the opening balance
        ("due_added", "i8"),  # to that share, but for the month's interest
        ("floor", "i8"),  # the least that is due; `ALL` where the whole statement is
        ("interest_added", "i8"),  # all ones where the month's interest is due too
        ("next_event", "i4"),  # until then every month is like the last: see `statements.turn`
        ("flags", "i4"),
        ("place", "i4"),  # of the debt in its portfolio
        ("late", "i1"),  # twice the days after the 28th on which it is due: its place in the lengths of a month
        ("of_statement", "i1"),  # the share is of the statement, not of the opening balance
        ("shares", "i1"),  # how many there are, of which the largest is due
        ("back", "i8"),  # interest that was put off and is due this month
        ("key", "f8"),
        ("rate", "i8"),
        ("paid_minimum", "i8"),
        ("above", "i8"),
        ("charge", "i8"),
        # what some debts need
        ("second_factor", "f8"),  # the second share, as the first
        ("second_added", "i8"),
        ("second_cost", "i8"),  # all ones where the month's interest and fees are due too
        ("second_rate", "i8"),
        ("minimum_rate", "i8"),
        ("second_of_statement", "i1"),
        ("rule", "i4"),
        ("rules", "i4"),
        ("rule_end", "i4"),
        ("next_change", "i4"),  # of the rate
        ("added", "i8"),  # to the minimum's share: an amount, or the instalment of a loan
        ("fee_share", "i8"),
        ("base_rate", "i8"),
        ("stepped_rate", "i8"),  # the base rate before its shift
        ("shift", "i8"),
        ("opening_fee", "i8"),  # not charged yet
        ("target", "i8"),  # what a targeted plan pays this month
        ("deferred", "i8"),
        ("deferred_rest", "i8"),
        ("part", "i8"),  # of the whole by which money is shared
        ("share", "i8"),
        ("remainder", "i8"),  # of the share, in parts of a cent
        ("log_rate", "i8"),  # the rate whose `log_growth` is known
        ("log_growth", "f8"),
        ("ahead", "i8"),  # how many debts have a larger remainder
        ("step", "i4"),
        ("penalty_until", "i4"),
        ("missed", "i1"),
        ("recast", "i1"),
        ("is_followed", "i1"),  # another rule begins where this one ends
        ("with_fees", "i1"),  # the minimum holds the month's fees
        ("owes_share", "i1"),
    ],
    align=True,
)
"""One debt in the month at hand; closed debts leave, and the others stand in the order in which they are paid."""

RESULT = np.dtype(
    [
        ("paid", "i8"),
        ("interest", "i8"),
        ("fees", "i8"),
        ("owed", "i8"),  # at the end
        ("last_cost", "i8"),  # interest and fees of the last month
        ("last_paid", "i8"),
        ("first_minimums", "i8"),
        ("short_minimums", "i8"),  # of the first month that fell short
        ("short_money", "i8"),
        ("months", "i4"),  # simulated
        ("missed", "i4"),  # minimums
        ("short_month", "i4"),
        ("status", "i1"),
    ],
    align=True,
)
"""What one strategy comes to on one portfolio."""

OPENING, INTEREST, FEES, MINIMUM, PAYMENT, CLOSING = range(6)
