"""What people call a kind of debt or a minimum rule, in English and Chinese."""

from functools import lru_cache

from data.files.cells.text import plain_value
from data.portfolio.debt import DebtKind

KIND_WORDS: dict[DebtKind, list[str]] = {
    DebtKind.CREDIT_CARD: ["card", "store card", "charge card", "信用卡", "贷记卡"],
    DebtKind.LINE_OF_CREDIT: [
        "loc",
        "heloc",
        "overdraft",
        "revolving",
        "revolving credit",
        "循环贷",
        "信用额度",
        "透支",
    ],
    DebtKind.PERSONAL_LOAN: [
        *("loan", "consumer loan", "payday loan", "bank loan", "贷款", "个人贷款", "个贷", "消费贷", "消费贷款"),
        *("信用贷", "信用贷款", "现金贷", "网贷", "借呗", "微粒贷"),
    ],
    DebtKind.STUDENT_LOAN: ["student", "education loan", "助学贷款", "助学贷", "学生贷款", "教育贷款", "学贷"],
    DebtKind.AUTO_LOAN: ["car loan", "car", "auto", "vehicle loan", "车贷", "汽车贷款", "购车贷款"],
    DebtKind.MORTGAGE: ["home loan", "house loan", "房贷", "住房贷款", "房屋贷款", "按揭", "按揭贷款", "公积金贷款"],
    DebtKind.INSTALMENT: [
        *("installment", "instalment loan", "installment loan"),
        *("分期", "分期付款", "账单分期", "信用卡分期", "现金分期"),
    ],
    DebtKind.BNPL: ["buy now pay later", "先买后付", "先享后付", "花呗", "白条"],
    DebtKind.MEDICAL: ["medical bill", "medical debt", "hospital", "医疗", "医疗费", "医疗欠款", "医药费"],
    DebtKind.TAX: ["taxes", "tax debt", "税", "税款", "欠税"],
    DebtKind.PRIVATE: ["private loan", "family", "family loan", "friend", "私人", "私人借款", "亲友借款", "民间借贷"],
    DebtKind.OTHER: ["其他", "其它"],
}
MINIMUM_WORDS = {
    "fixed": ["固定", "固定金额"],
    "percent": ["比例", "百分比"],
    "interest_plus": ["利息加", "利息加本金比例"],
    "greatest": ["取大", "较大者"],
    "level": ["等额本息", "annuity"],
    "equal_principal": ["等额本金"],
    "interest_only": ["先息后本", "到期还本"],
    "flat_fee": ["等本等费", "等本等息", "分期手续费"],
    "none": ["随借随还", "无"],
}


@lru_cache(maxsize=2_000)
def kind_named(text: str) -> DebtKind | None:
    """The kind that a text names; none where nobody calls a debt so.

    >>> kind_named("Credit card"), kind_named("房贷")
    (<DebtKind.CREDIT_CARD: 'credit_card'>, <DebtKind.MORTGAGE: 'mortgage'>)
    """
    return _KINDS.get(_key(text))


def minimum_type_named(text: str) -> str | None:
    """The minimum rule that a text names, as percent or 等额本息 do."""
    return _MINIMUMS.get(_key(text))


def _key(text: str) -> str:
    return plain_value(text).casefold().replace("_", "").replace("-", "")


_KINDS = {_key(word): kind for kind, words in KIND_WORDS.items() for word in (kind.value, *words)}
_MINIMUMS = {_key(word): rule for rule, words in MINIMUM_WORDS.items() for word in (rule, *words)}
