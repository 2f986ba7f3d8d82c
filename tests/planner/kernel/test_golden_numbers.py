"""Numbers known from elsewhere: level instalments from tables, and portfolios reckoned by hand.

The counter-examples are those of docs/methodology.md, section 4: their interest was found without rounding, and cents
may move it by less than five of them.
"""

from decimal import Decimal

import pytest

from agents.planner.kernel.exact import RATE_ONE, compound_interest, level_instalment, portion
from agents.planner.plans.planning import plan
from data.answers.plan import PlanStatus, Strategy
from data.portfolio.portfolio import Portfolio

NONE = {"type": "none"}


def portfolio(debts, monthly=None, **rest):
    budget = {} if monthly is None else {"budget": {"monthly": monthly}}
    named = [{"name": f"debt {place}", "minimum": NONE, **debt} for place, debt in enumerate(debts)]
    return Portfolio.model_validate({"start": "2027-01", "debts": named, **budget, **rest})


def promo(balance, apr, until, after=0.2999, **rest):
    return {"balance": balance, "apr": after, "promo": {"apr": apr, "until": until}, **rest}


COUNTER_EXAMPLES = [
    ("1135.14", 500, [promo(4000, 0, "2027-06"), {"balance": 4000, "apr": 0.22}]),
    ("2028.78", 600, [promo(6000, 0, "2027-12"), {"balance": 3000, "apr": 0.20}, {"balance": 5000, "apr": 0.14}]),
    ("3305.90", 450, [promo(6000, 0, "2027-12"), {"balance": 3000, "apr": 0.20}, {"balance": 5000, "apr": 0.14}]),
    (
        "2056.08",
        250,
        [
            {"balance": 300, "apr": 0.15, "fees": {"monthly": 10}, "minimum": {"type": "fixed", "amount": 10}},
            {"balance": 5000, "apr": 0.25, "minimum": {"type": "fixed", "amount": 100}},
        ],
    ),
    (
        "1231.50",
        350,
        [
            {
                "balance": 2400,
                "apr": 0.2999,
                "promo": {"apr": 0, "until": "2027-12", "deferred_interest": True},
                "minimum": {"type": "fixed", "amount": 25},
            },
            {"balance": 3000, "apr": 0.24},
        ],
    ),
]


@pytest.mark.parametrize(("cost", "monthly", "debts"), COUNTER_EXAMPLES)
def test_avalanche_costs_what_the_counter_examples_say(cost, monthly, debts):
    made = plan(portfolio(debts, monthly), Strategy.AVALANCHE)
    assert made.status == PlanStatus.PAID_OFF
    assert abs(made.total_interest + made.total_fees - Decimal(cost)) < Decimal("0.05")


@pytest.mark.parametrize(
    ("principal", "apr", "months", "instalment"),
    [
        (10_000, 0.08, 10, "1037.03"),  # the example of Microsoft's page on PMT
        (200_000, 0.075, 180, "1854.02"),  # the example of numpy_financial.pmt
        (100_000, 0.06, 360, "599.55"),  # from here on, what printed mortgage tables have
        (200_000, 0.065, 360, "1264.14"),
        (100_000, 0.08, 360, "733.76"),
        (10_000, 0.12, 12, "888.49"),
        (1_000_000, 0.049, 360, "5307.27"),  # 商业贷款 100 万, 基准利率 4.9 %, 30 年
        (1_000_000, 0.0325, 360, "4352.06"),  # 公积金 100 万, 3.25 %, 30 年
        (12_000, 0, 12, "1000.00"),
    ],
)
def test_level_instalments_are_those_of_the_tables(principal, apr, months, instalment):
    made = plan(
        portfolio([{"balance": principal, "apr": apr, "minimum": {"type": "level", "months": months}}]),
        Strategy.MINIMUM_ONLY,
    )
    assert made.schedule[0].payment == Decimal(instalment)
    assert made.months == months
    assert abs(made.schedule[-1].payment - Decimal(instalment)) < 8  # half a cent a month, with its interest


