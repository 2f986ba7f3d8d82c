"""Cases whose figures texts may state: real portfolios through the planner, as an agent's answer gathers them."""

import json
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

from agents.case.case import Case
from agents.checking.facts import Facts
from agents.running.answer import gather
from agents.running.checkpoint import Conversation
from data.portfolio.portfolio import Portfolio
from data.wire.task import TaskType

SAMPLES = Path(__file__).parents[3] / "data" / "samples"
THREE = {
    "currency": "USD",
    "start": "2026-12",
    "income": "4300.00",
    "budget": {"monthly": "910.00"},
    "debts": [
        {"name": "Chase card", "kind": "credit_card", "balance": "7345.60", "apr": 0.2374},
        {
            "name": "Honda loan",
            "kind": "auto_loan",
            "balance": "11872.15",
            "apr": 0.0619,
            "minimum": {"type": "level", "months": 41},
        },
        {
            "name": "Hospital",
            "kind": "medical",
            "balance": "2218.40",
            "apr": 0.0355,
            "minimum": {"type": "fixed", "amount": "90.00"},
        },
    ],
}
四笔 = {
    "currency": "CNY",
    "start": "2026-12",
    "income": "13600.00",
    "budget": {"monthly": "5200.00"},
    "debts": [
        {"name": "招商信用卡", "kind": "credit_card", "balance": "38460.50", "apr": 0.1825},
        {
            "name": "花呗",
            "kind": "bnpl",
            "balance": "9275.00",
            "apr": 0.1460,
            "minimum": {"type": "percent", "rate": 0.1},
        },
        {
            "name": "微粒贷",
            "kind": "personal_loan",
            "balance": "26340.00",
            "apr": 0.1278,
            "minimum": {"type": "level", "months": 20},
        },
        {
            "name": "车贷",
            "kind": "auto_loan",
            "balance": "71150.00",
            "apr": 0.0585,
            "minimum": {"type": "level", "months": 33},
        },
    ],
}


@dataclass(frozen=True)
class Known:
    """One case: its facts as the check reads them, and as JSON."""

    told: dict[str, Any]
    facts: Facts
    names: tuple[str, ...]

    @property
    def debts(self) -> list[dict[str, Any]]:
        return self.told["debts"]["debts"]

    @property
    def plan(self) -> dict[str, Any]:
        return next(one for one in self.told["comparison"]["strategies"] if one["strategy"] == "avalanche")

    @property
    def least(self) -> dict[str, Any]:
        return next(one for one in self.told["comparison"]["strategies"] if one["strategy"] == "minimum_only")


def _known(portfolio: dict[str, Any], language: Any) -> Known:
    case = Case(TaskType.DEBT_ANALYSIS, language, "", Portfolio.model_validate(portfolio))
    told = gather(case, Conversation()).model_dump(mode="json")
    spoken = case.debts.model_dump(mode="json", exclude_none=True)
    return Known(told, Facts.of([told, spoken]), tuple(debt.name for debt in case.debts.debts))


@cache
def known(language: str) -> tuple[Known, ...]:
    """The cases in whose language texts are written."""
    if language == "en":
        return _known(json.loads((SAMPLES / "six-debts.json").read_text("utf-8")), "en"), _known(THREE, "en")
    return _known(json.loads((SAMPLES / "六笔债务.json").read_text("utf-8")), "zh"), _known(四笔, "zh")
