"""Plans as figures. Each debt and each strategy keeps its colour, and its dash, on every chart.

Knows nothing of Streamlit or HTTP; the words come from the caller.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from datetime import date
from decimal import Decimal

import plotly.graph_objects as go

from dashboard.text import Words
from data.answers.plan import Plan
from data.month import month_at, month_index, shift_month

# The same ten stand in .streamlit/config.toml, in this order.
PALETTE = (
    "#0072B2",
    "#E69F00",
    "#009E73",
    "#CC79A7",
    "#56B4E9",
    "#D55E00",
    "#332288",
    "#999933",
    "#882255",
    "#6B7280",
)
STRATEGIES = (
    "minimum_only",
    "snowball",
    "avalanche",
    "cash_flow_index",
    "highest_utilisation",
    "balance_matching",
    "custom",
    "optimal",
)
STRATEGY_COLOURS: dict[str, str] = dict(zip(STRATEGIES, ("#6B7280", *PALETTE[:7]), strict=True))
DASHES: dict[str, str] = dict(
    zip(STRATEGIES, ("dot", "dash", "solid", "dashdot", "longdash", "longdashdot", "dot", "solid"), strict=True)
)
MOST_DEBTS = 9  # the tenth colour is that of all the others together
MOST_LETTERS = 28  # a longer name is cut in its middle
MOST_MONTHS = 360  # a plan that never ends is drawn for thirty years
TICK_STEPS = (1, 2, 3, 4, 6, 12, 24, 36, 60)  # months
TEXT_COLOUR, GRID_COLOUR = "#33414F", "#E1E6EC"


def stacked_balance(plan: Plan, words: Words) -> go.Figure:
    """What is left of each debt, month by month, one on top of the other."""
    currency = plan.currency
    series, months = balances(plan, words)
    labels = labels_of(list(series))
    figure = go.Figure()
    for place, (debt, amounts) in enumerate(series.items()):
        colour = PALETTE[min(place, len(PALETTE) - 1)]
        figure.add_scatter(
            x=[_day(month) for month in months],
            y=[float(amount) for amount in amounts],
            name=labels[debt],
            stackgroup="balance",
            mode="lines",
            line={"width": 0.8, "color": colour},
            fillcolor=_faded(colour),
            customdata=[
                [words.month(month), words.money(y, currency)] for month, y in zip(months, amounts, strict=True)
            ],
            hovertemplate="%{customdata[1]}",
        )
    _style(figure, words, currency)
    if months:
        _months_apart(figure, month_index(months[0]), month_index(months[-1]))
    figure.update_layout(hovermode="x unified")
    return figure


def balances(plan: Plan, words: Words) -> tuple[dict[str, list[Decimal]], list[str]]:
    """Each debt's balance at the start of each month and after the last; small debts beyond the ninth are summed."""
    opening: dict[str, dict[str, Decimal]] = defaultdict(dict)
    closing: dict[str, Decimal] = {}
    for row in plan.schedule:
        opening[row.debt][row.month] = row.opening
        closing[row.debt] = row.closing
    months = sorted({row.month for row in plan.schedule})[:MOST_MONTHS]
    if not months:
        return {}, []
    after = shift_month(months[-1], 1)
    series = {
        debt: [of_debt.get(month, Decimal(0)) for month in months] + [of_debt.get(after, closing[debt])]
        for debt, of_debt in opening.items()
    }
    # The largest at the bottom of the stack, where it is read best.
    ranked = sorted(series, key=lambda debt: -series[debt][0])
    kept = {debt: series[debt] for debt in ranked[:MOST_DEBTS]}
    if len(ranked) > MOST_DEBTS:
        others = [series[debt] for debt in ranked[MOST_DEBTS:]]
        kept[words.t("chart.other_debts", count=len(others))] = [
            sum(each, Decimal(0)) for each in zip(*others, strict=True)
        ]
    return kept, [*months, after]


def cumulative_interest(plans: Sequence[Plan], words: Words, chosen: str) -> go.Figure:
    """Interest and fees paid so far, by strategy; the chosen one is the thickest line."""
    figure = go.Figure()
    # The chosen one last, so that it is drawn over the others.
    for plan in sorted(plans, key=lambda each: each.strategy == chosen):
        months, amounts = interest_so_far(plan)
        figure.add_scatter(
            x=[_day(month) for month in months],
            y=[float(amount) for amount in amounts],
            name=words.t(f"strategy.{plan.strategy}"),
            mode="lines",
            line={
                "color": STRATEGY_COLOURS[plan.strategy],
                "dash": DASHES[plan.strategy],
                "width": 3.5 if plan.strategy == chosen else 2,
            },
            customdata=[
                [words.month(month), words.money(amount, plan.currency)]
                for month, amount in zip(months, amounts, strict=True)
            ],
            hovertemplate="%{customdata[0]}: %{customdata[1]}",
        )
    _style(figure, words, plans[0].currency)
    start, months = month_index(plans[0].start), _months_worth_showing(plans)
    _months_apart(figure, start, start + months)
    figure.update_xaxes(range=[_day(month_at(start)), _day(month_at(start + months))])
    figure.update_yaxes(range=[0, _most_interest(plans, months) * 1.05])
    return figure


