"""The recipe for contributors is true: its two files are written, loaded and run."""

from __future__ import annotations

import re
import sys
from collections.abc import Callable
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest

from tests.rules import house

GUIDE = house.ROOT / ".github" / "CONTRIBUTING.md"


async def test_the_recipe_for_an_action_works(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    tests = recipe("bot.actions.host.raise_flag", monkeypatch)
    for test in tests:
        await test(tmp_path)

    assert len(tests) == 1


def test_the_recipe_for_a_source_works(monkeypatch: pytest.MonkeyPatch) -> None:
    tests = recipe("bot.sources.doorbell", monkeypatch)
    for test in tests:
        test()

    assert len(tests) == 2


def recipe(module: str, monkeypatch: pytest.MonkeyPatch) -> list[Callable[..., Any]]:
    """Load the module that the guide shows, and return the tests that it shows for it."""
    path = module.replace(".", "/")
    text = GUIDE.read_text(encoding="utf-8").partition(f"`{path}.py`")[2]
    code, its_test = re.findall(r"```python\n(.*?)```", text, flags=re.DOTALL)[:2]
    made = ModuleType(module)
    monkeypatch.setitem(sys.modules, module, made)
    exec(code, made.__dict__)
    names: dict[str, Any] = {}
    exec(its_test, names)
    return [made for name, made in names.items() if name.startswith("test_")]
