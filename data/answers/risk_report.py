"""How a plan may turn out when things go wrong, as it goes over the wire.

A quantile is the smallest value of a scenario that at least so many scenarios do not exceed (`inverted_cdf` in NumPy):
an amount is one that came up, in whole minor units. A scenario that never ends has endless months, interest and total:
a quantile that falls on one is null.
"""

from pydantic import BaseModel, ConfigDict

from data.answers.plan import Cash, PlanStatus
from data.answers.risk import Assumptions
from data.month import Month


class _Wire(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


class AmountQuantiles(_Wire):
    """Amounts that 5, 25, 50, 75 and 95 % of the scenarios do not exceed; null is without end."""

    p5: Cash | None
    p25: Cash | None
    p50: Cash | None
    p75: Cash | None
    p95: Cash | None


class MonthQuantiles(_Wire):
    """Months until debt-free that 5, 25, 50, 75 and 95 % of the scenarios do not exceed; null is never."""

    p5: int | None
    p25: int | None
    p50: int | None
    p75: int | None
    p95: int | None


class FanMonth(_Wire):
    """What is owed in all at the end of a month, and the share of scenarios in which nothing is."""

    month: Month
    owed: AmountQuantiles
    debt_free: float


class WithoutRisk(_Wire):
    """The same strategy where nothing goes wrong; `months` and `debt_free` are null where it never ends."""

    status: PlanStatus
    months: int | None
    debt_free: Month | None
    total_interest: Cash
    total_paid: Cash


class StrategyRisk(_Wire):
    """How one strategy may turn out.

    Attributes:
        debt_free_by: the probability of being debt-free by the report's month `by`; null where that is null.
        never_paid_off: of never being so.
        missed_minimum: of missing any minimum in the whole plan; minimums_missed: how many in the mean.
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
    """One input at another value, the rest as they are: the medians; null is never."""

    value: float
    months: int | None
    interest: Cash | None


class TornadoBar(_Wire):
    """One input at a low and a high value; swings are the differences, null where one end never ends.

    `input` is the path of an assumption (`income_loss.probability`), `budget` or `income` (times), or `apr`
    (added to each rate).
    """

    input: str
    low: TornadoEnd
    high: TornadoEnd
    swing_months: int | None = None
    swing_interest: Cash | None = None


class Tornado(_Wire):
    """What matters most: each input changed alone, on the same draws, the widest swing of interest first."""

    strategy: str
    scenarios: int
    months: int | None
    interest: Cash | None
    bars: list[TornadoBar]


class RiskReport(_Wire):
    """How a plan may turn out, for each strategy, in so many scenarios; `assumptions` are those in force."""

    currency: str
    start: Month
    by: Month | None
    scenarios: int
    seed: int
    assumptions: Assumptions
    strategies: list[StrategyRisk]
    tornado: Tornado | None
    version: str
