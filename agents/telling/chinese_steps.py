"""Chinese words for single points: the client's questions, next steps, and advice without figures."""

from decimal import Decimal

from typing_extensions import override

from agents.case.findings import Findings, Situation
from agents.checking.grounding import escaped
from agents.prose import text
from agents.reading.question import Topic
from agents.telling.care_words import HARD_TO_PAY, counselling_words
from agents.telling.voice import Voice
from data.answers.health import HealthWarning
from data.answers.plan import PlanStatus
from data.wire.case_facts import BudgetTried, ComparedOutcome
from data.wire.task_result import Advice


class ChineseSteps(Voice):
    """The single points of a Chinese report."""

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
        name = self.strategy(outcome.strategy)
        if outcome.strategy == facts.plan.strategy:
            among = "还款顺序" if facts.above_best else "策略"
            return f"对您的债务来说，{name}是比较过的{among}中最省的。"
        if outcome.status is PlanStatus.NEVER_PAID_OFF:
            return f"如果{name}，债务永远还不清。"
        more, longer = outcome.more_than_recommended, outcome.months_longer_than_recommended
        return "" if more is None or longer is None else self._more(name, outcome, more, longer)

    @override
    def what_if(self, found: BudgetTried) -> str:
        money, after = self.format.money, found.after
        if after.status is PlanStatus.NEVER_PAID_OFF or after.debt_free is None or after.months is None:
            return f"即使每月还 {money(found.monthly)}，也还不清这些债务。"
        text = (
            f"如果每月一共还 {money(found.monthly)}，到{self.format.month(after.debt_free)}可以全部还清，"
            f"历时{self.format.duration(after.months)}"
        )
        if after.status is PlanStatus.SHORTFALL:
            return text + "，不过其间会有几次付不足最低还款额。"
        sooner, less = found.difference.months_sooner, found.difference.interest_less
        if sooner is not None and sooner > 0 and less is not None and less > 0:
            return text + f"，提前{sooner}个月，少付利息 {money(less)}。"
        if sooner is not None and sooner < 0 and less is not None and less < 0:
            return text + f"，推迟{-sooner}个月，多付利息 {money(-less)}。"
        return text + f"，利息和费用合计 {money(after.interest_and_fees)}。"

    @override
    def partly(self) -> str:
        return "以下数字回答的是您的问题中可以计算的部分。"

    @override
    def step(self, advice: Advice) -> str:
        words = STEP_WORDS[advice.code]
        amounts = {name: self.format.money(amount) for name, amount in advice.amounts.items()}
        rates = {name: self.format.rate(rate) for name, rate in advice.rates.items()}
        month = self.format.month(advice.month) if advice.month else ""
        debt = quoted(advice.debt) if advice.debt else ""
        offer = quoted(advice.offer) if advice.offer else ""
        text = words.format(debt=debt, offer=offer, month=month, **amounts, **rates)
        if advice.code in HARD_TO_PAY:
            text += counselling_words(self.format.language, self.format.currency)
        return text + (self._gain(advice, amounts) if advice.code == "pay_more" else "")

    @override
    def without_figures(self, owed: str | None, asked: list[Topic]) -> str:
        special = "".join(f"\n\n{TOPIC_WORDS[topic]}" for topic in asked if topic in TOPIC_WORDS)
        said = f"您提到欠款 {owed}。" if owed else ""
        return text("without_figures_zh").format(said=said, special=special)

    def _gain(self, advice: Advice, amounts: dict[str, str]) -> str:
        sooner = f"提前{advice.months}个月" if advice.months else ""
        saved = f"少付利息 {amounts['interest_less']}" if "interest_less" in amounts else ""
        gain = "，".join(part for part in (sooner, saved) if part)
        return f"，{gain}。" if gain else "。"

    def _new_loan(self, facts: Findings) -> str:
        rate, dearest = self.format.rate, facts.dearest_rate
        return (
            "新贷款有没有帮助，要看它的利率和手续费，这些不在现有数字里。可以用来对照的是："
            f"您的债务目前平均年利率为 {rate(facts.health.weighted_apr)}，最高的是{quoted(dearest.name)}，"
            f"{'优惠期过后' if dearest.promo else ''}年利率 {rate(dearest.apr)}。"
            "只有把手续费算进去的真实年化成本低于被替换的债务，新贷款才有帮助。"
        )

    def _after_promotions(self, facts: Findings) -> str:
        told = [self._after_promotion(facts, one) for one in facts.promotions_ending]
        return "".join(told) or "您的债务中没有即将到期的优惠利率。"

    def _after_promotion(self, facts: Findings, warning: HealthWarning) -> str:
        name, month = quoted(warning.debt or ""), self.format.month(warning.month or "")
        before, after = (self.format.rate(warning.rates[each]) for each in ("before", "after"))
        text = f"{month}之后，{name}的年利率从 {before} 升到 {after}。"
        cleared, beaten = facts.cleared(warning.debt), facts.beaten(warning.debt)
        if cleared is not None:
            in_time = "，赶在那之前" if cleared <= (warning.month or "") else ""
            text += f"按本方案，{self.format.month(cleared)}可以还清{in_time}。"
        if beaten is not None:
            money = self.format.money
            text += f"如果每月一共还 {money(beaten.monthly)}，就能及时还清，利息少付 {money(beaten.interest_less)}。"
        return text

    def _when_free(self, facts: Findings) -> str:
        is_open = facts.situation is Situation.SHORTFALL and facts.plan.months is None
        return "按目前的还款，没有还清的一天：债务不会结束。" if is_open else ""  # else the lead has said it

    def _which_first(self, facts: Findings) -> str:
        if facts.target is None or len(facts.open_debts) == 1 or facts.situation is Situation.PAID_OFF:
            return ""  # there is no choice, or the lead has said it
        return f"各笔最低还款额照付，剩下的钱先还{quoted(facts.target)}。"

    def _how_much(self, facts: Findings) -> str:
        if facts.plan.months is None:
            return ""
        return (
            f"您一共要还 {self.format.money(facts.plan.total_paid)}，其中利息和费用 "
            f"{self.format.money(facts.plan.interest_and_fees)}。"
        )

    def _more(self, name: str, outcome: ComparedOutcome, more: Decimal, longer: int) -> str:
        if more == 0 and longer == 0:
            return f"{name}的结果完全相同。"
        if more < 0:
            return f"{name}总共少付 {self.format.money(-more)}。"
        text = f"{name}要多付 {self.format.money(more)}"
        text += f"，多花{longer}个月" if longer > 0 else ""
        if outcome.strategy != "minimum_only" and outcome.first_cleared and outcome.first_cleared_month:
            text += (
                f"，第一笔还清的是{quoted(outcome.first_cleared)}，在{self.format.month(outcome.first_cleared_month)}"
            )
        return text + "。"


