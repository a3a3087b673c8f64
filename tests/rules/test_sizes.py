"""Small enough to be read at once: a module, a function."""

from __future__ import annotations

import pytest

from tests.rules import house

MODULE, FUNCTION = 250, 40


@pytest.mark.parametrize("module", house.modules(), ids=lambda one: one.place)
def test_a_module_has_at_most_250_lines(module: house.Module) -> None:
    lines = len(module.text.splitlines())

    assert lines <= MODULE, f"{module.place} has {lines} lines: split it by idea"


@pytest.mark.parametrize("module", house.modules(), ids=lambda one: one.place)
def test_a_function_has_at_most_40_lines(module: house.Module) -> None:
    long = [
        f"{module.place}:{one.lineno} {one.name} has {lines} lines"
        for one in module.functions()
        if (lines := (one.end_lineno or one.lineno) - one.lineno + 1) > FUNCTION
    ]

    assert long == []
