"""The report's words in Simplified Chinese. Computes nothing: every figure comes from the findings."""

from decimal import Decimal
from typing import ClassVar

from typing_extensions import override

from agents.case.findings import Findings, Situation
from agents.checking.grounding import escaped
from agents.telling.chinese_steps import WARNINGS, ChineseSteps, quoted
from agents.telling.formats import Formats
from data.answers.health import HealthWarning
from data.answers.plan import MissedMinimum, PlanDebt, PlanStatus
from data.wire.case_facts import DebtFact
from data.wire.task import TaskType
from data.wording.words import word

HOW = {
    "minimum_only": "只付最低还款额和一次性还款，不多还",
    "snowball": "付清各笔最低还款额后，剩下的钱先还余额最小的一笔",
    "avalanche": "付清各笔最低还款额后，剩下的钱先还利率最高的一笔",
    "cash_flow_index": "付清各笔最低还款额后，剩下的钱先还最快能腾出月供的一笔",
    "highest_utilisation": "付清各笔最低还款额后，剩下的钱先还额度用得最满的一张卡",
    "balance_matching": "把钱按各笔余额的比例分摊",
    "optimal": "逐月安排还款，使总还款最少",
    "custom": "付清各笔最低还款额后，剩下的钱按您给的顺序还",
}