def test_equal_principal_of_a_million_at_4_9_percent():
    """等额本金: 2,777.78 of principal each month, 4,083.33 of interest in the first (the banks' own calculators)."""
    rule = {"type": "equal_principal", "months": 360}
    made = plan(portfolio([{"balance": 1_000_000, "apr": 0.049, "minimum": rule}]), Strategy.MINIMUM_ONLY)
    assert made.schedule[0].payment == Decimal("6861.11")
    assert made.schedule[0].interest == Decimal("4083.33")
    assert abs(made.total_interest - Decimal("737041.67")) < Decimal("2.00")


def test_flat_fee_instalments_are_equal_and_its_fees_are_on_the_original_principal():
    """等本等费: 12,000 over 12 months at 0.6 % a month is 1,000 + 72 each month."""
    rule = {"type": "flat_fee", "principal": 12_000, "months": 12, "fee_rate": 0.006}
    made = plan(portfolio([{"balance": 12_000, "apr": 0, "minimum": rule}]), Strategy.MINIMUM_ONLY)
    assert {row.payment for row in made.schedule} == {Decimal("1072.00")}
    assert (made.months, made.total_fees, made.total_interest) == (12, Decimal("864.00"), Decimal("0.00"))


@pytest.mark.parametrize(("refundable", "fees"), [(False, "864.00"), (True, "72.00")])
def test_prepaying_a_flat_fee_spares_its_fees_only_where_they_are_refundable(refundable, fees):
    rule = {"type": "flat_fee", "principal": 12_000, "months": 12, "fee_rate": 0.006, "refundable": refundable}
    made = plan(portfolio([{"balance": 12_000, "apr": 0, "minimum": rule}], 20_000), Strategy.AVALANCHE)
    assert (made.months, made.total_fees) == (1, Decimal(fees))


def test_a_flat_fee_loan_part_way_through_runs_its_remaining_instalments():
    rule = {"type": "flat_fee", "principal": 100, "months": 3, "fee_rate": 0.01}
    made = plan(portfolio([{"balance": "66.67", "apr": 0, "minimum": rule}]), Strategy.MINIMUM_ONLY)
    assert [row.payment for row in made.schedule] == [Decimal("34.33"), Decimal("34.34")]


def test_interest_rounds_half_up_as_in_exact_decimals():
    """100.00 at 0.06 % a year is 0.005 a month: in binary floats 0.49999999999999994 cents."""
    made = plan(portfolio([{"balance": 100, "apr": 0.0006}], 10), Strategy.AVALANCHE)
    assert made.schedule[0].interest == Decimal("0.01")
    assert portion(10_000, 600_000_000, 12 * RATE_ONE, 0.0006 / 12) == 1


def test_a_level_instalment_that_is_exactly_half_a_cent_rounds_up():
    """100.50 over two months at 12 %: 10050 x 0.010201 / 0.0201 = 5100.5 cents."""
    assert level_instalment(10_050, 120_000_000_000, 2) == 5101


@pytest.mark.parametrize("amount", [10**6, 10**14, 10**17])
def test_daily_compounding_holds_to_the_cent_at_any_size(amount):
    exact = amount * ((1 + Decimal("0.2499") / 365) ** 31 - 1)
    assert compound_interest(amount, 249_900_000_000, 365, 31) == int(exact + Decimal("0.5"))


def test_daily_interest_in_march_is_that_of_february():
    made = plan(
        portfolio([{"balance": 10_000, "apr": 0.1825, "accrual": "daily"}], 1, start="2028-02"), Strategy.AVALANCHE
    )
    assert [row.interest for row in made.schedule[:2]] == [
        Decimal("155.00"),
        Decimal("147.23"),
    ]  # 31 days, then 29 on 10,154


def test_reg_z_style_card_minimum_of_interest_plus_one_percent():
    rule = {"type": "interest_plus", "rate": 0.01, "floor": 35}
    made = plan(portfolio([{"balance": 5200, "apr": 0.2499, "minimum": rule}]), Strategy.MINIMUM_ONLY)
    assert made.schedule[0].payment == Decimal("160.29")  # 108.29 + 52.00
