"""How a plan may turn out when things go wrong, as it goes over the wire.

A quantile is the smallest value of a scenario that at least so many scenarios do not exceed (`inverted_cdf` in NumPy):
an amount is one that came up, in whole minor units. A scenario that never ends has endless months, interest and total:
a quantile that falls on one is null.
"""

from pydantic import BaseModel, ConfigDict

from data.answers.plan import Cash, PlanStatus
from data.answers.risk import Assumptions
from data.month import Month
from data.wording.described import Described


class _Wire(Described, BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


class AmountQuantiles(_Wire):
    """Amounts that 5, 25, 50, 75 and 95 % of the scenarios do not exceed; null is without end.

    Attributes:
        p5: what 5 % of the scenarios do not exceed.
        p25: what 25 % of them do not exceed.
        p50: what half of them do not exceed: the median.
        p75: what 75 % of them do not exceed.
        p95: what 95 % of them do not exceed.
    """

    p5: Cash | None
    p25: Cash | None
    p50: Cash | None
    p75: Cash | None
    p95: Cash | None


class MonthQuantiles(_Wire):
    """Months until debt-free that 5, 25, 50, 75 and 95 % of the scenarios do not exceed; null is never.

    Attributes:
        p5: the months that 5 % of the scenarios do not exceed.
        p25: the months that 25 % of them do not exceed.
        p50: the months that half of them do not exceed: the median.
        p75: the months that 75 % of them do not exceed.
        p95: the months that 95 % of them do not exceed.
    """

    p5: int | None
    p25: int | None
    p50: int | None
    p75: int | None
    p95: int | None


class FanMonth(_Wire):
    """What is owed in all at the end of a month, and the share of scenarios in which nothing is.

    Attributes:
        month: the month.
        owed: what is owed in all at its end.
        debt_free: the share of scenarios in which nothing is, from 0 to 1.
    """

    month: Month
    owed: AmountQuantiles
    debt_free: float


class WithoutRisk(_Wire):
    """The same strategy where nothing goes wrong; `months` and `debt_free` are null where it never ends.

    Attributes:
        status: how the plan ends.
        months: months until debt-free; null where it never ends.
        debt_free: the month in which the last debt is paid off; null where it never ends.
        total_interest: all interest over the whole plan.
        total_paid: all that is paid over the whole plan.
    """

    status: PlanStatus
    months: int | None
    debt_free: Month | None
    total_interest: Cash
    total_paid: Cash


class StrategyRisk(_Wire):
    """How one strategy may turn out.

    Attributes:
        strategy: the order in which debts are paid.
        without_risk: how its plan ends where nothing goes wrong.
        months: months until debt-free over the scenarios.
        interest: all interest over the scenarios.
        total_paid: all that is paid over the scenarios.
        debt_free_by: the probability of being debt-free by the report's month `by`, from 0 to 1; null where that is
            null.
        never_paid_off: the probability of never being debt-free, from 0 to 1.
        missed_minimum: the probability of missing any minimum in the whole plan, from 0 to 1.
        minimums_missed: how many minimums are missed in the mean.
        fan: what is owed month by month.
    """

    strategy: str
    without_risk: WithoutRisk
    months: MonthQuantiles
    interest: AmountQuantiles
    total_paid: AmountQuantiles
    debt_free_by: float | None
    never_paid_off: float
    missed_minimum: float
    minimums_missed: float
    fan: list[FanMonth]


class TornadoEnd(_Wire):
    """One input at another value, the rest as they are: the medians; null is never.

    Attributes:
        value: the input's value at this end.
        months: the median of months until debt-free; null where that is never.
        interest: the median of all interest; null where that is without end.
    """

    value: float
    months: int | None
    interest: Cash | None


class TornadoBar(_Wire):
    """One input at a low and a high value; swings are the differences, null where one end never ends.

    `input` is the path of an assumption (`income_loss.probability`), `budget` or `income` (times), or `apr`
    (added to each rate).

    Attributes:
        input: the path of an assumption (`income_loss.probability`), `budget` or `income` (times), or `apr` (added to
            each rate).
        low: the medians at the low value.
        high: the medians at the high value.
        swing_months: how far the medians of months lie apart; null where one end never ends.
        swing_interest: how far the medians of interest lie apart; null where one end never ends.
    """

    input: str
    low: TornadoEnd
    high: TornadoEnd
    swing_months: int | None = None
    swing_interest: Cash | None = None


class Tornado(_Wire):
    """What matters most: each input changed alone, on the same draws, the widest swing of interest first.

    Attributes:
        strategy: the order in which debts are paid.
        scenarios: how many scenarios each end is of.
        months: the median of months with every input as it is; null is never.
        interest: the median of all interest with every input as it is; null is without end.
        bars: each input, the widest swing of interest first.
    """

    strategy: str
    scenarios: int
    months: int | None
    interest: Cash | None
    bars: list[TornadoBar]


class RiskReport(_Wire):
    """How a plan may turn out, for each strategy, in so many scenarios; `assumptions` are those in force.

    Attributes:
        currency: the portfolio's currency, by its ISO 4217 code.
        start: the first planned month.
        by: the month that `debt_free_by` is about; null where the plan without risk never ends and none was named.
        scenarios: how many courses of events were drawn.
        seed: the seed that they were drawn from: the same one gives the same answer.
        assumptions: those in force, defaults included.
        strategies: each strategy's report, in the order asked for.
        tornado: what matters most; null where it was not asked for.
        version: which version of the planner made it.
    """

    currency: str
    start: Month
    by: Month | None
    scenarios: int
    seed: int
    assumptions: Assumptions
    strategies: list[StrategyRisk]
    tornado: Tornado | None
    version: str
