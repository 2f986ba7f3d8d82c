"""The annual rate of a cash flow: laws over generated flows, and flows that have no rate."""

import math

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st
from pydantic import ValidationError

from agents.planner.measures.apr import annual_rate
from data.answers.apr import RateQuestion
from data.errors import BadInput
from data.portfolio.errors_of_fields import field_errors

METHODS = st.sampled_from(["reg_z", "eu_aprc", "irr"])
FRACTIONS = st.sampled_from([0.0, 0.25, 0.5, 19 / 30])


def asked(method="irr", periods_per_year=12, lent=1000, payments=(), advances=()):
    return RateQuestion.model_validate(
        {
            "method": method,
            "periods_per_year": periods_per_year,
            "advances": [{"amount": lent, "at": 0}, *advances],
            "payments": list(payments),
        }
    )


def rate(*arguments, **named):
    return annual_rate(asked(*arguments, **named))


def period_rate(found, question):
    if question.method == "eu_aprc":
        return math.expm1(math.log1p(found.effective) / question.periods_per_year)
    return found.apr / question.periods_per_year


def present_value(question, i):
    def worth(amount, whole, odd):
        if question.method == "reg_z":
            return float(amount) / ((1 + odd * i) * (1 + i) ** whole)
        return float(amount) / (1 + i) ** (whole + odd)

    lent = sum(worth(each.amount, each.at, each.fraction) for each in question.advances)
    paid = sum(
        worth(each.amount, each.at + number * each.every, each.fraction)
        for each in question.payments
        for number in range(each.count)
    )
    return lent, paid


@st.composite
def loans(draw):
    payments = draw(
        st.lists(
            st.fixed_dictionaries(
                {
                    "amount": st.integers(1, 5000),
                    "at": st.integers(1, 60),
                    "fraction": FRACTIONS,
                    "count": st.integers(1, 40),
                    "every": st.integers(1, 3),
                }
            ),
            min_size=1,
            max_size=4,
        )
    )
    lent = draw(st.integers(100, 50_000))
    paid = sum(payment["amount"] * payment["count"] for payment in payments)
    assume(lent / 20 < paid < lent * 50)
    return asked(draw(METHODS), draw(st.sampled_from([1, 12, 26, 52])), lent, payments)


@given(question=loans())
def test_at_the_rate_found_what_is_paid_is_worth_what_is_lent(question):
    found = annual_rate(question)
    assume(found.effective > -0.99999)  # a float nearer to -100 % says too little of the rate of a period
    lent, paid = present_value(question, period_rate(found, question))
    assert paid == pytest.approx(lent, rel=1e-9)


@given(question=loans(), times=st.sampled_from([2, 7, 1000]))
def test_the_rate_does_not_depend_on_how_large_the_loan_is(question, times):
    larger = question.model_copy(
        update={
            name: [each.model_copy(update={"amount": each.amount * times}) for each in getattr(question, name)]
            for name in ("advances", "payments")
        }
    )
    assert annual_rate(larger).effective == pytest.approx(annual_rate(question).effective, rel=1e-9, abs=1e-12)


@given(
    yearly=st.floats(-0.5, 30),
    months=st.integers(1, 480),
    method=METHODS,
)
def test_the_rate_of_a_level_loan_comes_back(yearly, months, method):
    i = yearly / 12
    payment = 1e9 / months if i == 0 else 1e9 * -i / math.expm1(-months * math.log1p(i))
    assume(1 <= payment <= 1e11)
    found = rate(method, 12, "1000000000", [{"amount": round(payment, 9), "at": 1, "count": months}])
    assert period_rate(found, asked(method, payments=[{"amount": 1, "at": 1}])) == pytest.approx(i, rel=1e-6, abs=1e-9)


@given(question=loans(), fee=st.integers(1, 90))
def test_a_fee_at_the_start_never_lowers_the_rate(question, fee):
    first = {"amount": fee, "at": 0}
    dearer = question.model_copy(update={"payments": [*question.payments, asked(payments=[first]).payments[0]]})
    assert annual_rate(dearer).effective >= annual_rate(question).effective