def _months_worth_showing(plans: Sequence[Plan]) -> int:
    """As far as the strategies need that pay more than the minimums, and half as far again."""
    active = [plan.months for plan in plans if plan.months is not None and plan.strategy != "minimum_only"]
    longest = max(len(interest_so_far(plan)[0]) for plan in plans)
    return max(2, min(longest, max(active) * 3 // 2)) if active else max(2, longest)


def _most_interest(plans: Sequence[Plan], months: int) -> float:
    return float(max(interest_so_far(plan)[1][:months][-1] for plan in plans))


def interest_so_far(plan: Plan) -> tuple[list[str], list[Decimal]]:
    """The months of a plan, and what interest and fees have come to by the end of each."""
    by_month: dict[str, Decimal] = defaultdict(Decimal)
    for row in plan.schedule:
        by_month[row.month] += row.interest + row.fees
    # A plan that never ends would press all others together.
    months, so_far, total = sorted(by_month)[:MOST_MONTHS], [], Decimal(0)
    for month in months:
        total += by_month[month]
        so_far.append(total)
    return months, so_far


def payoff_timeline(plan: Plan, words: Words) -> go.Figure:
    """From when to when each debt is paid, the first cleared on top; one that never ends is hatched."""
    ordered = sorted(plan.debts, key=lambda debt: (debt.paid_off or "9999-99", debt.name), reverse=True)
    start = month_index(plan.start)
    last = max([month_index(debt.paid_off) for debt in ordered if debt.paid_off] or [start + 60])
    ends = [month_index(debt.paid_off) if debt.paid_off else last + 12 for debt in ordered]
    ends_said = [
        words.month(debt.paid_off, short=True) if debt.paid_off else words.t("chart.not_paid") for debt in ordered
    ]
    order = list(balances(plan, words)[0])
    colours = [PALETTE[order.index(debt.name)] if debt.name in order else PALETTE[-1] for debt in ordered]
    figure = go.Figure(
        go.Bar(
            y=list(labels_of([debt.name for debt in ordered]).values()),
            base=[_day(plan.start)] * len(ordered),
            # A date axis takes the length of a bar in milliseconds.
            x=[_milliseconds(start, end + 1) for end in ends],
            orientation="h",
            marker={"color": colours, "pattern": {"shape": ["" if debt.paid_off else "/" for debt in ordered]}},
            text=ends_said,
            textposition="outside",
            cliponaxis=False,
            width=0.55,
            customdata=[[words.money(debt.interest, plan.currency)] for debt in ordered],
            hovertemplate="%{y}: %{text} · " + words.t("column.interest") + " %{customdata[0]}<extra></extra>",
        )
    )
    _style(figure, words, plan.currency)
    room = max(1, (max(ends) - start) // 5)
    _months_apart(figure, start, max(ends) + room)
    figure.update_xaxes(type="date", range=[_day(plan.start), _day(month_at(max(ends) + room))])
    figure.update_yaxes(tickprefix="", tickformat=None, showgrid=False, type="category")
    figure.update_layout(showlegend=False, height=max(220, 60 + 44 * len(ordered)))
    return figure


def _style(figure: go.Figure, words: Words, currency: str) -> None:
    """The look that all charts share."""
    figure.update_layout(
        height=400,
        margin={"l": 8, "r": 12, "t": 12, "b": 8},
        legend={"orientation": "h", "yanchor": "top", "y": -0.18, "x": 0, "title": None},
        paper_bgcolor="rgba(0,0,0,0)",
        plot_bgcolor="rgba(0,0,0,0)",
        font={"color": TEXT_COLOUR, "size": 13},
        hoverlabel={"namelength": -1},
        separators=".,",
    )
    ticks = {"color": TEXT_COLOUR, "size": 12}
    tick = {"en": "%b %Y", "zh": "%Y年%-m月"}[words.language]
    figure.update_xaxes(
        tickformat=tick, hoverformat=tick, gridcolor=GRID_COLOUR, automargin=True, zeroline=False, tickfont=ticks
    )
    figure.update_yaxes(
        tickprefix=words.symbol(currency),
        tickformat=",.0f",
        gridcolor=GRID_COLOUR,
        automargin=True,
        zeroline=False,
        rangemode="tozero",
        tickfont=ticks,
    )


def _months_apart(figure: go.Figure, start: int, end: int) -> None:
    """Ticks on the first of a month, about seven of them."""
    step = next((step for step in TICK_STEPS if step * 7 >= end - start), TICK_STEPS[-1])
    figure.update_xaxes(dtick=f"M{step}", tick0=_day(month_at(start)))


def labels_of(names: Sequence[str]) -> dict[str, str]:
    """Names as Plotly shows them: without markup, not wider than the chart, and no two alike."""
    labels: dict[str, str] = {}
    for place, name in enumerate(names, 1):
        short = name if len(name) <= MOST_LETTERS else f"{name[:12]}…{name[-15:]}"
        # Plotly takes names for a little HTML.
        plain = short.replace("&", "&amp;").replace("<", "&lt;")
        labels[name] = plain if plain not in labels.values() else f"{plain} ({place})"
    return labels


def _day(month: str) -> date:
    return date(int(month[:4]), int(month[5:]), 1)


def _milliseconds(start: int, end: int) -> float:
    return (_day(month_at(end)) - _day(month_at(start))).days * 86_400_000


def _faded(colour: str) -> str:
    red, green, blue = (int(colour[place : place + 2], 16) for place in (1, 3, 5))
    return f"rgba({red},{green},{blue},0.72)"
