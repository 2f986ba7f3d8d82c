"""Chinese words for what to act on: a sentence for each warning, and one for each amount that says what to do."""

WARNINGS = {
    "minimum_below_interest": "最低还款额 {minimum} 还不够当月利息 {interest}，只付最低的话，这笔债会越滚越大。",
    "minimum_below_interest.needed": "每月至少还 {needed}，欠款才会开始减少。",
    "promo_ends": "{month}之后，年利率从 {before} 升到 {after}。目前余额 {balance}，到时没还完的部分按高利率计息。",
    "promo_ends.monthly": "每月还 {monthly} 可以在到期前还清。",
    "promo_ends.deferred": "如果只付最低，此前缓收的利息 {deferred} 会一次性补收。",
    "rate_above_cap": (
        "年利率 {apr} 高于{rule}，即 {cap}（{source}）。请书面要求对方降低利率，并请律师或债务顾问看一下合同。"
    ),
    "persistent_debt": (
        "只付最低的话，{months}个月里利息和费用占去 {cost}，真正还到本金的只有 {principal}，监管上称为“持续性债务”。"
    ),
    "persistent_debt.needed": "每月还到 {needed}，还掉的本金才会超过利息和费用。",
    "balloon_ahead": "{month}要一次还清 {balloon}。从现在起每月存下 {monthly}，或尽早与对方商定别的还法。",
    "high_utilisation": "额度已用 {utilisation}，既影响征信，遇到急事也没有余地。",
    "high_utilisation.to_pay": "还掉 {to_pay} 就能降到八成。",
    "budget_below_minimums": "每月预算 {budget} 低于最低还款额合计 {minimums}。",
    "budget_below_minimums.missing": "每月还差 {missing}。",
    "no_income_left": "最低还款额合计 {minimums}，已经用尽全部收入 {income}。",
}
