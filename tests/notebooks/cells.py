"""Runs a notebook's cells in one namespace, in order, and shows the value of each as a notebook would.

No Jupyter: its kernel and client are two dozen packages (ZeroMQ, Tornado, IPython, a debugger) to run Python that this
process runs as well. What only a kernel knows (`%magics`, `!commands`) is a syntax error here, and so kept out.
"""

import ast
import json
from pathlib import Path
from typing import Any


def cells_of(notebook: Path) -> list[dict[str, Any]]:
    """The notebook's cells."""
    content = json.loads(notebook.read_text("utf-8"))
    assert (content["nbformat"], content["metadata"]["kernelspec"]["name"]) == (4, "python3")
    return content["cells"]


def run(notebook: Path) -> list[str]:
    """Run it from top to bottom; what each cell of code shows, "" for one that shows nothing."""
    namespace: dict[str, Any] = {"__name__": "__main__"}
    code = [cell for cell in cells_of(notebook) if cell["cell_type"] == "code"]
    return [_shown(_run("".join(cell["source"]), f"{notebook.name}, {cell['id']}", namespace)) for cell in code]


def _run(source: str, name: str, namespace: dict[str, Any]) -> Any:
    tree = ast.parse(source, name)
    last = tree.body.pop() if isinstance(tree.body[-1], ast.Expr) else None
    exec(compile(tree, name, "exec"), namespace)
    return eval(compile(ast.Expression(last.value), name, "eval"), namespace) if last else None


def _shown(value: Any) -> str:
    """What a notebook shows of a value: its HTML, else its text."""
    as_html = getattr(value, "_repr_html_", None)
    return "" if value is None else str(as_html()) if as_html else repr(value)
