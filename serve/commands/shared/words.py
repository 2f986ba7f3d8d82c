"""The command line's own words in English and Chinese. Knows nothing of tables."""

import re
from collections.abc import Iterable
from typing import Literal

from data.answers.plan import IgnoredField, Plan
from serve.commands.shared import what_if_words as words_of_what_ifs

Language = Literal["en", "zh"]

ENGLISH = {
    "strategy": "Strategy",
    "debt_free": "Debt-free",
    "months": "Months",
    "ends": "debt-free {month} (after {months} months)",
    "ends_at_once": "debt-free {month} (after 1 month)",
    "owes_nothing": "nothing is owed",
    "total_paid": "Total paid",
    "interest": "Interest",
    "fees": "Fees",
    "saved": "Saved",
    "debt": "Debt",
    "paid_off": "Paid off",
    "paid": "Paid",
    "month": "Month",
    "opening": "Opening",
    "payment": "Payment",
    "closing": "Closing",
    "never": "never",
    "all": "all",
    "best": "* the least total paid; Saved is against paying the minimums only",
    "best_of_optimal": "* the least total paid; More is what is paid above the optimal plan",
    "above_optimum": "More",
    "first_cleared": "Cleared first",
    "worst_month": "Dearest month",
    "missed_count": "Missed",
    "gap": "Gap",
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
    "apr": "Annual rate",
    "aprc": "Annual percentage rate of charge",
    "effective_rate": "Effective annual rate",
    "card_interest": "Interest",
    "total": "Total owed",
    "weighted_apr": "Average annual rate",
    "monthly_minimums": "Minimums this month",
    "monthly_interest": "Interest this month",
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
    "minimum_below_interest": "{debt}: the minimum {minimum} is below the interest {interest}; the debt grows",
    "minimum_below_interest.needed": "; it falls from {needed} a month",
    "promo_ends": "{debt}: the promotional rate ends in {month}; {balance} goes from {before} to {after}",
    "promo_ends.monthly": "; {monthly} a month clears it in time",
    "promo_ends.deferred": "; by minimums only, {deferred} of interest put off is then charged at once",
    "rate_above_cap": "{debt}: its rate of {apr} is above {rule}, {cap} ({source}); ask the lender to lower it",
    "persistent_debt": "{debt}: in {months} months of minimums {cost} goes to interest and fees, {principal} to it",
    "persistent_debt.needed": "; from {needed} a month more goes to the debt than to its cost",
    "balloon_ahead": "{debt}: {balloon} falls due at once in {month}; set aside {monthly} a month until then",
    "high_utilisation": "{debt}: {utilisation} of the limit is used",
    "high_utilisation.to_pay": "; paying {to_pay} brings it down to 80 %",
    "budget_below_minimums": "the budget {budget} does not cover the minimums {minimums}",
    "budget_below_minimums.missing": "; {missing} is missing",
    "no_income_left": "the minimums {minimums} take the whole income {income}",
}
CHINESE = {
    "strategy": "策略",
    "debt_free": "还清月份",
    "months": "月数",
    "ends": "{month} 还清（{months} 个月）",
    "ends_at_once": "{month} 还清（1 个月）",
    "owes_nothing": "没有欠款",
    "total_paid": "总还款",
    "interest": "利息",
    "fees": "费用",
    "saved": "节省",
    "debt": "债务",
    "paid_off": "还清月份",
    "paid": "已还",
    "month": "月份",
    "opening": "期初余额",
    "payment": "还款",
    "closing": "期末余额",
    "never": "无法还清",
    "all": "全部",
    "best": "* 总还款最少；“节省”是与只还最低还款额相比",
    "best_of_optimal": "* 总还款最少；“多付”是与最优还款相比",
    "above_optimum": "多付",
    "first_cleared": "最先还清",
    "worst_month": "最高月还款",
    "missed_count": "未还足",
    "gap": "差距",
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
    "apr": "年利率",
    "aprc": "年百分率（APRC）",
    "effective_rate": "实际年利率（复利）",
    "card_interest": "利息",
    "total": "欠款总额",
    "weighted_apr": "加权年利率",
    "monthly_minimums": "本月最低还款",
    "monthly_interest": "本月利息",
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
    "minimum_below_interest": "{debt}：最低还款 {minimum} 低于利息 {interest}，欠款会越来越多",
    "minimum_below_interest.needed": "；每月还到 {needed} 才会减少",
    "promo_ends": "{debt}：优惠利率于 {month} 结束，{balance} 的年利率由 {before} 变为 {after}",
    "promo_ends.monthly": "；每月还 {monthly} 可在到期前还清",
    "promo_ends.deferred": "；只还最低的话，缓收的利息 {deferred} 会一次性补收",
    "rate_above_cap": "{debt}：年利率 {apr} 高于{rule} {cap}（{source}）；请要求对方降低利率",
    "persistent_debt": "{debt}：只还最低，{months} 个月里利息和费用占去 {cost}，还到本金的只有 {principal}",
    "persistent_debt.needed": "；每月还到 {needed}，还掉的本金才会超过利息和费用",
    "balloon_ahead": "{debt}：{month} 须一次还清 {balloon}；在此之前每月需存下 {monthly}",
    "high_utilisation": "{debt}：额度已使用 {utilisation}",
    "high_utilisation.to_pay": "；还掉 {to_pay} 可降到 80%",
    "budget_below_minimums": "预算 {budget} 不够支付最低还款 {minimums}",
    "budget_below_minimums.missing": "；还差 {missing}",
    "no_income_left": "最低还款 {minimums} 已占用全部收入 {income}",
}
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
STRATEGIES_IN_CHINESE = {
    "minimum_only": "只还最低",
    "snowball": "雪球法",
    "avalanche": "雪崩法",
    "cash_flow_index": "现金流指数法",
    "highest_utilisation": "高使用率优先",
    "balance_matching": "按余额比例",
    "optimal": "最优还款",
    "custom": "自定顺序",
}


def word(key: str, language: Language) -> str:
    """The word or sentence of a key in a language."""
    known = CHINESE if language == "zh" else ENGLISH
    return known[key] if key in known else words_of_what_ifs.word(key, language)


def warning_words(code: str, amounts: Iterable[str], language: Language) -> str:
    """The sentence of a warning, and what its amounts say to do."""
    words = CHINESE if language == "zh" else ENGLISH
    return "".join([words[code], *(words.get(f"{code}.{name}", "") for name in amounts)])


def reason_in(reason: str, language: Language) -> str:
    """Why no budget is debt-free by a month, in a language."""
    if language == "zh":
        for english, chinese in words_of_what_ifs.REASONS_IN_CHINESE:
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
    return STRATEGIES_IN_CHINESE.get(strategy, strategy) if language == "zh" else strategy
