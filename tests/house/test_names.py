"""One name, one idea: what a class or a kind of value is called in one module means nothing else in another."""

import ast
from collections import defaultdict
from collections.abc import Iterator

from tests.house.measures import named, sources

SHARED = {
    "Settings": "what a program reads from its environment: the service's and the dashboard's, which knows no `serve`",
}


def defined(tree: ast.Module) -> Iterator[str]:
    """The classes, aliases and type variables of a module that others may import: names in CapWords."""
    for node in tree.body:
        if isinstance(node, ast.ClassDef):
            yield node.name
        elif isinstance(node, ast.Assign | ast.AnnAssign):
            targets = node.targets if isinstance(node, ast.Assign) else [node.target]
            yield from (
                target.id
                for target in targets
                if isinstance(target, ast.Name) and target.id[:1].isupper() and not target.id.isupper()
            )


def homes() -> dict[str, list[str]]:
    """Where each name is defined; those that begin with an underscore are their module's own."""
    found: dict[str, list[str]] = defaultdict(list)
    for file in sources():
        for name in defined(ast.parse(file.read_text("utf-8"))):
            if not name.startswith("_"):
                found[name].append(named(file))
    return found


def test_no_name_of_a_class_or_an_alias_is_defined_twice():
    twice = {name: files for name, files in homes().items() if len(files) > 1}
    assert {name: files for name, files in twice.items() if name not in SHARED} == {}


def test_every_name_that_may_be_shared_is():
    assert [name for name in SHARED if len(homes()[name]) < 2] == []
