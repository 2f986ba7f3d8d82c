"""A minimum rule after a prepayment: the same instalment for a shorter term, or a smaller one for the same term."""

from typing import Literal

from data.portfolio.minimum_rule import EqualPrincipal, FlatFee, InterestOnly, Level, MinimumRule
from data.wording.sentence import Sentence, say

Mode = Literal["shorten_term", "lower_payment"]
NO_INSTALMENT = say("no_instalment")
KEEPS_ITS_PART = say("only_shorter_term")


def prepaid_rule(rule: MinimumRule, mode: Mode) -> MinimumRule | Sentence:
    """The rule with 缩短年限 or 减少月供, or why the rule has no such choice."""
    if isinstance(rule, Level):
        return rule.model_copy(update={"recast": mode == "lower_payment"})
    if isinstance(rule, InterestOnly) and rule.then is not None:
        after = prepaid_rule(rule.then, mode)
        return after if isinstance(after, Sentence) else rule.model_copy(update={"then": after})
    if isinstance(rule, EqualPrincipal | FlatFee):
        return rule if mode == "shorten_term" else KEEPS_ITS_PART
    return NO_INSTALMENT
