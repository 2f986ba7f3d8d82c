"""The texts, drawn from a seed: right figures in every form, the same with a planted error, and figures swapped."""

import random
from collections.abc import Iterator
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from tests.agents.figures import forms
from tests.agents.figures.cases import Known, known

PHONES = ("988", "12356")
HEDGES = ("roughly", "about", "~", "around", "约", "差不多", "左右")


@dataclass(frozen=True)
class Text:
    """A text about a case; `wrong` says whether its figure is planted, `form` which form it has."""

    case: Known
    said: str
    form: str
    wrong: bool
    is_swap: bool = False


def texts(language: str, seed: int = 1) -> Iterator[Text]:
    """All of a language."""
    rng = random.Random(f"{language} {seed}")
    for case in known(language):
        yield from _amounts(case, language, rng)
        yield from _rates(case, language, rng)
        yield from _months(case, language, rng)
        yield from _swaps(case, language)
        yield from _derived(case, language)
        yield from (Text(case, said, said, wrong=False) for said in forms.FREE[language])


def _amounts(case: Known, language: str, rng: random.Random) -> Iterator[Text]:
    plan, health = case.plan, case.told["health"]
    values = [Decimal(value) for value in (plan["total_interest"], plan["total_paid"], health["total"])]
    for number, write in enumerate(forms.MONEY[language]):
        for value in values:
            yield Text(case, write(value), f"money {number}", wrong=False)
            planted = _changed(value, case, rng)
            # What is said to be rounded may be near another amount, and is then right.
            if not any(word in write(planted) for word in HEDGES) or not _may_be_meant(planted, case):
                yield Text(case, write(planted), f"money {number}", wrong=True)


def _rates(case: Known, language: str, rng: random.Random) -> Iterator[Text]:
    values = [Decimal(str(debt["apr"])).quantize(Decimal("0.0001")) for debt in case.debts if debt["apr"] > 0.1]
    for number, write in enumerate(forms.RATE[language]):
        for value in values[:3]:
            yield Text(case, write(value), f"rate {number}", wrong=False)
            planted = value + Decimal(rng.choice(["0.0130", "-0.0210", "0.0340", "0.0420"]))
            while any(abs(planted - one) < Decimal("0.0015") for one in case.facts.rates):
                planted += Decimal("0.0017")
            yield Text(case, write(planted), f"rate {number}", wrong=True)


def _months(case: Known, language: str, rng: random.Random) -> Iterator[Text]:
    months = Decimal(case.plan["months"])
    year, month = (int(part) for part in case.plan["debt_free"].split("-"))
    for number, write in enumerate(forms.DURATION[language]):
        yield Text(case, write(months), f"duration {number}", wrong=False)
        for _ in range(2):
            planted = months
            while any(abs(planted - one) <= 3 for one in case.facts.durations) or planted % 12 == 0:
                planted = Decimal(rng.randint(13, 95))
            yield Text(case, write(planted), f"duration {number}", wrong=True)
    for number, tell in enumerate(forms.MONTH[language]):
        yield Text(case, tell(year, month), f"month {number}", wrong=False)
        for _ in range(2):
            at = f"{year}-{month:02}"
            while at in case.facts.months:
                at = f"{rng.randint(2027, 2038)}-{rng.randint(1, 12):02}"
            yield Text(case, tell(int(at[:4]), int(at[5:])), f"month {number}", wrong=True)


def _swaps(case: Known, language: str) -> Iterator[Text]:
    for measure, written in forms.BESIDE[language].items():
        for number, tell in enumerate(written):
            for debt, other in zip(case.debts, [*case.debts[1:], case.debts[0]], strict=True):
                if debt[measure] != other[measure] and float(other[measure]):
                    form = f"{measure} {number}"
                    yield Text(case, tell(debt["name"], _said(debt, measure, language)), form, wrong=False)
                    yield Text(
                        case, tell(debt["name"], _said(other, measure, language)), form, wrong=True, is_swap=True
                    )


def _said(debt: dict[str, Any], measure: str, language: str) -> str:
    value = Decimal(str(debt[measure]))
    if measure == "apr":
        return f"{value * 100:.2f}%"
    return f"${value:,.2f}" if language == "en" else f"{value:,.2f}元"


def _derived(case: Known, language: str) -> Iterator[Text]:
    strategies = case.told["comparison"]["strategies"]
    others = [one for one in strategies if one["strategy"] in ("snowball", "cash_flow_index")]
    for other in others:
        less = abs(Decimal(other["total_interest"]) - Decimal(case.plan["total_interest"]))
        more = less + Decimal("41.37")
        for value, wrong in ((less, False), (more, True)):
            if value == 0:
                continue
            said = f"You save ${value:,.2f} of interest." if language == "en" else f"利息节省{value:,.2f}元。"
            yield Text(case, said, "saved", wrong)
    first, second = (Decimal(debt["balance"]) for debt in case.debts[:2])
    for value, wrong in ((first + second, False), (first + second + Decimal("317.45"), True)):
        names = [debt["name"] for debt in case.debts[:2]]
        said = (
            f"{names[0]} and {names[1]} together come to ${value:,.2f}."
            if language == "en"
            else f"{names[0]}和{names[1]}合计{value:,.2f}元。"
        )
        yield Text(case, said, "together", wrong)


def _may_be_meant(value: Decimal, case: Known) -> bool:
    told = [forms.rounded(value), value.quantize(Decimal("100")), value]
    return any(abs(one - fact) <= fact * Decimal("0.03") for one in told for fact in case.facts.amounts)


def _changed(value: Decimal, case: Known, rng: random.Random) -> Decimal:
    """The amount with its second digit changed, near no other of the case."""
    for _ in range(50):
        digits = list(f"{value:.2f}")
        digits[1] = str((int(digits[1]) + rng.randint(1, 9)) % 10)
        planted = Decimal("".join(digits))
        if not any(abs(planted - one) <= one * Decimal("0.05") for one in case.facts.amounts):
            return planted
    return value * Decimal("1.9137")
