"""English words for single points: the client's questions, next steps, and advice without figures."""

from decimal import Decimal

from typing_extensions import override

from agents.case.findings import Findings, Situation
from agents.checking.grounding import escaped
from agents.prose import text
from agents.reading.question import Topic
from agents.telling.care_words import HARD_TO_PAY, counselling_words
from agents.telling.formats import counted
from agents.telling.voice import Voice
from data.answers.health import HealthWarning
from data.answers.plan import PlanStatus, Strategy
from data.wire.case_facts import BudgetTried, ComparedOutcome
from data.wire.task_result import Advice
from data.wording.words import name_of


class EnglishSteps(Voice):
    """The single points of an English report."""

    @override
    def about(self, topic: Topic, facts: Findings) -> str:
        told = {
            Topic.WHEN: self._when_free,
            Topic.FIRST: self._which_first,
            Topic.PROMOTION: self._after_promotions,
            Topic.COST: self._how_much,
            Topic.NEW_LOAN: self._new_loan,
        }
        if topic in told:
            return told[topic](facts)
        return TOPIC_WORDS.get(topic, "")

    @override
    def versus(self, outcome: ComparedOutcome, facts: Findings) -> str:
        name = DOING.get(outcome.strategy) or inside_sentence(outcome.strategy)
        if outcome.strategy == facts.plan.strategy:
            among = "orders" if facts.above_best else "strategies"
            return f"{first_upper(name)} is the cheapest of the {among} compared for your debts."
        if outcome.status is PlanStatus.NEVER_PAID_OFF:
            return f"With {name} the debts would never end."
        more, longer = outcome.more_than_recommended, outcome.months_longer_than_recommended
        return "" if more is None or longer is None else self._more(first_upper(name), outcome, more, longer)

    @override
    def what_if(self, found: BudgetTried) -> str:
        money, after = self.format.money, found.after
        if after.status is PlanStatus.NEVER_PAID_OFF or after.debt_free is None or after.months is None:
            return f"Even {money(found.monthly)} a month would not clear these debts."
        text = (
            f"With {money(found.monthly)} a month you would be free of debt in {self.format.month(after.debt_free)}, "
            f"after {self.format.duration(after.months)}"
        )
        if after.status is PlanStatus.SHORTFALL:
            return text + ", although some minimums would be missed on the way."
        sooner, less = found.difference.months_sooner, found.difference.interest_less
        if sooner is not None and sooner > 0 and less is not None and less > 0:
            return text + f": {counted(sooner, 'month')} sooner, and {money(less)} less in interest."
        if sooner is not None and sooner < 0 and less is not None and less < 0:
            return text + f": {counted(-sooner, 'month')} later, and {money(-less)} more in interest."
        return text + f", for {money(after.interest_and_fees)} in interest and fees."

    @override
    def partly(self) -> str:
        return "The figures below are the part of your question that can be computed."

    @override
    def step(self, advice: Advice) -> str:
        words = STEP_WORDS[advice.code]
        amounts = {name: self.format.money(amount) for name, amount in advice.amounts.items()}
        rates = {name: self.format.rate(rate) for name, rate in advice.rates.items()}
        month = self.format.month(advice.month) if advice.month else ""
        debt = f"**{escaped(advice.debt)}**" if advice.debt else ""
        offer = f"**{escaped(advice.offer)}**" if advice.offer else ""
        text = words.format(debt=debt, offer=offer, month=month, **amounts, **rates)
        if advice.code in HARD_TO_PAY:
            text += counselling_words(self.format.language, self.format.currency)
        return text + (self._gain(advice, amounts) if advice.code == "pay_more" else "")

    @override
    def without_figures(self, owed: str | None, asked: list[Topic]) -> str:
        special = "".join(f"\n\n{TOPIC_WORDS[topic]}" for topic in asked if topic in TOPIC_WORDS)
        said = f"You write that you owe {owed}. " if owed else ""
        return text("without_figures_en").format(said=said, special=special)

    def _gain(self, advice: Advice, amounts: dict[str, str]) -> str:
        sooner = f"{counted(advice.months, 'month')} sooner" if advice.months else ""
        saved = f"{amounts['interest_less']} less in interest" if "interest_less" in amounts else ""
        gain = " and ".join(part for part in (sooner, saved) if part)
        return f": {gain}." if gain else "."

    def _new_loan(self, facts: Findings) -> str:
        rate, dearest = self.format.rate, facts.dearest_rate
        once = " once its promotional rate is over" if dearest.promo else ""
        return (
            "Whether a new loan would help depends on its rate and fees, which are not among these figures. As a "
            f"yardstick: your debts cost {rate(facts.health.weighted_apr)} a year on average today, and the dearest, "
            f"**{escaped(dearest.name)}**, {rate(dearest.apr)}{once}. A loan helps only if its true annual cost, fees "
            "included, lies below the rates of the debts it replaces."
        )

    def _after_promotions(self, facts: Findings) -> str:
        told = [self._after_promotion(facts, one) for one in facts.promotions_ending]
        return " ".join(told) or "None of your debts has a promotional rate that ends soon."

    def _after_promotion(self, facts: Findings, warning: HealthWarning) -> str:
        name, month = f"**{escaped(warning.debt or '')}**", self.format.month(warning.month or "")
        before, after = (self.format.rate(warning.rates[each]) for each in ("before", "after"))
        text = f"After {month} the rate of {name} rises from {before} to {after}."
        cleared, beaten = facts.cleared(warning.debt), facts.beaten(warning.debt)
        if cleared is not None:
            in_time = ", before that" if cleared <= (warning.month or "") else ""
            text += f" With this plan it is paid off in {self.format.month(cleared)}{in_time}."
        if beaten is not None:
            money = self.format.money
            saved = f"which saves {money(beaten.interest_less)} of interest"
            text += f" With {money(beaten.monthly)} a month it is paid in time, {saved}."
        return text

    def _when_free(self, facts: Findings) -> str:
        is_open = facts.situation is Situation.SHORTFALL and facts.plan.months is None
        return "At today's payments there is no such month: the debts do not end." if is_open else ""

    def _which_first(self, facts: Findings) -> str:
        if facts.target is None or len(facts.open_debts) == 1 or facts.situation is Situation.PAID_OFF:
            return ""  # there is no choice, or the lead has said it
        return f"Pay all minimums, and put what is left on **{escaped(facts.target)}** first."

    def _how_much(self, facts: Findings) -> str:
        if facts.plan.months is None:
            return ""
        return (
            f"In all you pay {self.format.money(facts.plan.total_paid)}, of which "
            f"{self.format.money(facts.plan.interest_and_fees)} is interest and fees."
        )

    def _more(self, name: str, outcome: ComparedOutcome, more: Decimal, longer: int) -> str:
        if more == 0 and longer == 0:
            return f"{name} comes out exactly the same."
        if more < 0:
            return f"{name} would pay {self.format.money(-more)} less in all."
        text = f"{name} would cost {self.format.money(more)} more"
        text += f" and take {counted(longer, 'month')} longer" if longer > 0 else ""
        if outcome.strategy != "minimum_only" and outcome.first_cleared and outcome.first_cleared_month:
            text += (
                f"; it clears its first debt, {escaped(outcome.first_cleared)}, in "
                f"{self.format.month(outcome.first_cleared_month)}"
            )
        return text + "."


