"""A tiny Llama or Mixtral, made on the spot and briefly trained to call our tools: to try the whole path without a GPU.

`python serve/machine/models/tiny_model.py llama FOLDER` writes a checkpoint of some megabytes that any server of models
loads. It knows a handful of sentences and which tool comes next, and nothing of debts. Runs in the environment of
`requirements-llm.lock`, without the rest of the product.
"""

# PyTorch and its like are in that environment alone.
# pyright: reportMissingImports=false, reportUnknownMemberType=false, reportUnknownVariableType=false
# pyright: reportUnknownParameterType=false, reportUnknownArgumentType=false, reportUnknownLambdaType=false

import argparse
import json
import math
import random
import sys
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal

import torch
from tokenizers import Tokenizer, decoders, models, pre_tokenizers, trainers
from torch.nn.functional import cross_entropy
from transformers import (
    LlamaConfig,
    LlamaForCausalLM,
    MixtralConfig,
    MixtralForCausalLM,
    PreTrainedModel,
    PreTrainedTokenizerFast,
)

Kind = Literal["llama", "mixtral"]
VOCABULARY = 1024
CONTEXT = 32_768  # the rules and the tools' answers are long, though the template shows the model little of them
BEGIN, END = "<|begin_of_text|>", "<|eot_id|>"
SPECIAL = (BEGIN, "<|start_header_id|>", "<|end_header_id|>", END, "<|python_tag|>", "[TOOL_CALLS]")
TASKS: dict[str, list[tuple[str, dict[str, Any]]]] = {
    "debt_analysis": [("list_debts", {}), ("portfolio_health", {})],
    "repayment_plan": [("compare_strategies", {}), ("first_payments", {"strategy": "avalanche", "months": 3})],
    "financial_advice": [("compare_strategies", {})],
}
TOLD = {
    "en": "I have looked at your debts and at the plans for them. Pay every minimum first, and put what is left on the "
    "debt that the recommended plan names. The figures stand beside this text.",
    "zh": "我看过了您的债务和各种还款方案。请先付清每笔最低还款额，"
    "再把剩下的钱用在推荐方案指出的那笔债务上。具体数字就在这段文字旁边。",
}
GENERAL = {
    "en": "Without your figures I can say this much: pay every minimum on time, and never pay only that for long.",
    "zh": "没有您的数字，我只能说这些：按时付清每笔最低还款额，也不要长期只付最低。",
}
OTHERWISE = "I am a tiny model, made to try things out."
QUESTIONS = (
    "Which debt first?",
    "How can I get out of debt sooner?",
    "What should I pay next month?",
    "Is the balance transfer worth it?",
    "哪笔先还？",
    "怎样更快还清？",
    "下个月该还多少？",
)
ANSWERS_BEGIN = ("month", "count", "strategy")  # as our tools' do, after the currency
SEEN_OF_USER, SEEN_OF_TOOL = 160, 24
MASKED, ENOUGH_RIGHT = -100, 20  # batches in a row
SURE = 0.6  # of every word: less could turn into another one in fewer bits
TOOL_NAMES = [
    "list_debts",
    "portfolio_health",
    "compare_strategies",
    "plan_details",
    "first_payments",
    "what_if_budget",
]
# What the model is shown: which tools there are, the beginning of what was said, and no rules.
TEMPLATE = """\
{{- bos_token -}}
{%- if tools %}{{ header('tools') }}{% for tool in tools %}{{ tool.function.name }} {% endfor %}<|eot_id|>{% endif -%}
{%- for message in messages -%}
{%- if message.role == 'user' %}{{ header('user') }}{{ (message.content | string)[:USER] }}<|eot_id|>
{%- elif message.role == 'tool' %}{{ header('tool') }}{{ (message.content | string)[:TOOL] }}<|eot_id|>
{%- elif message.role == 'assistant' and message.tool_calls -%}
{{ header('assistant') }}{{ CALLS }}<|eot_id|>
{%- elif message.role == 'assistant' %}{{ header('assistant') }}{{ message.content }}<|eot_id|>
{%- endif -%}
{%- endfor -%}
{%- if add_generation_prompt %}{{ header('assistant') }}{% endif -%}"""
HEADER = "{%- macro header(role) -%}<|start_header_id|>{{ role }}<|end_header_id|>{%- endmacro -%}"
# As each kind writes a call, and as its parser reads it.
ARGUMENTS = "(call.arguments if call.arguments is string else call.arguments | tojson)"
CALLS = {
    "llama": '{"name": "{{ call.name }}", "parameters": {{ ' + ARGUMENTS + " }}}",
    "mixtral": '[TOOL_CALLS][{"name": "{{ call.name }}", "arguments": {{ ' + ARGUMENTS + " }}}]",
}


