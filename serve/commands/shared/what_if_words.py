"""The command line's words for what-ifs, offers, budgets and frontiers, in English and Chinese."""

ENGLISH = {
    "before": "Before",
    "after": "After",
    "difference": "Difference",
    "cheaper_from": "Interest and fees so far are less from {month} on.",
    "not_cheaper": "Interest and fees do not come to less.",
    "offer": "Offer",
    "take": "Take",
    "yes": "yes",
    "no": "no",
    "break_even": "Break-even",
    "offers_apart": "Each offer by itself",
    "offers_together": "The best together",
    "no_offer": "No offer is worth taking.",
    "with_offers": "{paid} in all, debt-free {month}; {saved} saved; they pay for themselves from {break_even} on",
    "promo_runs_out": "! {offer}: the promotion ends with {month}. The plan leaves {planned} then; minimums alone "
    "leave {left}, which bears {interest} a month",
    "interest_after": ", {after} of interest in all until it is paid",
    "never_after": ", and would not be paid off",
    "smallest_budget": "Smallest monthly budget, debt-free by {by}: {monthly}",
    "is_proved": "Proved: one {unit} less is not debt-free by then. Below {bound} no strategy is.",
    "is_tried": "All budgets from {tried} up to it were tried: one {unit} less is not debt-free by then.",
    "cent": "cent",
    "no_budget": "No budget is debt-free by {by}; the earliest is {earliest}",
    "monthly": "Monthly",
}
CHINESE = {
    "before": "之前",
    "after": "之后",
    "difference": "差额",
    "cheaper_from": "自 {month} 起，累计利息和费用更少。",
    "not_cheaper": "利息和费用没有减少。",
    "offer": "方案",
    "take": "采用",
    "yes": "是",
    "no": "否",
    "break_even": "回本月份",
    "offers_apart": "逐个比较",
    "offers_together": "最佳组合",
    "no_offer": "没有值得采用的方案。",
    "with_offers": "采用后共还 {paid}，{month} 还清；节省 {saved}；自 {break_even} 起回本",
    "promo_runs_out": "! {offer}：优惠至 {month} 结束。按计划届时剩余 {planned}；若只还最低则剩余 {left}，"
    "每月利息 {interest}",
    "interest_after": "，直至还清共付利息 {after}",
    "never_after": "，而且无法还清",
    "smallest_budget": "在 {by} 前还清所需的最低月预算：{monthly}",
    "is_proved": "已证明：少 1 {unit}就无法按时还清。低于 {bound} 时任何策略都做不到。",
    "is_tried": "已试过 {tried} 起的每个预算：少 1 {unit}就无法按时还清。",
    "cent": "分",
    "no_budget": "任何预算都无法在 {by} 前还清；最早 {earliest}",
    "monthly": "每月",
}
WORDS = {"en": ENGLISH, "zh": CHINESE}
REASONS_IN_CHINESE = (
    (
        r"No budget is debt-free by (\S+): (.+) is paid off in (\S+) at the earliest, "
        r"for (this strategy pays no more than minimums|it takes nothing above its minimum); "
        r"in all it is paid (\S+) (\w+)\.",
        r"任何预算都无法在 \1 前还清：\2 只能按最低还款，最早 \3 还清，共还 \5 \6。",
    ),
    (
        r"No budget is debt-free by (\S+): (.+) is never paid off, "
        r"for (this strategy pays no more than minimums|it takes nothing above its minimum); "
        r"in all it is paid (\S+) (\w+)\.",
        r"任何预算都无法在 \1 前还清：\2 只能按最低还款，永远还不清（已还 \4 \5）。",
    ),
)
