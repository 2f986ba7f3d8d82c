"""A number drawn from the facts is supported, however it is written; with a digit changed it is not."""

from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from agents.checking.facts import Facts
from agents.checking.grounding import ground
from agents.telling.formats import Formats
from data.month import month_at, month_index
from data.wording.words import Language

LANGUAGES: st.SearchStrategy[Language] = st.sampled_from(["en", "zh"])
FRAMES = {"en": "You pay {} in all.", "zh": "您一共要还{}。"}
amounts = st.decimals("0.01", "99999999", places=2)
fractions = st.decimals("0.0001", "9.9999", places=4)
months = st.integers(month_index("2000-01"), month_index("2199-12")).map(month_at)


def unsupported(text: str, *facts: object, names: tuple[str, ...] = ()) -> list[str]:
    return [one.text for one in ground(text, Facts.of(facts), names).unsupported]


def with_a_digit_changed(text: str, place: int) -> str:
    digits = [at for at, letter in enumerate(text) if letter.isdigit()]
    at = digits[place % len(digits)]
    return text[:at] + str((int(text[at]) + 1) % 10) + text[at + 1 :]


@given(amounts, LANGUAGES, st.sampled_from(["USD", "CNY", "EUR", "GBP"]))
def test_an_amount_from_the_facts_is_supported(amount: Decimal, language: Language, currency: str) -> None:
    told = Formats(language, currency).money(amount)
    assert unsupported(FRAMES[language].format(told), {"balance": str(amount)}) == []


@given(amounts, LANGUAGES, st.integers(0, 20))
def test_an_amount_with_a_digit_changed_is_not(amount: Decimal, language: Language, place: int) -> None:
    told = with_a_digit_changed(Formats(language, "USD").money(amount), place)
    assert len(unsupported(FRAMES[language].format(told), {"balance": str(amount)})) == 1


@given(fractions, LANGUAGES, st.integers(0, 20))
def test_a_rate_is_supported_as_percent_and_no_other_is(fraction: Decimal, language: Language, place: int) -> None:
    told = Formats(language, "USD").rate(fraction)
    assert unsupported(FRAMES[language].format(told), {"apr": float(fraction)}) == []
    assert len(unsupported(FRAMES[language].format(with_a_digit_changed(told, place)), {"apr": float(fraction)})) == 1


@given(st.integers(1, 1200), LANGUAGES)
def test_months_are_supported_also_as_years_and_months(count: int, language: Language) -> None:
    told = Formats(language, "USD").duration(count)
    assert unsupported(FRAMES[language].format(told), {"months": count}) == []
    assert unsupported(FRAMES[language].format(told), {"months": count + 1}) != []


@given(months, LANGUAGES)
def test_a_month_is_supported_and_the_next_is_not(month: str, language: Language) -> None:
    told = Formats(language, "USD").month(month)
    assert unsupported(FRAMES[language].format(told), {"debt_free": month}) == []
    assert unsupported(FRAMES[language].format(told), {"debt_free": month_at(month_index(month) + 1)}) == [told]


@given(st.decimals("100", "999999", places=2))
def test_an_amount_may_be_rounded_to_whole_units(amount: Decimal) -> None:
    assert unsupported(f"about ${amount:,.0f}", {"balance": str(amount)}) == []


@given(st.integers(1000, 99999999))
def test_an_amount_may_be_told_in_wan(hundreds: int) -> None:
    amount = Decimal(hundreds) * 100
    assert unsupported(f"欠款{amount / 10000:.2f}万元", {"balance": str(amount)}) == []
    assert unsupported(f"欠款{(amount + 100) / 10000:.2f}万元", {"balance": str(amount)}) != []


@pytest.mark.parametrize("text", ["1.2万", "about $1,200"])
def test_a_coarse_rounding_is_flagged(text: str) -> None:
    assert unsupported(text, {"balance": "12345.00", "other": "1234.00"}) == [text.removeprefix("about ")]


def test_sums_and_differences_count_only_where_a_tool_returned_them() -> None:
    facts = {"before": "500.00", "after": "380.00"}
    assert unsupported("You save $120.00.", facts) == ["$120.00"]
    assert unsupported("You save $120.00.", facts, {"difference": {"interest_less": "120.00"}}) == []


