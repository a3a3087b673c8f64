"""Only two places may catch whatever comes: the edge of healing and the supervisor of tasks."""

from __future__ import annotations

import ast
from collections.abc import Iterator

import pytest

from tests.rules import house

EDGES = {"bot/engine/healing.py", "bot/tasks.py"}


def catches_all(module: house.Module) -> Iterator[str]:
    """Where it catches every error; to clean up and raise it again is not to catch it."""
    for node in ast.walk(module.tree):
        if isinstance(node, ast.ExceptHandler):
            caught = {"BaseException"} if node.type is None else names(node.type)
            again = isinstance(node.body[-1], ast.Raise) and node.body[-1].exc is None
            if "Exception" in caught or ("BaseException" in caught and not again):
                yield f"{module.place}:{node.lineno}"
        elif isinstance(node, ast.Call) and "suppress" in names(node.func):
            caught = {name for argument in node.args for name in names(argument)}
            if caught & {"Exception", "BaseException"}:
                yield f"{module.place}:{node.lineno}"


def names(node: ast.AST) -> set[str]:
    """Every name that stands in an expression."""
    inside = list(ast.walk(node))
    return {one.id for one in inside if isinstance(one, ast.Name)} | {
        one.attr for one in inside if isinstance(one, ast.Attribute)
    }


def test_only_the_two_edges_catch_everything() -> None:
    found = [
        place
        for module in house.modules()
        if module.place not in EDGES
        for place in catches_all(module)
    ]

    assert found == []


@pytest.mark.parametrize(
    "text",
    [
        "try: x()\nexcept Exception: pass",
        "try: x()\nexcept (ValueError, Exception): raise",
        "try: x()\nexcept: pass",
        "try: x()\nexcept BaseException as e: log(e)",
        "with contextlib.suppress(Exception): x()",
    ],
)
def test_the_rule_sees_every_way_to_catch_everything(text: str) -> None:
    module = house.Module("bot/x.py", "bot.x", text, ast.parse(text))

    assert len(list(catches_all(module))) == 1


def test_cleaning_up_and_raising_again_is_no_catching() -> None:
    text = "try: x()\nexcept BaseException:\n    close()\n    raise"
    module = house.Module("bot/x.py", "bot.x", text, ast.parse(text))

    assert list(catches_all(module)) == []
