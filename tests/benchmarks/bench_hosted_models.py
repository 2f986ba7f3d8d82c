"""What hosting through Ray Serve costs: the tiny Llama by direct streaming, beside plain vLLM on the same weights.

`make bench-llm`. Both servers stand at once and are asked in turn, so that other work on the machine counts for both;
told are medians and the ratio of each pair of rounds. Asserts that every token came, and no time.
"""
# ruff: noqa: T201 (a benchmark prints)

import asyncio
import os
import subprocess
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from statistics import median

import httpx
import pytest

from serve.machine.models.hosted import DIRECT, ModelHost, hosted
from serve.machine.ports import free_port
from serve.machine.private import private_folder, run_folder
from tests.benchmarks.record import machine, table, write_section
from tests.llm.conftest import PYTHON, made

pytestmark = [
    pytest.mark.bench,
    pytest.mark.timeout(900),
    pytest.mark.skipif(not PYTHON.exists(), reason="needs `make setup-llm`"),
]
STREAMS, TOKENS, ROUNDS = 8, 400, 7
ON_CPU = {"VLLM_CPU_KVCACHE_SPACE": "1", "VLLM_CPU_OMP_THREADS_BIND": "nobind", "OMP_NUM_THREADS": "1"}
PLAIN = [
    *("-m", "vllm.entrypoints.openai.api_server", "--host", "127.0.0.1", "--served-model-name", "llama"),
    *("--max-model-len", "32768", "--max-num-seqs", "16", "--enforce-eager", "--dtype", "bfloat16"),
    *("--enable-auto-tool-choice", "--tool-call-parser", "llama3_json", "--disable-uvicorn-access-log"),
]


@dataclass(frozen=True)
class Round:
    tokens_per_s: float
    first_token_ms: float


@contextmanager
def plain(checkpoint: Path, folder: Path) -> Iterator[ModelHost]:
    """VLLM's own server on these weights, without Ray."""
    port, log = free_port(), folder / "plain.log"
    command = (str(PYTHON.absolute()), *PLAIN, "--port", str(port), "--model", str(checkpoint))
    variables = {**os.environ, **DIRECT, **ON_CPU, "VLLM_API_KEY": "k", "HF_HUB_OFFLINE": "1"}
    server = ModelHost(("llama",), port, "k", command, variables)
    with log.open("wb") as told, subprocess.Popen(command, env=variables, stdout=told, stderr=told) as process:
        try:
            deadline = time.monotonic() + 300
            while not is_up(f"http://127.0.0.1:{port}/health"):
                assert process.poll() is None, log.read_text()[-2000:]
                assert time.monotonic() < deadline
                time.sleep(0.2)
            yield server
        finally:
            process.terminate()


def is_up(url: str) -> bool:
    try:
        return httpx.get(url, trust_env=False).status_code == 200
    except httpx.TransportError:
        return False


async def stream(client: httpx.AsyncClient, url: str) -> float:
    """So many tokens, whatever the model would rather say: when the first was there."""
    asked = {
        "model": "llama",
        "stream": True,
        "stream_options": {"include_usage": True},
        "max_tokens": TOKENS,
        "ignore_eos": True,
        "messages": [{"role": "user", "content": "Which debt first?"}],
    }
    began, first, last = time.monotonic(), 0.0, b""
    async with client.stream("POST", f"{url}/chat/completions", json=asked) as answer:
        assert answer.status_code == 200
        async for piece in answer.aiter_bytes():
            first = first or time.monotonic() - began
            last = (last + piece)[-2000:]
    # Tokens that are there together may come in one piece, so that only the engine can count them.
    assert f'"completion_tokens":{TOKENS}'.encode() in last
    return first


async def one_round(url: str, key: str) -> Round:
    async with httpx.AsyncClient(headers={"Authorization": f"Bearer {key}"}, timeout=120, trust_env=False) as client:
        began = time.monotonic()
        found = await asyncio.gather(*(stream(client, url) for _ in range(STREAMS)))
        spent = time.monotonic() - began
    return Round(STREAMS * TOKENS / spent, median(found) * 1000)


def test_hosted_through_ray_beside_plain_vllm(tmp_path: Path):
    checkpoint = made("llama", tmp_path)
    folder = private_folder(run_folder(tmp_path))
    with hosted({"llama": checkpoint}, folder, PYTHON) as models, plain(checkpoint, tmp_path) as alone:
        places = {
            "through Ray Serve, direct streaming": (models.base_url.format(model="llama"), models.key),
            "plain vLLM": (f"http://127.0.0.1:{alone.port}/v1", alone.key),
        }
        rounds: dict[str, list[Round]] = {name: [] for name in places}
        for number in range(ROUNDS + 1):
            # The order turns each time; the first round only warms up.
            for name in [*places] if number % 2 else [*reversed(places)]:
                found = asyncio.run(one_round(*places[name]))
                rounds[name] += [found] if number else []
    ours, theirs = rounds.values()
    ratios = sorted(one.tokens_per_s / other.tokens_per_s for one, other in zip(ours, theirs, strict=True))
    rows = [
        (
            name,
            f"{median(each.tokens_per_s for each in all_of_it):,.0f}",
            f"{median(each.first_token_ms for each in all_of_it):.0f}",
        )
        for name, all_of_it in rounds.items()
    ]
    text = (
        f"## Models hosted through Ray Serve\n`make bench-llm` on {machine().partition(',')[0]}, "
        f"{os.cpu_count()} processors, load {os.getloadavg()[0]:.1f}. "
        f"The tiny Llama on vLLM for processors, {STREAMS} streams of {TOKENS} tokens at a time; both servers stand at "
        f"once and are asked in turn, {ROUNDS} rounds each after one to warm up, medians. Hosted / plain, of each pair "
        f"of rounds: median {median(ratios):.2f}, from {ratios[0]:.2f} to {ratios[-1]:.2f}. Where the load is above "
        "the number of processors other work was beside, and the spread says how little the median then means.\n\n"
    )
    text += table(["", "tokens/s, all streams", "first token, ms"], rows)
    print(f"\n{text}")
    write_section("hosted models", text)