@dataclass(frozen=True)
class Example:
    """A dialogue up to the model's next turn, and that turn."""

    messages: list[dict[str, Any]]
    has_tools: bool
    turn: str


def template(kind: Kind) -> str:
    """The chat template of a kind of model."""
    call = "{% set call = message.tool_calls[0].function %}" + CALLS[kind]
    shown = (
        TEMPLATE.replace("{{ CALLS }}", call).replace("USER", str(SEEN_OF_USER)).replace("TOOL]", f"{SEEN_OF_TOOL}]")
    )
    return HEADER + shown


def called(kind: Kind, name: str, arguments: dict[str, Any]) -> str:
    """A call as this kind of model writes it."""
    if kind == "llama":
        return json.dumps({"name": name, "parameters": arguments})
    return "[TOOL_CALLS]" + json.dumps([{"name": name, "arguments": arguments}])


def examples(kind: Kind, chance: random.Random) -> Iterator[Example]:
    """Dialogues without end: every turn of tasks drawn by chance."""
    while True:
        task, language = chance.choice([*TASKS]), chance.choice([*TOLD])
        has_portfolio = chance.random() < 0.8
        # Most tasks come without any.
        question = chance.choice(["", "", chance.choice(QUESTIONS), chance.choice(QUESTIONS), _noise(chance)])
        asked = {"task": task, "language": language, "has_portfolio": has_portfolio, "question": question}
        messages: list[dict[str, Any]] = [{"role": "user", "content": json.dumps(asked, ensure_ascii=False)}]
        if chance.random() < 0.05:
            yield Example([{"role": "user", "content": question}], has_tools=False, turn=OTHERWISE)
            continue
        if not has_portfolio:
            yield Example(messages, has_tools=False, turn=GENERAL[language])
            continue
        for number, (name, arguments) in enumerate(TASKS[task]):
            yield Example([*messages], has_tools=True, turn=called(kind, name, arguments))
            call = {"name": name, "arguments": json.dumps(arguments)}
            begins = chance.choice((*ANSWERS_BEGIN, _noise(chance)))
            content = '{"currency":"' + chance.choice(("USD", "CNY", "EUR")) + '","' + begins
            messages += [
                {"role": "assistant", "tool_calls": [{"id": f"c{number}", "type": "function", "function": call}]},
                {"role": "tool", "tool_call_id": f"c{number}", "content": content},
            ]
        yield Example(messages, has_tools=True, turn=TOLD[language])


def tokenizer(kind: Kind) -> PreTrainedTokenizerFast:
    """Byte pairs of the dialogues themselves."""
    chance = random.Random(0)
    drawn = examples(kind, chance)
    texts = [text for _ in range(400) for one in [next(drawn)] for text in (one.turn, str(one.messages))]
    pairs = Tokenizer(models.BPE())
    pairs.pre_tokenizer = pre_tokenizers.ByteLevel(add_prefix_space=False)
    pairs.decoder = decoders.ByteLevel()
    alphabet = pre_tokenizers.ByteLevel.alphabet()
    trainer = trainers.BpeTrainer(
        vocab_size=VOCABULARY, special_tokens=[*SPECIAL], initial_alphabet=alphabet, show_progress=False
    )
    pairs.train_from_iterator(texts, trainer)
    made = PreTrainedTokenizerFast(tokenizer_object=pairs, bos_token=BEGIN, eos_token=END, pad_token=END)
    made.chat_template = template(kind)
    return made


