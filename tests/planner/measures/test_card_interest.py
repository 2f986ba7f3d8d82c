"""A card's interest on the whole statement: laws, and the examples that banks and the press reckon by hand."""

from datetime import date, timedelta
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import ValidationError

from agents.planner.measures.card_interest import card_interest
from data.answers.card_interest import CardInterestQuestion
from data.portfolio.errors_of_fields import field_errors

START, UNTIL = date(2026, 1, 1), date(2026, 3, 31)
CENTS = st.integers(0, 10**7).map(lambda cents: Decimal(cents) / 100)
DATED = st.fixed_dictionaries({"date": st.dates(START, UNTIL), "amount": CENTS})
RATES = st.sampled_from([Decimal("0.0005"), Decimal("0.00035"), Decimal(0)])


def interest(postings, payments=(), rate=Decimal("0.0005"), until=UNTIL, **rest):
    question = {"daily_rate": rate, "postings": list(postings), "payments": list(payments), "until": until, **rest}
    return card_interest(CardInterestQuestion.model_validate(question)).interest


def on(day, amount):
    return {"date": day, "amount": amount}


@pytest.mark.parametrize(
    ("posted", "paid", "until", "include_end_day", "told"),
    [
        # 1,000 posted on 30 March, the minimum of 100 paid on 23 April, statement of 5 May: the example that
        # 招商银行 and 中信银行 give, 1000 × 0.05 % × 24 + 900 × 0.05 % × 12
        ("2026-03-30", "2026-04-23", "2026-05-05", False, "17.40"),
        # the same with the statement's day reckoned: 1000 × 0.05 % × 24 (30 March to 22 April) + 900 × 0.05 % × 13
        ("2026-03-30", "2026-04-23", "2026-05-05", True, "17.85"),
        # 1,000 on 30 August, 100 on 25 September, statement of 5 October: 26 days and 10
        ("2026-08-30", "2026-09-25", "2026-10-05", False, "17.50"),
    ],
)
def test_the_examples_of_chinese_card_issuers_come_out(posted, paid, until, include_end_day, told):
    found = interest([on(posted, 1000)], [on(paid, 100)], until=until, include_end_day=include_end_day)
    assert found == Decimal(told)


def test_a_statement_paid_in_full_by_its_due_date_bears_nothing():
    paid = [on("2026-02-01", "600"), on("2026-02-20", "400")]
    assert interest([on("2026-01-05", 1000)], paid, due="2026-02-20") == 0
    assert interest([on("2026-01-05", 1000)], paid, due="2026-02-19") > 0


def test_a_cent_short_of_the_statement_costs_interest_on_the_whole():
    found = interest([on("2026-01-05", 1000)], [on("2026-02-20", "999.99")], due="2026-02-20")
    assert found == Decimal("23.00")  # 46 days on 1,000, and 39 on a cent


def test_what_was_paid_too_much_earns_nothing():
    assert interest([on("2026-01-05", 100)], [on("2026-01-05", 500)]) == 0
    later = interest([on("2026-01-05", 100), on("2026-02-05", 500)], [on("2026-01-15", 300)])
    assert later == Decimal("8.60")  # 100 for 10 days, and from 5 February 500 less the 200 of credit for 54 days


def test_the_end_day_is_one_more_day():
    assert interest([on("2026-03-31", 1000)]) == 0
    assert interest([on("2026-03-31", 1000)], include_end_day=True) == Decimal("0.50")


def test_half_a_cent_rounds_up_once():
    assert interest([on("2026-03-30", "10.00")]) == Decimal("0.01")  # 0.005
    assert interest([on("2026-03-30", "9.99")]) == 0


@given(ours=st.lists(DATED, min_size=1, max_size=6), theirs=st.lists(DATED, min_size=1, max_size=6), rate=RATES)
def test_interest_adds_up_over_postings_within_a_cent(ours, theirs, rate):
    together = interest([*ours, *theirs], rate=rate)
    assert abs(together - interest(ours, rate=rate) - interest(theirs, rate=rate)) <= Decimal("0.01")


@given(
    postings=st.lists(DATED, min_size=1, max_size=6),
    payments=st.lists(DATED, max_size=6),
    more=DATED,
    include_end_day=st.booleans(),
)
def test_more_posted_never_costs_less_and_more_paid_never_more(postings, payments, more, include_end_day):
    def of(posted, paid):
        return interest(posted, paid, include_end_day=include_end_day)

    found = of(postings, payments)
    assert found >= 0
    assert of([*postings, more], payments) >= found >= of(postings, [*payments, more])


@given(postings=st.lists(DATED, min_size=1, max_size=6), payments=st.lists(DATED, max_size=6))
def test_interest_is_the_sum_of_each_days_balance(postings, payments):
    total = Decimal(0)
    for number in range((UNTIL - START).days + 1):
        day = START + timedelta(number)
        owed = sum(each["amount"] for each in postings if each["date"] <= day)
        total += max(owed - sum(each["amount"] for each in payments if each["date"] <= day), Decimal(0))
    exact = total * Decimal("0.0005")
    assert abs(interest(postings, payments, include_end_day=True) - exact) <= Decimal("0.005")


def test_every_wrong_field_is_named_at_once():
    question = {
        "daily_rate": 2,
        "postings": [on("2026-13-01", "-1"), on("2026-01-01", "NaN")],
        "payments": [on("soon", 1)],
        "until": "2026-03-31T10:00:00",
        "include_end_day": "perhaps",
    }
    with pytest.raises(ValidationError) as refused:
        CardInterestQuestion.model_validate(question)
    assert {error.path for error in field_errors(refused.value)} == {
        "daily_rate",
        "postings.0.date",
        "postings.0.amount",
        "postings.1.amount",
        "payments.0.date",
        "until",
        "include_end_day",
    }


def test_a_posting_after_the_end_and_fractions_of_a_cent_are_refused():
    with pytest.raises(ValidationError) as refused:
        interest([on("2026-04-01", 1), on("1900-01-01", 1)], [on("2026-01-01", "0.001")])
    assert [error.path for error in field_errors(refused.value)] == [
        "postings.0.date",
        "postings.1.date",
        "payments.0.amount",
    ]
