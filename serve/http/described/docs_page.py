"""The page at /docs: the OpenAPI description as plain HTML, complete without a network, a script or a third party."""

import json
from collections.abc import Iterator
from html import escape
from typing import Any

from data.wire.task_result import Json

STYLE = """
body { font: 16px/1.5 system-ui, sans-serif; max-width: 60rem; margin: 2rem auto; padding: 0 1rem; color: #1b1f24; }
h2 { margin-top: 2.5rem; border-bottom: 1px solid #d0d7de; }
details { border: 1px solid #d0d7de; border-radius: 6px; margin: .5rem 0; padding: .4rem .8rem; }
summary { cursor: pointer; }
code, pre { font: 14px/1.4 ui-monospace, monospace; background: #f6f8fa; border-radius: 4px; }
code { padding: .1rem .3rem; } pre { padding: .8rem; overflow-x: auto; }
.method { display: inline-block; min-width: 4.2rem; font-weight: 700; }
table { border-collapse: collapse; } td { padding: .2rem .8rem .2rem 0; vertical-align: top; }
@media (prefers-color-scheme: dark) {
  body { background: #0d1117; color: #e6edf3; } code, pre { background: #161b22; } a { color: #58a6ff; }
}
"""
# The page loads nothing and runs nothing; only its own style is allowed.
HEADERS = {"Content-Security-Policy": "default-src 'none'; style-src 'unsafe-inline'; frame-ancestors 'none'"}


def docs_page(description: Json) -> str:
    """The whole page."""
    info = description["info"]
    return "\n".join(
        [
            "<!doctype html>",
            '<html lang="en"><head><meta charset="utf-8">',
            '<meta name="viewport" content="width=device-width, initial-scale=1">',
            f"<title>{escape(info['title'])}</title><style>{STYLE}</style></head><body>",
            f"<h1>{escape(info['title'])} {escape(info['version'])}</h1>",
            _paragraphs(info.get("description", "")),
            '<p>The same for programs: <a href="openapi.json">openapi.json</a>.</p>',
            *_sections(description),
            "</body></html>",
        ]
    )


def _paragraphs(text: str) -> str:
    return "".join(f"<p>{_words(part)}</p>" for part in text.split("\n\n") if part.strip())


def _words(text: str) -> str:
    """Text with its `code` marked; nothing else of Markdown is used in our descriptions."""
    # Escaped before our backticks become tags: nothing in the text itself can be markup.
    pieces = escape(text).split("`")
    return "".join(f"<code>{piece}</code>" if place % 2 else piece for place, piece in enumerate(pieces))


def _sections(description: Json) -> Iterator[str]:
    for tag in description.get("tags", []):
        yield f"<h2>{escape(tag['name'])}</h2>{_paragraphs(tag.get('description', ''))}"
        for path, operations in description["paths"].items():
            for method, operation in operations.items():
                if tag["name"] in operation.get("tags", []):
                    yield _operation(path, method, operation)


def _operation(path: str, method: str, operation: Json) -> str:
    head = f'<span class="method">{method.upper()}</span> <code>{escape(path)}</code>'
    return "\n".join(
        [
            f"<details><summary>{head} {_words(operation.get('summary', ''))}</summary>",
            _paragraphs(operation.get("description", "")),
            _table("Parameters", [_parameter(item) for item in operation.get("parameters", [])]),
            *_request_body(operation.get("requestBody", {})),
            _table("Answers", [(status, answer["description"]) for status, answer in operation["responses"].items()]),
            *_examples(operation["responses"]),
            "</details>",
        ]
    )


def _parameter(parameter: Json) -> tuple[str, str]:
    need = " (needed)" if parameter.get("required") else ""
    return f"{parameter['name']} in {parameter['in']}{need}", parameter.get("description", "")


def _table(title: str, rows: list[tuple[str, str]]) -> str:
    if not rows:
        return ""
    lines = "".join(f"<tr><td><code>{escape(name)}</code></td><td>{_words(text)}</td></tr>" for name, text in rows)
    return f"<h4>{title}</h4><table>{lines}</table>"


def _examples(responses: Json) -> Iterator[str]:
    contents = (content for told in responses.values() for content in told.get("content", {}).items())
    for media_type, words in contents:
        if "example" in words:
            told: Any = words["example"]
            text = told if isinstance(told, str) else json.dumps(told, ensure_ascii=False, indent=2)
            yield f"<h4>Answered: <code>{escape(media_type)}</code></h4><pre>{escape(text)}</pre>"


def _request_body(body: Json) -> Iterator[str]:
    for media_type, content in body.get("content", {}).items():
        yield f"<h4>Body: <code>{escape(media_type)}</code></h4>"
        for example in content.get("examples", {}).values():
            body_text = json.dumps(example["value"], ensure_ascii=False, indent=2)
            yield f"<p>{_words(example['summary'])}</p><pre>{escape(body_text)}</pre>"