def quoted(name: str) -> str:
    """A name inside a sentence: Markdown's bold fails between Chinese characters when the name ends in a bracket."""
    return f"“{escaped(name)}”"


TOPIC_WORDS = {
    Topic.OVERDUE: (
        "如果已经有逾期，先联系那一家：说明每月能还多少、什么时候还，并询问哪些费用可以减免。"
        "对方拿不出书面的债权证明之前，不要付款给任何催收方。"
    ),
    Topic.LEGAL: "协商减免、诉讼和破产属于法律问题，这些数字无法判断；签字之前，请咨询律师或正规的公益咨询机构。",
    Topic.NEW_LOAN: "用新贷款还旧债，只有把手续费算进去的真实年化成本低于被替换的债务，才有帮助。",
}
HARDSHIP = (
    "现在就向每家机构书面申请协商还款：信用卡可以谈个性化分期，贷款可以谈延期、展期或降低月供，并要求书面答复。"
    "可以请正规的公益咨询机构帮您一起谈；医院的账单先问有没有救助或减免。减免结清、诉讼或破产是否更好，请咨询律师。"
)
STEP_WORDS = {
    "keep_it_so": "常用的账户每月全额还清，把现在空出来的钱存作备用金。",
    "cover_minimums": (
        "想办法每月凑到 {required}：减少开支、增加收入，或者申请降低月供。低于这个数，就会有最低还款额付不上。"
    ),
    "beyond_income": (
        "不要承诺做不到的事：最低还款额每月要 {required}，比全部收入 {income} 还多，换什么还款顺序都改变不了。"
        f"{HARDSHIP}"
    ),
    "little_to_live_on": (
        f"先算清生活要花多少，再答应每月还 {{required}}：收入 {{income}} 扣掉它只剩 {{left}} 过日子。{HARDSHIP}"
    ),
    "call_lender": (
        "在{month}付不足最低还款额之前，先联系{debt}的贷款机构：申请困难还款安排或降低月供，并要求书面答复。"
    ),
    "pay_above_interest": "{debt}每月要还到 {interest} 以上：最低还款额 {minimum} 还不够付利息。",
    "pay_first": "每月一共还 {monthly}，付清各笔最低还款额后，剩下的全部还给{debt}，直到还清。",
    "take_offer": "{month}对{debt}中的 {amount} 采用{offer}，费用 {cost}；签字之前请核对条款。",
    "pay_planned": "每月一共还 {monthly}，按还款表上的金额支付；付清各笔最低还款额后，剩下的主要先还{debt}。",
    "pay_only_debt": "每月还 {monthly} 给{debt}，直到还清。",
    "automate_minimums": "为最低还款额设置自动还款（本月 {minimums}），避免逾期。",
    "watch_promo": (
        "把{month}记在日历上：此后{debt}的年利率从 {before} 升到 {after}，在那之前安排好剩余部分的还清或转出。"
    ),
    "beat_promo": (
        "尽量每月一共拿出 {monthly}：这样{debt}在{month}就能还清，赶在年利率从 {before} 升到 {after} 之前，"
        "利息少付 {interest_less}。"
    ),
    "set_aside": "每月为{debt}存下 {monthly}：{month}要一次还清 {balloon}。",
    "challenge_rate": (
        "书面联系{debt}的出借方：年利率 {apr} 高于法律允许的 {cap}，请对方降低利率，并请律师或债务顾问看一下合同。"
    ),
    "pay_more": "如果每月一共能拿出 {monthly}，到{month}就能全部还清",
    "ask_lower_rate": "联系{debt}的贷款机构，申请降低目前 {apr} 的年利率：只要打一个电话，有时会成功。",
    "stop_using": "在余额降下来之前，不要再用{debt}。",
    "set_budget": "确定每月一共能还多少，再用这个数重新计算：只要高于最低还款额，就能更早还清。",
    "no_new_debt": "执行方案期间不要新增债务；同一张卡上的新消费会让努力白费。",
}
WARNINGS = {
    "minimum_below_interest": "最低还款额 {minimum} 还不够当月利息 {interest}，只付最低的话，这笔债会越滚越大。",
    "promo_ends": "{month}之后，年利率从 {before} 升到 {after}。目前余额 {balance}，到时没还完的部分按高利率计息。",
    "promo_ends.monthly": "每月还 {monthly} 可以在到期前还清。",
    "promo_ends.deferred": "如果只付最低，此前缓收的利息 {deferred} 会一次性补收。",
    "rate_above_cap": (
        "年利率 {apr} 高于{rule}，即 {cap}（{source}）。请书面要求对方降低利率，并请律师或债务顾问看一下合同。"
    ),
    "persistent_debt": (
        "只付最低的话，{months}个月里利息和费用占去 {cost}，真正还到本金的只有 {principal}，监管上称为“持续性债务”。"
    ),
    "balloon_ahead": "{month}要一次还清 {balloon}。从现在起每月存下 {monthly}，或尽早与对方商定别的还法。",
    "high_utilisation": "额度已用 {utilisation}，既影响征信，遇到急事也没有余地。",
    "high_utilisation.to_pay": "还掉 {to_pay} 就能降到八成。",
    "budget_below_minimums": "每月预算 {budget} 低于最低还款额合计 {minimums}。",
    "no_income_left": "最低还款额合计 {minimums}，已经用尽全部收入 {income}。",
}
