"""The command line's own words in English and Chinese."""

import re

from data.answers.plan import IgnoredField, Plan
from data.wording import words
from data.wording.words import Language
from serve.commands.shared.what_if_words import REASONS_IN_CHINESE as WHY_NO_BUDGET
from serve.commands.shared.what_if_words import WORDS as WHAT_IF_WORDS

ENGLISH = {
    "ends": "debt-free {month} (after {months} months)",
    "ends_at_once": "debt-free {month} (after 1 month)",
    "owes_nothing": "nothing is owed",
    "saved": "Saved",
    "paid": "Paid",
    "never": "never",
    "all": "all",
    "best": "* the least total paid; Saved is against paying the minimums only",
    "best_of_optimal": "* the least total paid; More is what is paid above the optimal plan",
    "above_optimum": "More",
    "first_cleared": "Cleared first",
    "worst_month": "Dearest month",
    "missed_count": "Missed",
    "is_least": "Proved: no plan pays less.",
    "is_near_least": "Proved: no plan pays less than {bound}, {gap} below this one.",
    "is_unproved": "No plan pays less than {bound}; whether one pays less than this, by up to {gap}, is not proved. "
    "A longer --time-limit-s may tell.",
    "best_is_least": "Proved: no plan pays less than the best.",
    "best_is_near_least": "Proved: no plan pays less than {bound}, {gap} below the best.",
    "best_is_unproved": "No plan pays less than {bound}; whether one pays less than the best, by up to {gap}, is not "
    "proved. A longer --time-limit-s may tell.",
    "simple_order": "{strategy} costs only {more} more and is simple to keep: it is recommended.",
    "offers_taken": "Offers taken",
    "saved_vs_minimum": "Saved against the minimums",
    "missed_cost": "What missing minimums costs",
    "required_budget": "Smallest monthly budget that covers every minimum",
    "missed": "Minimums missed",
    "of_which": "short of",
    "aprc": "Annual percentage rate of charge",
    "effective_rate": "Effective annual rate",
    "total": "Total owed",
    "weighted_apr": "Average annual rate",
    "monthly_minimums": "Minimums this month",
    "interest_share": "Share of the minimums that is interest",
    "debt_to_income": "Minimums of the income",
    "utilisation": "Used of the credit limits",
    "minimum_months": "Months to pay by minimums only",
    "minimum_total": "Total paid by minimums only",
    "payment_36": "Monthly payment to clear all in 36 months",
    "savings_36": "Saved by that payment",
    "by_minimums": "By minimums",
    "each_36": "36 months",
    "true_apr": "True rate",
}
CHINESE = {
    "ends": "{month} 还清（{months} 个月）",
    "ends_at_once": "{month} 还清（1 个月）",
    "owes_nothing": "没有欠款",
    "saved": "节省",
    "paid": "已还",
    "never": "无法还清",
    "all": "全部",
    "best": "* 总还款最少；“节省”是与只还最低还款额相比",
    "best_of_optimal": "* 总还款最少；“多付”是与最优还款相比",
    "above_optimum": "多付",
    "first_cleared": "最先还清",
    "worst_month": "最高月还款",
    "missed_count": "未还足",
    "is_least": "已证明：任何方案的总还款都不会更低。",
    "is_near_least": "已证明：任何方案的总还款都不会低于 {bound}，与本方案相差 {gap}。",
    "is_unproved": "任何方案的总还款都不会低于 {bound}，与本方案相差 {gap}；是否还有更低的方案尚未证明。"
    "可延长 --time-limit-s 再试。",
    "best_is_least": "已证明：任何方案的总还款都不会低于其中最少者。",
    "best_is_near_least": "已证明：任何方案的总还款都不会低于 {bound}，与其中最少者相差 {gap}。",
    "best_is_unproved": "任何方案的总还款都不会低于 {bound}，与其中最少者相差 {gap}；是否还有更低的方案尚未证明。"
    "可延长 --time-limit-s 再试。",
    "simple_order": "{strategy}只多付 {more}，而且简单易行，推荐采用。",
    "offers_taken": "采用的优惠方案",
    "saved_vs_minimum": "比只还最低少付",
    "missed_cost": "未还足最低还款的代价",
    "required_budget": "覆盖全部最低还款所需的最低月预算",
    "missed": "未还足的最低还款",
    "of_which": "应还",
    "aprc": "年百分率（APRC）",
    "effective_rate": "实际年利率（复利）",
    "total": "欠款总额",
    "weighted_apr": "加权年利率",
    "monthly_minimums": "本月最低还款",
    "interest_share": "最低还款中利息占比",
    "debt_to_income": "最低还款占收入",
    "utilisation": "额度使用率",
    "minimum_months": "只还最低所需月数",
    "minimum_total": "只还最低的总还款",
    "payment_36": "36 个月还清的每月还款",
    "savings_36": "由此节省",
    "by_minimums": "只还最低",
    "each_36": "36 个月还清",
    "true_apr": "实际年利率",
}
OWN = {"en": {**WHAT_IF_WORDS["en"], **ENGLISH}, "zh": {**WHAT_IF_WORDS["zh"], **CHINESE}}
REASONS_IN_CHINESE = {
    "minimums_not_covered": "{month} 的最低还款合计 {due} {currency}，可用资金只有 {money}，还差 {missing}。",
    "never_paid_off": "{months} 个月后仍欠 {owed} {currency}：{month} 的利息和费用为 {cost}，还款只有 {paid}。",
}
IGNORED_IN_CHINESE = {
    "minimums_only": "只还最低时，预算只用来判断够不够付最低还款；超出部分只有一次性还款会用上。",
    "custom_only": "只有自定顺序会按这个顺序还款。",
    "optimal_only": "只有最优还款会采用方案；各方案的结论请用 offers 查询。",
    "after_debt_free": "{debt_free} 已全部还清，之后不再欠款。",
}


def word(key: str, language: Language) -> str:
    """The word or sentence of a key in a language: the terminal's own, or what it is called everywhere."""
    own = OWN[language]
    return own[key] if key in own else words.word(f"column.{key}", language)


def reason_in(reason: str, language: Language) -> str:
    """Why no budget is debt-free by a month, in a language."""
    if language == "zh":
        for english, chinese in WHY_NO_BUDGET:
            reason = re.sub(rf"{english} ?", chinese, reason)
    return reason


def reason_of(plan: Plan, language: Language) -> str:
    """Why a plan is short of money or never ends, in a language; nothing where it is neither."""
    if language == "en":
        return plan.reason or ""
    return "".join(
        REASONS_IN_CHINESE[reason.code].format(
            month=reason.month, months=reason.months, currency=plan.currency, **reason.amounts
        )
        for reason in plan.reasons
    )


def ignored_in(ignored: IgnoredField, language: Language) -> str:
    """A field that makes no difference to a plan, and why, in a language."""
    why = IGNORED_IN_CHINESE[ignored.code].format(**ignored.params) if language == "zh" else ignored.detail
    return f"{ignored.path}: {why}"


def strategy_name(strategy: str, language: Language) -> str:
    """A strategy as it is shown: in English by the name that --strategy takes."""
    return words.name_of("strategy", strategy, language) if language == "zh" else strategy
