"""English words for what to act on: a sentence for each warning, and one for each amount that says what to do."""

WARNINGS = {
    "minimum_below_interest": (
        "its minimum of {minimum} does not cover the month's interest of {interest}. On minimums alone this debt grows."
    ),
    "minimum_below_interest.needed": " It begins to fall at {needed} a month.",
    "promo_ends": (
        "its rate rises from {before} to {after} after {month}. Today {balance} stands on it; whatever is left then "
        "costs the higher rate."
    ),
    "promo_ends.monthly": " Paying {monthly} a month clears it in time.",
    "promo_ends.deferred": " On minimums alone, {deferred} of interest put off until then is charged at once.",
    "rate_above_cap": (
        "its annual rate of {apr} lies above {rule}, which comes to {cap} ({source}). Ask the lender in writing to "
        "lower it, and have a lawyer or a debt adviser look at the contract."
    ),
    "persistent_debt": (
        "in {months} months of minimum payments, interest and fees take {cost} and only {principal} goes to the debt "
        "itself; regulators call this persistent debt."
    ),
    "persistent_debt.needed": " From {needed} a month on, more goes to the debt than to its cost.",
    "balloon_ahead": (
        "{balloon} falls due at once in {month}. Set aside {monthly} a month from now on, or agree on another plan "
        "with the lender in good time."
    ),
    "high_utilisation": (
        "{utilisation} of its limit is used, which weighs on your credit record and leaves no room for a bad month."
    ),
    "high_utilisation.to_pay": " Paying {to_pay} brings it down to four fifths.",
    "budget_below_minimums": "The budget of {budget} lies below the minimums of {minimums}.",
    "budget_below_minimums.missing": " {missing} a month is missing.",
    "no_income_left": "The minimums of {minimums} use up the whole income of {income}.",
}
