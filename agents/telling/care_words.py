"""What is said first, by us and not by a model, to who is threatened, owes a loan shark, is young, or stands surety.

General on purpose: what the law of a place says, a lawyer or an adviser there must.
"""

from agents.reading.trouble import Trouble
from data.rules.help_line import CountryHelp, HelpLine, help_of
from data.wording.words import Language

WORDS: dict[Language, dict[Trouble, str]] = {
    "en": {
        Trouble.VIOLENCE: (
            "Nobody may threaten, hurt or hound you over a debt, whatever you owe. If you are in danger, call the "
            "police{police}. Keep every message and note each call, ask for everything in writing, and do not pay out "
            "of fear{complaints}."
        ),
        Trouble.LOAN_SHARK: (
            "Lending without a licence is the lender's offence, not yours. Do not borrow again to pay it, hand over no "
            "card, passport or password, and keep what shows what you got and paid{loan_sharks}. Ask an adviser or a "
            "lawyer what of it must be paid at all before you pay more."
        ),
        Trouble.YOUNG: (
            "You do not have to carry this alone: tell a grown-up you trust, or somebody at your school or university. "
            "Whoever signs a contract under 18 is in many places not held to it as an adult is; a free adviser can "
            "tell you{counselling}. Do not take a new loan to pay an old one."
        ),
        Trouble.GUARANTOR: (
            "Whoever stands surety owes only what the contract says, and only when it says so. Ask for a copy; look "
            "for a limit, an end, and whether the borrower must be asked first; and have it read by a lawyer or a free "
            "adviser{counselling} before you pay or sign anything."
        ),
    },
    "zh": {
        Trouble.VIOLENCE: (
            "不管欠多少钱，谁都无权威胁、伤害或骚扰您和家人。有危险请立即报警{police}。短信、录音、通话时间都请保留，"
            "要求对方一切以书面方式联系，不要因为害怕而付钱{complaints}。"
        ),
        Trouble.LOAN_SHARK: (
            "无牌放贷、“砍头息”、扣押证件，过错在放贷的人，不在您。不要再借新的去还它，不要交出银行卡、身份证和密码，"
            "收到多少、还过多少的凭证都请留好{loan_sharks}。再付钱之前，先请律师或当地的法律援助看看哪些依法需要还。"
        ),
        Trouble.YOUNG: (
            "这件事不必一个人扛：请告诉家长，或学校里您信任的老师。未满18岁签的合同，很多地方并不像成年人的那样必须履行，"
            "可以请当地的法律援助看一看{counselling}。不要借新的去还旧的。"
        ),
        Trouble.GUARANTOR: (
            "担保人只按合同约定承担责任：先要一份合同，看清是一般保证还是连带责任、有没有限额和期限；"
            "在付钱或再签字之前，请律师或当地的法律援助看一看{counselling}。"
        ),
    },
}
HARD_TO_PAY = frozenset({"cover_minimums", "beyond_income", "little_to_live_on"})  # advice beside which help is named
COUNSELLING: dict[Language, str] = {
    "en": " Advice on debts is free at {name}: {call}.",
    "zh": "免费的债务咨询：{name}，{call}。",
}
SAID: dict[Language, dict[str, str]] = {
    "en": {
        "police": " ({call})",
        "complaints": "; {name} takes complaints about lenders and collectors: {call}",
        "loan_sharks": "; tell {name}: {call}",
        "counselling": ", for example {name}: {call}",
    },
    "zh": {
        "police": "（{call}）",
        "complaints": "；对机构和催收可以投诉：{name} {call}",
        "loan_sharks": "；可以举报：{name} {call}",
        "counselling": "，例如{name}：{call}",
    },
}


def held_numbers(currency: str) -> list[str]:
    """The numbers to call that are held for the country whose currency it is: who tells one makes none up."""
    country = help_of(currency)
    lines = [] if country is None else [country.counselling, country.complaints, country.loan_sharks]
    return [line.call for line in lines if line is not None]


def care_words(trouble: Trouble, language: Language, country: CountryHelp | None) -> str:
    """The words, with the country's lines where they are held."""
    lines = {name: _told(name, language, country) for name in SAID[language]}
    return WORDS[language][trouble].format(**lines)


def counselling_words(language: Language, currency: str) -> str:
    """Where advice on debts is free in the country whose currency it is; empty where no line is held."""
    country = help_of(currency)
    line = None if country is None else country.counselling
    return "" if line is None else COUNSELLING[language].format(name=getattr(line.name, language), call=line.call)


def _told(name: str, language: Language, country: CountryHelp | None) -> str:
    if country is None:
        return ""
    if name == "police":
        return SAID[language][name].format(call=getattr(country.police, language))
    line: HelpLine | None = getattr(country, name)
    # Where loan sharks have no line of their own, complaints about lenders are the next best.
    line = line or (country.complaints if name == "loan_sharks" else None)
    return "" if line is None else SAID[language][name].format(name=getattr(line.name, language), call=line.call)
