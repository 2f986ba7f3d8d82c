"""What prepaying makes of a minimum rule: the same instalment for a shorter term, or a smaller one for the same term.

Knows nothing of amounts.
"""

from typing import Literal

from data.portfolio.minimum_rule import EqualPrincipal, FlatFee, InterestOnly, Level, MinimumRule

Mode = Literal["shorten_term", "lower_payment"]
NO_INSTALMENT = "its minimum is no instalment that could be kept or lowered; leave `mode` out"
KEEPS_ITS_PART = "it keeps its part of the principal when prepaid, so that only its term can shrink; use shorten_term"


def prepaid_rule(rule: MinimumRule, mode: Mode) -> MinimumRule | str:
    """The rule with 缩短年限 or 减少月供, or why the rule has no such choice."""
    if isinstance(rule, Level):
        return rule.model_copy(update={"recast": mode == "lower_payment"})
    if isinstance(rule, InterestOnly) and rule.then is not None:
        after = prepaid_rule(rule.then, mode)
        return after if isinstance(after, str) else rule.model_copy(update={"then": after})
    if isinstance(rule, EqualPrincipal | FlatFee):
        return rule if mode == "shorten_term" else KEEPS_ITS_PART
    return NO_INSTALMENT
