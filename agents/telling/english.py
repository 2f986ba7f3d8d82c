"""The report's words in English. Computes nothing: every figure comes from the findings."""

from decimal import Decimal
from typing import ClassVar

from typing_extensions import override

from agents.case.findings import Findings, Situation
from agents.checking.grounding import escaped
from agents.telling.english_steps import WARNINGS, EnglishSteps, inside_sentence
from agents.telling.formats import Formats, counted
from data.answers.health import HealthWarning
from data.answers.plan import MissedMinimum, PlanDebt, PlanStatus
from data.wire.case_facts import DebtFact
from data.wire.task import TaskType

HOW = {
    "minimum_only": "nothing is paid beyond the minimums but lump sums",
    "snowball": "whatever is left after the minimums goes to the smallest balance",
    "avalanche": "whatever is left after the minimums goes to the highest rate",
    "cash_flow_index": "whatever is left after the minimums goes where the least money frees the largest minimum",
    "highest_utilisation": "whatever is left after the minimums goes to the card nearest its limit",
    "balance_matching": "the money is spread over the debts in step with their balances",
    "optimal": "each month is planned so that the least is paid in all",
    "custom": "whatever is left after the minimums follows the order you gave",
}


class English(EnglishSteps):
    """Plain English, to the client."""

    headings: ClassVar = {
        "answer": "The short answer",
        "standing": "Where you stand",
        "costs": "What costs most",
        "choice": "The plan",
        "payments": "Your first payments",
        "warnings": "Watch out for",
        "steps": "Next steps",
    }

    def __init__(self, currency: str) -> None:
        self.format = Formats("en", currency)

    @override
    def title(self, task: TaskType) -> str:
        names = {TaskType.DEBT_ANALYSIS: "Your debts, analysed", TaskType.REPAYMENT_PLAN: "Your repayment plan"}
        return names.get(task, "Advice on your debts")

    @override
    def lead(self, facts: Findings) -> str:
        told = {
            Situation.NOTHING_OWED: self._nothing_owed,
            Situation.SHORTFALL: self._shortfall,
            Situation.NEVER: self._never,
            Situation.MINIMUMS_ONLY: self._minimums_only,
            Situation.PAID_OFF: self._paid_off,
        }
        return told[facts.situation](facts)

    @override
    def standing(self, facts: Findings) -> str:
        money, health = self.format.money, facts.health
        owed = f"You owe {money(health.total)} on {counted(len(facts.open_debts), 'debt')}, "
        average = "annual rate" if len(facts.open_debts) == 1 else "average annual rate (weighted by balance)"
        owed += f"at an {average} of {self.format.rate(health.weighted_apr)}."
        if facts.rising is not None and facts.rising.promo is not None:
            owed += (
                f" That is today's and does not last: **{escaped(facts.rising.name)}** costs "
                f"{self.format.rate(facts.rising.apr)} after {self.format.month(facts.rising.promo.until)}."
            )
        month = self.format.month(health.month)
        due = f"In {month} the minimum payments come to {money(health.monthly_minimums)}; "
        due += f"the month's interest is {money(health.monthly_interest)}."
        share = health.interest_share
        if share is not None and Decimal("0.005") <= Decimal(str(share)) <= 1:
            due = due[:-1] + f", so {self.format.rate(share)} of what is due only pays for time."
        return " ".join([owed, due, *self._shares(facts)])

    @override
    def costs(self, facts: Findings) -> str:
        rate, bill = facts.dearest_rate, facts.dearest_bill
        if bill.interest_this_month == 0:
            return "None of your debts bears interest this month. That can change when a promotional rate ends."
        money = f"{self.format.money(bill.interest_this_month)} of interest this month"
        percent = f"{self.format.rate(rate.apr)} a year"
        if len(facts.open_debts) == 1:
            return f"All of the cost comes from **{escaped(bill.name)}**: {money}, at {percent}."
        if rate.name == bill.name:
            return (
                f"**{escaped(rate.name)}** costs most, both by its rate ({percent}) and in money ({money}). "
                "Nothing you pay elsewhere saves as much as a payment here."
            )
        low = "" if rate.promo is None else " once its promotional rate is over"
        return (
            f"The largest bill is **{escaped(bill.name)}**'s: {money}. The highest rate is "
            f"**{escaped(rate.name)}**'s, {percent}{low}. The first hurts most today; "
            "the second is what an extra payment saves most on."
        )

    @override
    def choice(self, facts: Findings) -> str:
        name = inside_sentence(facts.plan.strategy)
        does = HOW.get(facts.plan.strategy, "the debts are paid in its order")
        if facts.situation in (Situation.SHORTFALL, Situation.NEVER):
            return (
                "No order of payment solves this by itself: the amount is too small. The figures below follow "
                f"**{name}**, in which {does}."
            )
        if len(facts.open_debts) == 1:
            return "With a single debt there is no order to choose: whatever you can spare goes to it."
        if facts.situation is Situation.MINIMUMS_ONLY:
            return (
                "Without a monthly budget nothing is left to steer: only the minimums are paid. As soon as there is "
                "more, "
                f"put it to work by **{name}**: {does}."
            )
        why = f"This {'is' if facts.is_optimal else 'plan follows'} **{name}**: {does}."
        return " ".join(part for part in (why, self._against(facts), self._proof(facts), self._offers(facts)) if part)

    @override
    def order(self, facts: Findings) -> str:
        return "The debts are cleared in this order:"

    @override
    def cleared(self, debt: PlanDebt) -> str:
        when = self.format.month(debt.paid_off) if debt.paid_off else "not within this plan"
        costs = [(debt.interest, "interest"), (debt.fees, "fees")]
        paid = [f"{self.format.money(amount)} of {kind}" for amount, kind in costs if amount]
        cost = f"after {' and '.join(paid)}" if paid else "at no cost"
        return f"**{escaped(debt.name)}**: {when}, {cost}"

    @override
    def payments(self, facts: Findings) -> str:
        if not facts.payments.months:
            return "No payments are due."
        if len(facts.open_debts) == 1:
            return "This is what to pay; the months after go on in the same way."
        if facts.situation is Situation.SHORTFALL:
            return "This is as far as the money reaches; debts secured by a home or a car are paid first."
        if facts.situation is not Situation.PAID_OFF:
            return "This is what is paid at present, and to whom."
        if facts.is_optimal:
            return (
                "This is what to pay, to whom. The amounts change from month to month; those of every later month are "
                "in the plan's schedule."
            )
        return (
            "This is what to pay, to whom. When a debt is cleared, its money goes to the next one in the same month, "
            "so the rest of the plan needs no new decisions."
        )

    @override
    def rate_of(self, debt: DebtFact) -> str:
        if debt.flat_fee is not None:
            return (
                f"{self.format.rate(debt.apr_now)} and a fee of {self.format.rate(debt.flat_fee.monthly_rate)} a month"
            )
        if debt.promo is None or debt.apr_now == debt.apr:
            return self.format.rate(debt.apr_now)
        return (
            f"{self.format.rate(debt.apr_now)} until {self.format.month(debt.promo.until)}, then "
            f"{self.format.rate(debt.apr)}"
        )

    @override
    def total(self, amount: Decimal) -> str:
        return f"**{self.format.money(amount)}**"

    @override
    def warning(self, warning: HealthWarning) -> str:
        about = f"**{escaped(warning.debt)}**: " if warning.debt else ""
        said = self.warned(WARNINGS, warning)
        return about + (said or f"needs attention ({warning.code.replace('_', ' ')}).")

    @override
    def deferred(self, debt: DebtFact) -> str:
        until = "" if debt.promo is None else f" by {self.format.month(debt.promo.until)}"
        return (
            f"**{escaped(debt.name)}**: unless it is paid in full{until}, all the interest put off so far is charged "
            "at once."
        )

    @override
    def fee(self, debt: DebtFact) -> str:
        if debt.flat_fee is None:
            return ""
        rate = self.format.rate(debt.flat_fee.monthly_rate)
        text = f"**{escaped(debt.name)}**: it charges {rate} of the original sum every month, whatever is left of it, "
        true = debt.flat_fee.true_apr
        number = "" if true is None else f" of {self.format.rate(true)}"
        text += f"so its true annual rate{number} is far above what the fee suggests."
        return text if debt.flat_fee.refundable else text + " Paying it early saves nothing: the fees are owed anyway."

    @override
    def missed(self, missed: MissedMinimum) -> str:
        paid, minimum = self.format.money(missed.paid), self.format.money(missed.minimum)
        if not missed.paid:
            return (
                f"**{escaped(missed.debt)}**: in {self.format.month(missed.month)} nothing is left for its {minimum} "
                "minimum."
            )
        return (
            f"**{escaped(missed.debt)}**: in {self.format.month(missed.month)} only {paid} of its {minimum} minimum "
            "is covered."
        )

    @override
    def endless(self, facts: Findings) -> str:
        paid = "" if facts.monthly is None else f" {self.format.money(facts.monthly)} is paid, while"
        return (
            f"The debts never end at today's payments: in the first month{paid} "
            f"{self.format.money(facts.health.monthly_interest)} of interest is added."
        )

    @override
    def no_warnings(self) -> str:
        return "Nothing in these figures calls for alarm."

    @override
    def closing(self, facts: Findings) -> str:
        return (
            "All figures were computed by the planner from the data you gave, month by month to the cent; "
            "they change if rates, fees or your payments do. This is not legal or tax advice."
        )

    def _nothing_owed(self, facts: Findings) -> str:
        return "You owe nothing: every balance is zero, and no payment is due. There is nothing left to plan."

    def _paid_off(self, facts: Findings) -> str:
        plan, money = facts.plan, self.format.money
        pay = "" if facts.monthly is None else f"Pay **{money(facts.monthly)}** a month"
        pay += "" if facts.is_steady or not pay else " to begin with"
        most = "most of what is" if facts.is_optimal else "everything"
        first = f", with {most} above the minimums on **{escaped(facts.target)}** first" if facts.target else ""
        if len(facts.open_debts) == 1:
            first = f" on **{escaped(facts.open_debts[0].name)}**"
        when = f"You will be free of debt in **{self._when(plan.debt_free)}**, after {self._long(plan.months)}. "
        cost = f"Interest and fees come to {money(plan.interest_and_fees)}{self._saved(facts)}."
        return (f"{pay}{first}. " if pay else "") + when + cost

    def _minimums_only(self, facts: Findings) -> str:
        plan, money = facts.plan, self.format.money
        text = (
            "No monthly budget was given, so these figures assume the minimum payments alone: "
            f"{money(facts.health.monthly_minimums)} to begin with. "
        )
        text += (
            f"That way you are free of debt in **{self._when(plan.debt_free)}**, after {self._long(plan.months)}, and "
            f"pay {money(plan.interest_and_fees)} in interest and fees."
        )
        return " ".join([text, *([self.what_if(facts.helpful)] if facts.helpful else [])])

    def _never(self, facts: Findings) -> str:
        text = "At today's payments **these debts are never paid off**"
        below = facts.warnings("minimum_below_interest")
        names = " and ".join(f"**{escaped(one.debt)}**" for one in below[:2] if one.debt)
        text += (
            f": what is paid on {names} does not even cover the interest."
            if names
            else ": interest takes what is paid."
        )
        return " ".join([text, *([self.what_if(facts.helpful)] if facts.helpful else [])])

    def _shortfall(self, facts: Findings) -> str:
        plan, money = facts.plan, self.format.money
        text = (
            f"**The money does not cover the minimum payments**, which come to {money(facts.health.monthly_minimums)} "
            f"in {self.format.month(facts.health.month)}"
        )
        text += f" against {money(facts.monthly)} that is paid." if facts.monthly is not None else "."
        if plan.missed_cost:
            text += f" Missing minimums costs {money(plan.missed_cost)} in late fees and penalty interest."
        if plan.required_budget is not None:
            text += f" The smallest monthly budget that covers every minimum is **{money(plan.required_budget)}**."
            found = facts.with_budget(plan.required_budget)
            text += f" {self.what_if(found)}" if found else ""
        return text

    def _saved(self, facts: Findings) -> str:
        minimum, saved = facts.minimum_only, facts.plan.saved_vs_minimum
        if minimum is not None and minimum.status is PlanStatus.NEVER_PAID_OFF:
            return "; with minimum payments alone the debts would never end"
        if saved is None or saved <= 0 or facts.plan.strategy == "minimum_only":
            return ""
        return f", {self.format.money(saved)} less than with minimum payments alone"

    def _against(self, facts: Findings) -> str:
        compared = f"Of the {facts.comparison.count} strategies compared, "
        if facts.is_indifferent:
            return compared + "all come out the same here, so take the one you will keep up."
        if facts.above_best:
            said = (
                "No other order costs less. The optimal plan, with amounts of its own for every month, would pay only "
                f"{self.format.money(facts.above_best)} less in all, so this simple rule is as good."
            )
        else:
            said = compared + "none costs less."
        return " ".join([said, *([self.versus(facts.rival, facts)] if facts.rival else [])])

    def _proof(self, facts: Findings) -> str:
        bound, paid = facts.comparison.no_plan_pays_less_than, facts.plan.total_paid
        if bound is None:
            return ""
        if bound == paid:
            return f"It is proved that no plan can pay less in total than this one's {self.format.money(paid)}."
        return (
            f"It is proved that no plan can pay less than {self.format.money(bound)} in total; "
            f"this one pays {self.format.money(paid)}."
        )

    def _offers(self, facts: Findings) -> str:
        taken = [
            f"**{escaped(one.offer)}** in {self.format.month(one.month)} for {self.format.money(one.amount)} of "
            f"**{escaped(one.debt)}**, at a cost of {self.format.money(one.cost)}"
            for one in facts.plan.offers_taken
        ]
        return f"It takes up offers: {'; '.join(taken)}." if taken else ""

    def _shares(self, facts: Findings) -> list[str]:
        health, rate = facts.health, self.format.rate
        said: list[str] = []
        if health.debt_to_income is not None:
            said.append(f"The minimums take {rate(health.debt_to_income)} of your income.")
        if health.utilisation is not None:
            said.append(f"Where there is a credit limit, {rate(health.utilisation)} of it is used.")
        return said

    def _when(self, month: str | None) -> str:
        return self.format.month(month) if month else "no month within reach"

    def _long(self, months: int | None) -> str:
        return self.format.duration(months) if months is not None else "no end in sight"