@given(question=loans(), share=st.floats(0.05, 0.95))
def test_an_advance_in_two_parts_at_once_is_one_advance(question, share):
    whole = question.advances[0]
    part = whole.model_copy(update={"amount": (whole.amount * round(share * 100)) / 100})
    rest = whole.model_copy(update={"amount": whole.amount - part.amount})
    assert annual_rate(question.model_copy(update={"advances": [part, rest]})) == annual_rate(question)


# 12 CFR 1026 (Regulation Z), Appendix J (c): examples of the actuarial method, by paragraph
APPENDIX_J = {
    "(1)(i) monthly": (12, 5000, [(230, 1, 0, 24)], 9.69),
    "(1)(ii) long first period": (12, 6000, [(200, 1, 19 / 30, 36)], 11.82),
    "(1)(iii) twice a month, short first period": (24, 5000, [(219.17, 0, 6 / 15, 24)], 10.34),
    "(1)(iv) quarterly, long first period": (4, 10_000, [(385, 1, 39 / 90, 40)], 8.97),
    "(1)(v) weekly, long first period": (52, 500, [(17.60, 4, 4 / 7, 30)], 14.96),
    "(2)(i) odd first payment": (12, 5000, [(250, 1, 0, 1), (230, 2, 0, 23)], 10.08),
    "(2)(ii) every four weeks": (13, 400, [(39.50, 1, 5 / 28, 1), (38.31, 2, 5 / 28, 11)], 28.50),
    "(3)(i) odd final payment": (12, 5000, [(230, 1, 0, 23), (280, 24, 0, 1)], 10.50),
    "(3)(ii) every two weeks": (26, 200, [(9.50, 0, 8 / 14, 19), (30, 19, 8 / 14, 1)], 12.22),
    "(4)(i) odd first and final": (12, 5000, [(250, 1, 0, 1), (230, 2, 0, 22), (280, 24, 0, 1)], 10.90),
    "(4)(ii) every two months": (
        6,
        8000,
        [(449.36, 0, 52 / 60, 1), (465, 1, 52 / 60, 18), (200, 19, 52 / 60, 1)],
        7.30,
    ),
    "(5)(i) single payment after 255 days": (365 / 255, 1000, [(1080, 1, 0, 1)], 11.45),
}


@pytest.mark.parametrize("example", APPENDIX_J, ids=APPENDIX_J.keys())
def test_the_examples_of_appendix_j_come_out(example):
    periods, lent, payments, told = APPENDIX_J[example]
    shaped = [dict(zip(("amount", "at", "fraction", "count"), each, strict=True)) for each in payments]
    assert round(rate("reg_z", periods, lent, shaped).apr * 100, 2) == told


# Directive 98/7/EC, Annex II (examples of calculation), whose equation Directive 2008/48/EC, Annex I, keeps
@pytest.mark.parametrize(
    ("periods", "payments", "told"),
    [
        (365, [(1200, 546)], 12.96),  # 1 January 1994 to 1 July 1995
        (1, [(600, 1), (600, 2)], 13.07),
        (12, [(272, 3), (272, 6), (544, 12)], 13.19),
    ],
)
def test_the_examples_of_the_consumer_credit_directive_come_out(periods, payments, told):
    found = rate("eu_aprc", periods, 1000, [{"amount": amount, "at": at} for amount, at in payments])
    assert round(found.apr * 100, 2) == told
    assert found.apr == found.effective


def test_repaying_just_what_was_lent_costs_nothing():
    for method in ("reg_z", "eu_aprc", "irr"):
        found = rate(method, 12, "0.30", [{"amount": "0.10", "at": 1, "count": 3}])
        assert (found.apr, found.effective) == (0.0, 0.0)


def test_repaying_less_than_was_lent_has_a_negative_rate():
    found = rate("irr", 1, 1000, [{"amount": 500, "at": 1}])
    assert found.apr == pytest.approx(-0.5)


def test_a_payday_loan_may_cost_thousands_of_percent():
    found = rate("irr", 365 / 7, 100, [{"amount": 125, "at": 1}])
    assert found.apr == pytest.approx(0.25 * 365 / 7)
    assert found.effective == pytest.approx(1.25 ** (365 / 7) - 1)


