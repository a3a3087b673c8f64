"""Small enough to be read at once: a module, a function."""

from __future__ import annotations

from tests.rules import house

MODULE, FUNCTION = 250, 40


def test_a_module_has_at_most_250_lines() -> None:
    long = [
        f"{module.place} has {lines} lines: split it by idea"
        for module in house.modules()
        if (lines := len(module.text.splitlines())) > MODULE
    ]

    assert long == []


def test_a_function_has_at_most_40_lines() -> None:
    long = [
        f"{module.place}:{one.lineno} {one.name} has {lines} lines"
        for module in house.modules()
        for one in module.functions()
        if (lines := (one.end_lineno or one.lineno) - one.lineno + 1) > FUNCTION
    ]

    assert long == []