def test_the_clients_own_numbers_are_supported() -> None:
    assert (
        unsupported("您提到欠款 10万，利率 24%，每月还 3000元。", "我欠了10万，年利率24%，每月能还3000元，怎么办？")
        == []
    )


def test_counting_words_are_not_checked() -> None:
    assert ground("There are 2 ways, in 3 steps.", Facts.of([])).checked == 0


def test_offsets_mark_the_number_in_the_text() -> None:
    text = "余额 ¥1,000.00，另付 ¥77.00。"
    (flagged,) = ground(text, Facts.of([{"balance": "1000.00"}])).unsupported
    assert text[flagged.start : flagged.end] == flagged.text == "¥77.00"


def test_digits_in_names_of_debts_are_passed_over() -> None:
    names = ("Visa 9999", "贷款2", "50% off | now")
    assert unsupported("Visa 9999, 贷款2年利率 24%, 50% off \\| now", {"apr": 0.24}, names=names) == []


def test_a_name_of_digits_alone_hides_nothing() -> None:
    assert unsupported("Pay $777.00.", {}, names=("777",)) == ["$777.00"]


@given(st.text(max_size=200))
def test_no_text_breaks_the_check(text: str) -> None:
    result = ground(text, Facts.of([text]))
    assert all(text[one.start : one.end] == one.text for one in result.unsupported)


DEBTS = {"debts": [{"name": "Visa", "balance": "6480.25"}, {"name": "Car", "balance": "13600.00"}]}


@pytest.mark.parametrize(
    ("text", "wrong"),
    [
        ("|  | Visa | Car |\n|--|--|--|\n| Balance | $6,480.25 | $13,600.00 |", []),
        ("|  | Visa | Car |\n|--|--|--|\n| Balance | $13,600.00 | $6,480.25 |", ["$13,600.00", "$6,480.25"]),
        ("The Visa balance is about $13,600.", ["$13,600"]),
        ("The Car balance is about $13,600; the Visa stands at $6 480.25.", []),
        ("Visa costs more than Car, which stands at $13,600.00.", []),
        ("Pay $6,480.25 to Visa and $13,600.00 to Car.", []),
        ("Pay $13,600.00 to Visa and $6,480.25 to Car.", ["$13,600.00", "$6,480.25"]),
        ("Visa and Car stand at $6,480.25 and $13,600.00 respectively.", []),
        ("Visa and Car stand at $13,600.00 and $6,480.25 respectively.", ["$13,600.00", "$6,480.25"]),
        ("Visa、Car 的余额分别为 13,600.00 和 6,480.25。", ["13,600.00", "6,480.25"]),
        ("Visa、Car 的余额分别为 6,480.25 和 13,600.00。", []),
        ("Of $6,480.25, $13,600.00 and $20,080.25 in all, Visa and Car are the first two, respectively.", []),
    ],
)
def test_a_figure_beside_another_debts_name_is_flagged_as_that_debts(text: str, wrong: list[str]) -> None:
    flagged = ground(text, Facts.of([DEBTS]), ("Visa", "Car")).unsupported
    assert [one.text for one in flagged] == wrong
    assert {one.reason for one in flagged} <= {"other_debt"}
    assert all(one.debt == ("Car" if "13,600" in one.text else "Visa") for one in flagged)


@pytest.mark.parametrize(
    ("text", "wrong"),
    [
        ("The Visa has a limit of $8,000.00, the Store Card one of $2,000.00.", []),
        ("The Visa has a limit of $2,000.00, the Store Card one of $8,000.00.", ["$8,000.00"]),
        ("Your Store card's limit is $8,000.00.", []),  # no name stands there whole
        ("Visa Gold first: $2,000.00 on this card.", ["$2,000.00"]),  # "card" is in both names
        ("招商的额度是 ¥50,000，花呗额度是 ¥9,000。", []),
        ("花呗的额度是 ¥50,000，招商信用卡也有。", ["¥50,000"]),
    ],
)
def test_a_name_in_short_is_the_debts_too(text: str, wrong: list[str]) -> None:
    limits = {"Visa Gold card": "8000", "Store Card": "2000", "招商信用卡": "50000", "花呗": "9000"}
    debts = {"debts": [{"name": name, "credit_limit": limit} for name, limit in limits.items()]}
    flagged = ground(text.replace("Visa Gold", "Visa Gold card"), Facts.of([debts]), limits).unsupported
    assert [one.text for one in flagged] == wrong