def test_a_later_advance_before_the_last_payment_still_has_one_rate():
    found = rate(
        "irr", 1, 1000, [{"amount": 100, "at": 1}, {"amount": 1800, "at": 5}], advances=[{"amount": 500, "at": 2}]
    )
    i = found.apr
    assert 1000 + 500 / (1 + i) ** 2 == pytest.approx(100 / (1 + i) + 1800 / (1 + i) ** 5)


def test_twelve_hundred_payments_are_reckoned_as_one():
    question = asked("reg_z", 12, 500_000, [{"amount": 3000, "at": 1, "fraction": 0.3, "count": 1200}])
    lent, paid = present_value(question, annual_rate(question).apr / 12)
    assert paid == pytest.approx(lent, rel=1e-9)


@pytest.mark.parametrize(
    ("lent", "payments", "advances", "why"),
    [
        (100, [{"amount": 100, "at": 0}], [], "nothing is repaid after it was lent"),
        (100, [{"amount": 40, "at": 0}], [], "nothing is repaid after it was lent"),
        (100, [{"amount": 150, "at": 0}, {"amount": 9, "at": 1}], [], "more is paid than lent when the loan begins"),
        (1600, [{"amount": 10_000, "at": 1}], [{"amount": 10_000, "at": 2}], "2 rates a unit-period"),
        (1000, [{"amount": 10, "at": 1}], [{"amount": 1000, "at": 2}], "no rate makes"),
        (100, [{"amount": 10**11, "at": 1}], [], "too large to be written"),
    ],
)
def test_a_flow_without_a_single_rate_says_why(lent, payments, advances, why):
    with pytest.raises(BadInput) as refused:
        rate("irr", 365, lent, payments, advances)
    (wrong,) = refused.value.errors
    assert wrong.path == "payments"
    assert why in wrong.message


def test_reg_z_knows_when_an_odd_fraction_can_never_repay():
    with pytest.raises(BadInput, match="never be worth"):
        rate("reg_z", 12, 1000, [{"amount": 100, "at": 0, "fraction": 0.5}])


def wrong_fields(**question):
    with pytest.raises(ValidationError) as refused:
        RateQuestion.model_validate(question)
    return {error.path: error.message for error in field_errors(refused.value)}


def test_every_wrong_field_is_named_at_once():
    wrong = wrong_fields(
        method="apr",
        periods_per_year=0,
        advances=[{"amount": "NaN", "at": -1, "fraction": 1}],
        payments=[{"amount": -1, "at": 1.5, "count": 0, "every": 0}, {"amount": 1, "at": 1, "count": 10**9}],
        surprise=1,
    )
    assert set(wrong) == {
        "method",
        "periods_per_year",
        "advances.0.amount",
        "advances.0.at",
        "advances.0.fraction",
        "payments.0.amount",
        "payments.0.at",
        "payments.0.count",
        "payments.0.every",
        "payments.1.count",
        "surprise",
    }


@pytest.mark.parametrize("periods", [-1, float("nan"), float("inf"), True, "a"])
def test_periods_a_year_must_be_a_positive_number(periods):
    question = {"advances": [{"amount": 1, "at": 0}], "payments": [{"amount": 1, "at": 1}], "method": "irr"}
    assert set(wrong_fields(**question, periods_per_year=periods)) == {"periods_per_year"}


def test_no_payments_nothing_lent_and_nothing_paid_are_refused():
    asked_of = {"method": "irr", "periods_per_year": 12}
    assert set(wrong_fields(**asked_of, advances=[], payments=[])) == {"advances", "payments"}
    nothing = wrong_fields(**asked_of, advances=[{"amount": 0, "at": 0}], payments=[{"amount": 0, "at": 1}])
    assert set(nothing) == {"advances", "payments"}


def test_payments_beyond_a_century_of_days_are_refused():
    late = [{"amount": 1, "at": 1, "count": 20_000, "every": 2}]
    many = [{"amount": 1, "at": 1, "count": 36_000}] * 3
    asked_of = {"method": "irr", "periods_per_year": 12, "advances": [{"amount": 1, "at": 0}]}
    assert set(wrong_fields(**asked_of, payments=late)) == {"payments.0.count"}
    assert set(wrong_fields(**asked_of, payments=many)) == {"payments"}