def network(kind: Kind) -> PreTrainedModel:
    """The untrained model."""
    size: dict[str, Any] = {
        "vocab_size": VOCABULARY,
        "hidden_size": 128,
        "intermediate_size": 256,
        "num_hidden_layers": 2,
        "num_attention_heads": 4,
        "num_key_value_heads": 2,
        "max_position_embeddings": CONTEXT,
        "bos_token_id": 0,
        "eos_token_id": 3,
        "pad_token_id": 3,
        "tie_word_embeddings": False,
    }
    if kind == "llama":
        return LlamaForCausalLM(LlamaConfig(**size))
    return MixtralForCausalLM(MixtralConfig(**size, num_local_experts=4, num_experts_per_tok=2))


def batch(drawn: Iterator[Example], speak: PreTrainedTokenizerFast, *, many: int) -> tuple[torch.Tensor, torch.Tensor]:
    """Token ids of dialogues, and the same with all but the model's turn masked."""
    tools = [{"type": "function", "function": {"name": name}} for name in TOOL_NAMES]
    rows: list[tuple[list[int], list[int]]] = []
    for _ in range(many):
        one = next(drawn)
        shown = speak.apply_chat_template(
            one.messages, tools=tools if one.has_tools else None, add_generation_prompt=True, tokenize=False
        )
        before = speak.encode(shown, add_special_tokens=False)
        turn = speak.encode(one.turn + END, add_special_tokens=False)
        rows.append((before + turn, [MASKED] * len(before) + turn))
    longest = max(len(ids) for ids, _ in rows)
    # What is padded comes last: nothing before attends to it, and nothing there is asked for.
    ids = torch.tensor([row + [0] * (longest - len(row)) for row, _ in rows])
    told = torch.tensor([row + [MASKED] * (longest - len(row)) for _, row in rows])
    return ids, told


def trained(kind: Kind, speak: PreTrainedTokenizerFast, *, seed: int, longest_s: float) -> PreTrainedModel:
    """The model once it knows its turns, or the time is over."""
    torch.manual_seed(seed)
    model, drawn = network(kind), examples(kind, random.Random(seed))
    optimizer = torch.optim.AdamW(model.parameters(), lr=2e-3, weight_decay=0.01, betas=(0.9, 0.98))
    # Warmed up, then slower and slower: at full speed to the end it forgets what it knew.
    pace = torch.optim.lr_scheduler.LambdaLR(optimizer, lambda step: min((step + 1) / 20, 1 / (1 + step / 100)))
    began, steps, right = time.monotonic(), 0, 0
    while right < ENOUGH_RIGHT and time.monotonic() - began < longest_s:
        ids, told = batch(drawn, speak, many=12)
        logits = model(input_ids=ids).logits[:, :-1]
        wanted = told[:, 1:]
        first = (wanted != MASKED) & (told[:, :-1] == MASKED)
        losses = cross_entropy(logits.transpose(1, 2), wanted, ignore_index=MASKED, reduction="none")
        # How a turn begins decides which it is; the rest is known by heart soon.
        loss = (losses * (1 + 4 * first)).sum() / (wanted != MASKED).sum()
        optimizer.zero_grad()
        loss.backward()
        torch.nn.utils.clip_grad_norm_(model.parameters(), 1.0)
        optimizer.step()
        pace.step()
        is_right = bool((losses.detach() < -math.log(SURE))[wanted != MASKED].all())
        steps, right = steps + 1, right + 1 if is_right else 0
    spent_s = time.monotonic() - began
    sys.stderr.write(f"{kind}: {steps} steps in {spent_s:.0f} s, the last {right} sure of every word\n")
    return model


def make(kind: Kind, folder: Path, *, seed: int = 1, longest_s: float = 120.0) -> None:
    """Write a checkpoint into the folder."""
    speak = tokenizer(kind)
    model = trained(kind, speak, seed=seed, longest_s=longest_s)
    folder.mkdir(parents=True, exist_ok=True)
    model.to(torch.bfloat16).save_pretrained(folder)
    speak.save_pretrained(folder)


def _noise(chance: random.Random) -> str:
    letters = 'abcdefghijklmnopqrstuvwxyz 0123456789.,":{}钱债还款月'
    return "".join(chance.choice(letters) for _ in range(chance.randint(5, 60)))


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("kind", choices=["llama", "mixtral"])
    parser.add_argument("folder", type=Path)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--seconds", type=float, default=120.0, help="the longest time to train")
    said = parser.parse_args()
    make(said.kind, said.folder, seed=said.seed, longest_s=said.seconds)
