"""How much memory each process of the service holds, and whether that grows."""

import asyncio
import time
from collections import defaultdict
from contextlib import suppress
from dataclasses import dataclass, field

import psutil

from tests.journeys.house import Service

EVERY_S = 10.0
WARM_UP_S = 120.0


@dataclass
class Memory:
    service: Service
    samples: dict[tuple[str, int], list[tuple[float, float]]] = field(default_factory=lambda: defaultdict(list))

    async def watch(self) -> None:
        began = time.monotonic()
        while True:
            await asyncio.sleep(EVERY_S)
            for process in await asyncio.to_thread(self.service.processes):
                with suppress(psutil.Error):
                    name = _name(process.info["cmdline"]) or process.name()
                    megabytes = process.memory_info().rss / 1e6
                    self.samples[name, process.pid].append((time.monotonic() - began, megabytes))

    def slopes(self) -> dict[str, str]:
        """Each process's memory at the end, and its growth a minute by least squares, once it has warmed up."""
        told = {}
        for (name, pid), samples in self.samples.items():
            late = [sample for sample in samples if sample[0] >= WARM_UP_S]
            if len(late) >= 12:
                told[f"{name} ({pid})"] = f"{late[-1][1]:.0f} MB, {60 * _slope(late):+.2f} MB a minute"
        return told


def _name(command: list[str]) -> str:
    """The program, of Python the module."""
    module = command[command.index("-m") + 1] if "-m" in command[:-1] else ""
    return module or command[0].rpartition("/")[2][:60]


def _slope(samples: list[tuple[float, float]]) -> float:
    mean_x = sum(x for x, _ in samples) / len(samples)
    mean_y = sum(y for _, y in samples) / len(samples)
    return sum((x - mean_x) * (y - mean_y) for x, y in samples) / sum((x - mean_x) ** 2 for x, _ in samples)