class Chinese(ChineseSteps):
    """Plain Chinese, to the client."""

    headings: ClassVar = {
        "answer": "简要结论",
        "standing": "目前的情况",
        "costs": "哪笔债最贵",
        "choice": "还款方案",
        "payments": "最初几个月怎么还",
        "warnings": "需要留意",
        "steps": "下一步",
    }

    def __init__(self, currency: str) -> None:
        self.format = Formats("zh", currency)

    @override
    def title(self, task: TaskType) -> str:
        return "债务建议" if task is TaskType.FINANCIAL_ADVICE else word(f"task.{task}", "zh")

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
        owed = f"您共有 {len(facts.open_debts)} 笔债务，合计 {money(health.total)}，"
        average = "年利率为" if len(facts.open_debts) == 1 else "按余额加权的平均年利率为"
        owed += f"{average} {self.format.rate(health.weighted_apr)}。"
        if facts.rising is not None and facts.rising.promo is not None:
            until, rate = self.format.month(facts.rising.promo.until), self.format.rate(facts.rising.apr)
            owed += f"这只是眼下的水平：{until}之后，“{escaped(facts.rising.name)}”的年利率为 {rate}。"
        due = f"{self.format.month(health.month)}各笔最低还款额合计 {money(health.monthly_minimums)}，"
        due += f"当月利息 {money(health.monthly_interest)}"
        share = health.interest_share
        if share is not None and Decimal("0.005") <= Decimal(str(share)) <= 1:
            due += f"，也就是说，应还的钱里有 {self.format.rate(share)} 只是在付利息"
        return "".join([owed, due, "。", *self._shares(facts)])

    @override
    def costs(self, facts: Findings) -> str:
        rate, bill = facts.dearest_rate, facts.dearest_bill
        if bill.interest_this_month == 0:
            return "本月没有一笔债务产生利息。优惠利率到期后，情况可能改变。"
        money = f"本月利息 {self.format.money(bill.interest_this_month)}"
        percent = f"年利率 {self.format.rate(rate.apr)}"
        if len(facts.open_debts) == 1:
            return f"成本全部来自{quoted(bill.name)}：{money}，{percent}。"
        if rate.name == bill.name:
            return (
                f"{quoted(rate.name)}最贵：利率最高（{percent}），利息也最多（{money}）。同样一块钱，还在这里省得最多。"
            )
        low = "" if rate.promo is None else "优惠期过后"
        return (
            f"利息最多的是{quoted(bill.name)}，{money}；利率最高的是{quoted(rate.name)}，{low}{percent}。"
            "前者是眼下最大的一笔开销，后者则是多还一块钱最划算的地方。"
        )

    @override
    def choice(self, facts: Findings) -> str:
        name = self.strategy(facts.plan.strategy)
        does = HOW.get(facts.plan.strategy, "按这一顺序还款")
        if facts.situation in (Situation.SHORTFALL, Situation.NEVER):
            return f"单靠调整还款顺序解决不了问题，因为每月的钱不够。以下数字按**{name}**计算：{does}。"
        if len(facts.open_debts) == 1:
            return "只有一笔债务，没有顺序可选：能多还的钱都还给它。"
        if facts.situation is Situation.MINIMUMS_ONLY:
            return f"没有每月预算，就没有多余的钱可以安排，只能各付最低。一旦有了余钱，可以按**{name}**来用：{does}。"
        why = f"本方案采用**{name}**：{does}。"
        return "".join([why, self._against(facts), self._proof(facts), self._offers(facts)])

    @override
    def order(self, facts: Findings) -> str:
        return "各笔债务按以下顺序还清："

    @override
    def cleared(self, debt: PlanDebt) -> str:
        when = f"{self.format.month(debt.paid_off)}还清" if debt.paid_off else "在本方案内还不清"
        costs = [(debt.interest, "利息"), (debt.fees, "费用")]
        paid = [f"{kind} {self.format.money(amount)}" for amount, kind in costs if amount]
        cost = f"其间付{'、'.join(paid)}" if paid else "没有利息和费用"
        return f"**{escaped(debt.name)}**：{when}，{cost}"

    @override
    def payments(self, facts: Findings) -> str:
        if not facts.payments.months:
            return "没有需要支付的款项。"
        if len(facts.open_debts) == 1:
            return "下表列出最初几个月该还多少，之后照此进行。"
        if facts.situation is Situation.SHORTFALL:
            return "下表是现有的钱能付到哪里；有房或车抵押的债务先付。"
        if facts.situation is not Situation.PAID_OFF:
            return "下表是目前每个月的还款。"
        if facts.is_optimal:
            return "下表列出最初几个月该还给谁、还多少。每月的金额会变化，之后各月的金额见完整的还款表。"
        return (
            "下表列出每个月该还给谁、还多少。一笔还清后，原来还它的钱当月就转去还下一笔，之后的月份照此进行，"
            "不必再做新的决定。"
        )

    @override
    def rate_of(self, debt: DebtFact) -> str:
        if debt.flat_fee is not None:
            return f"{self.format.rate(debt.apr_now)}，另收月费率 {self.format.rate(debt.flat_fee.monthly_rate)}"
        if debt.promo is None or debt.apr_now == debt.apr:
            return self.format.rate(debt.apr_now)
        return (
            f"{self.format.rate(debt.apr_now)}（至{self.format.month(debt.promo.until)}），此后 "
            f"{self.format.rate(debt.apr)}"
        )

    @override
    def total(self, amount: Decimal) -> str:
        return f"**{self.format.money(amount)}**"

    @override
    def warning(self, warning: HealthWarning) -> str:
        about = f"**{escaped(warning.debt)}**：" if warning.debt else ""
        said = self.warned(WARNINGS, warning)
        return about + (said or f"需要留意（{warning.code.replace('_', ' ')}）。")

    @override
    def deferred(self, debt: DebtFact) -> str:
        until = "" if debt.promo is None else f"在{self.format.month(debt.promo.until)}之前"
        return f"**{escaped(debt.name)}**：如果没有{until}全部还清，此前缓收的利息会一次性补收。"

    @override
    def fee(self, debt: DebtFact) -> str:
        if debt.flat_fee is None:
            return ""
        rate = self.format.rate(debt.flat_fee.monthly_rate)
        text = f"**{escaped(debt.name)}**：每月按原始本金收 {rate} 的手续费，不随余额减少，"
        true = debt.flat_fee.true_apr
        number = "" if true is None else f"（{self.format.rate(true)}）"
        text += f"所以实际年化利率{number}远高于费率看上去的水平。"
        return text if debt.flat_fee.refundable else text + "提前还清也省不了钱，剩余的手续费仍要付。"

    @override
    def missed(self, missed: MissedMinimum) -> str:
        paid, minimum = self.format.money(missed.paid), self.format.money(missed.minimum)
        if not missed.paid:
            return f"**{escaped(missed.debt)}**：{self.format.month(missed.month)}最低应还 {minimum}，完全没有钱可付。"
        return f"**{escaped(missed.debt)}**：{self.format.month(missed.month)}最低应还 {minimum}，只够还 {paid}。"

    @override
    def endless(self, facts: Findings) -> str:
        paid = "" if facts.monthly is None else f"还款 {self.format.money(facts.monthly)}，"
        return (
            f"按目前的还款，债务永远还不清：第一个月{paid}新增利息 {self.format.money(facts.health.monthly_interest)}。"
        )

    @override
    def no_warnings(self) -> str:
        return "从这些数字看，没有需要特别担心的地方。"

    @override
    def closing(self, facts: Findings) -> str:
        return (
            "以上数字由规划程序根据您提供的资料逐月计算，精确到分；利率、费用或还款一有变化，结果也会变化。"
            "本文不构成法律或税务意见。"
        )

    def _nothing_owed(self, facts: Findings) -> str:
        return "您没有欠款：各笔余额都是零，没有需要偿还的款项，也就不需要还款计划。"

    def _paid_off(self, facts: Findings) -> str:
        plan, money = facts.plan, self.format.money
        begin = "每月" if facts.is_steady else "起初每月"
        pay = "" if facts.monthly is None else f"{begin}一共还 **{money(facts.monthly)}**"
        most = "剩下的主要先还" if facts.is_optimal else "剩下的先还"
        first = f"，付清各笔最低还款额后，{most}{quoted(facts.target)}" if facts.target else ""
        if len(facts.open_debts) == 1:
            first = f"给{quoted(facts.open_debts[0].name)}"
        when = f"这样到 **{self._when(plan.debt_free)}** 可以全部还清，历时{self._long(plan.months)}，"
        cost = f"利息和费用合计 {money(plan.interest_and_fees)}{self._saved(facts)}。"
        return (f"{pay}{first}。" if pay else "") + when + cost

    def _minimums_only(self, facts: Findings) -> str:
        plan, money = facts.plan, self.format.money
        text = f"您没有给出每月预算，因此以下按只付最低还款额计算，起初每月 {money(facts.health.monthly_minimums)}。"
        text += (
            f"照这样要到 **{self._when(plan.debt_free)}** 才能还清，历时{self._long(plan.months)}，利息和费用合计 "
            f"{money(plan.interest_and_fees)}。"
        )
        return text + (self.what_if(facts.helpful) if facts.helpful else "")

    def _never(self, facts: Findings) -> str:
        below = facts.warnings("minimum_below_interest")
        names = "、".join(quoted(one.debt) for one in below[:2] if one.debt)
        text = "按目前的还款，**这些债务永远还不清**"
        text += f"：还给{names}的钱连利息都不够。" if names else "：还的钱都被利息吃掉了。"
        return text + (self.what_if(facts.helpful) if facts.helpful else "")

    def _shortfall(self, facts: Findings) -> str:
        plan, money = facts.plan, self.format.money
        text = (
            f"**每月的钱不够付最低还款额**：{self.format.month(facts.health.month)}各笔最低还款额合计 "
            f"{money(facts.health.monthly_minimums)}"
        )
        text += f"，而实际只还 {money(facts.monthly)}。" if facts.monthly is not None else "。"
        if plan.missed_cost:
            text += f"还不足最低还款额会多付滞纳金和罚息 {money(plan.missed_cost)}。"
        if plan.required_budget is not None:
            text += f"每月至少要有 **{money(plan.required_budget)}**，才能付清每一笔最低还款额。"
            found = facts.with_budget(plan.required_budget)
            text += self.what_if(found) if found else ""
        return text

    def _saved(self, facts: Findings) -> str:
        minimum, saved = facts.minimum_only, facts.plan.saved_vs_minimum
        if minimum is not None and minimum.status is PlanStatus.NEVER_PAID_OFF:
            return "；如果只付最低还款额，这些债务永远还不清"
        if saved is None or saved <= 0 or facts.plan.strategy == "minimum_only":
            return ""
        return f"，比只付最低还款额少付 {self.format.money(saved)}"

    def _against(self, facts: Findings) -> str:
        compared = f"在比较的 {facts.comparison.count} 种策略中，"
        if facts.is_indifferent:
            return compared + "结果完全相同，选您最能坚持的一种就好。"
        if facts.above_best:
            less = self.format.money(facts.above_best)
            said = f"没有更省的还款顺序。最优还款逐月另定金额，总共也只少付 {less}，所以按这个简单的顺序还就一样好。"
        else:
            said = compared + "没有比它更省的。"
        return said + (self.versus(facts.rival, facts) if facts.rival else "")

    def _proof(self, facts: Findings) -> str:
        bound, paid = facts.comparison.no_plan_pays_less_than, facts.plan.total_paid
        if bound is None:
            return ""
        if bound == paid:
            return f"已经证明，任何方案的总还款都不会低于本方案的 {self.format.money(paid)}。"
        return (
            f"已经证明，任何方案的总还款都不会低于 {self.format.money(bound)}；"
            f"本方案的总还款为 {self.format.money(paid)}。"
        )

    def _offers(self, facts: Findings) -> str:
        taken = [
            f"{self.format.month(one.month)}对{quoted(one.debt)}中的 {self.format.money(one.amount)} "
            f"采用{quoted(one.offer)}，费用 {self.format.money(one.cost)}"
            for one in facts.plan.offers_taken
        ]
        return f"其中采用了这些优惠：{'；'.join(taken)}。" if taken else ""

    def _shares(self, facts: Findings) -> list[str]:
        health, rate = facts.health, self.format.rate
        said: list[str] = []
        if health.debt_to_income is not None:
            said.append(f"最低还款额占您收入的 {rate(health.debt_to_income)}。")
        if health.utilisation is not None:
            said.append(f"有信用额度的账户，额度已用 {rate(health.utilisation)}。")
        return said

    def _when(self, month: str | None) -> str:
        return self.format.month(month) if month else "遥遥无期"

    def _long(self, months: int | None) -> str:
        return self.format.duration(months) if months is not None else "遥遥无期"