def inside_sentence(strategy: str) -> str:
    """A strategy's name as it stands inside a sentence: the snowball method, minimums only."""
    name = name_of("strategy", strategy, "en").lower()
    if strategy in METHODS:
        return f"the {name} method"
    return f"the {name}" if strategy == Strategy.OPTIMAL else name


def first_upper(text: str) -> str:
    """The same at the beginning of a sentence."""
    return text[:1].upper() + text[1:]


METHODS = ("snowball", "avalanche", "cash_flow_index", "highest_utilisation")
DOING = {"minimum_only": "paying only the minimums", "balance_matching": "spreading the money by balance"}
TOPIC_WORDS = {
    Topic.OVERDUE: (
        "If a payment is already overdue, call that lender first: say what you can pay and when, and ask which fees "
        "can be "
        "waived. Pay nothing to anybody who cannot show in writing that the debt is theirs to collect."
    ),
    Topic.LEGAL: (
        "Settlements, lawsuits and bankruptcy are legal questions that these figures cannot decide; take them to a "
        "lawyer "
        "or a non-profit credit counsellor before you sign anything."
    ),
    Topic.NEW_LOAN: (
        "A new loan that pays off old ones helps only if its true annual cost, fees included, lies below the rates "
        "of the "
        "debts it replaces."
    ),
}
HARDSHIP = (
    "Ask each lender now, in writing, for a hardship plan: lower payments, paused interest, a longer term. A "
    "non-profit counsellor can set up a debt-management plan for all of them together; a hospital may lower or forgive "
    "its bill by its own financial assistance. Whether a settlement or insolvency is the better end, a lawyer or that "
    "counsellor can say."
)
STEP_WORDS = {
    "keep_it_so": (
        "Keep the accounts you use paid in full each month, and build a reserve with the money that is free now."
    ),
    "cover_minimums": (
        "Find a way to {required} a month: cut spending, raise income, or ask for lower payments. Below that, "
        "minimums are missed."
    ),
    "beyond_income": (
        "Do not promise what cannot be kept: the minimums take {required} a month, more than the whole income of "
        f"{{income}}, and no order of payment changes that. {HARDSHIP}"
    ),
    "little_to_live_on": (
        "Do not promise {required} a month before you have counted what you live on: of an income of {income} it would "
        f"leave {{left}} for everything else. {HARDSHIP}"
    ),
    "call_lender": (
        "Call the lender of {debt} before its minimum falls short in {month}: ask for a hardship plan or a lower "
        "payment, in writing."
    ),
    "pay_above_interest": (
        "Pay more than {interest} a month on {debt}: its minimum of {minimum} does not cover the interest."
    ),
    "pay_first": "Pay {monthly} a month in all, and send everything above the minimums to {debt} until it is cleared.",
    "take_offer": "Take up {offer} in {month} for {amount} of {debt}; it costs {cost}. Check its terms before signing.",
    "pay_planned": (
        "Pay {monthly} a month in all, by the amounts of the plan's schedule; most of what is above the minimums goes "
        "to {debt} first."
    ),
    "pay_only_debt": "Pay {monthly} a month on {debt} until it is cleared.",
    "automate_minimums": (
        "Set up automatic payments for the minimums ({minimums} this month), so that none is ever late."
    ),
    "watch_promo": (
        "Mark {month} in your calendar: the rate of {debt} rises from {before} to {after} afterwards. Plan to clear "
        "or move what is left."
    ),
    "beat_promo": (
        "Try to find {monthly} a month in all: then {debt} is paid by {month}, before its rate rises from {before} to "
        "{after}, and the plan costs {interest_less} less in interest."
    ),
    "set_aside": "Set aside {monthly} a month for {debt}: {balloon} falls due at once in {month}.",
    "challenge_rate": (
        "Write to the lender of {debt}: its rate of {apr} is above the legal line of {cap}. Ask for it to be lowered, "
        "and have a lawyer or a debt adviser look at the contract."
    ),
    "pay_more": "If you can find {monthly} a month in all, you are free of debt in {month}",
    "ask_lower_rate": (
        "Ask the lender of {debt} for a rate below {apr}: it costs one call, and the answer is sometimes yes."
    ),
    "stop_using": "Stop using {debt} until its balance has come down.",
    "set_budget": (
        "Decide what you can pay each month in all, and run this plan again with it: any amount above the minimums "
        "shortens the road."
    ),
    "no_new_debt": "Take on no new debt while this plan runs; new purchases on the same cards undo it.",
}
WARNINGS = {
    "minimum_below_interest": (
        "its minimum of {minimum} does not cover the month's interest of {interest}. On minimums alone this debt grows."
    ),
    "promo_ends": (
        "its rate rises from {before} to {after} after {month}. Today {balance} stands on it; whatever is left then "
        "costs the higher rate."
    ),
    "rate_above_cap": (
        "its annual rate of {apr} lies above {rule}, which comes to {cap} ({source}). Ask the lender in writing to "
        "lower it, and have a lawyer or a debt adviser look at the contract."
    ),
    "persistent_debt": (
        "in {months} months of minimum payments, interest and fees take {cost} and only {principal} goes to the debt "
        "itself; regulators call this persistent debt."
    ),
    "balloon_ahead": (
        "{balloon} falls due at once in {month}. Set aside {monthly} a month from now on, or agree on another plan "
        "with the lender in good time."
    ),
    "high_utilisation": (
        "{utilisation} of its limit is used, which weighs on your credit record and leaves no room for a bad month."
    ),
    "high_utilisation.to_pay": " Paying {to_pay} brings it down to four fifths.",
    "budget_below_minimums": "The budget of {budget} lies below the minimums of {minimums}.",
    "no_income_left": "The minimums of {minimums} use up the whole income of {income}.",
}
