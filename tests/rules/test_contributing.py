"""The recipe for contributors is true: its two files are written, loaded and run."""

from __future__ import annotations

import re
import sys
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest

from tests.rules import house

GUIDE = house.ROOT / ".github" / "CONTRIBUTING.md"


async def test_the_recipe_for_an_action_works(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    action, its_test = re.findall(r"```python\n(.*?)```", GUIDE.read_text(), flags=re.DOTALL)
    module = ModuleType("bot.actions.host.raise_flag")
    monkeypatch.setitem(sys.modules, module.__name__, module)
    exec(action, module.__dict__)
    names: dict[str, Any] = {}
    exec(its_test, names)

    tests = [name for name in names if name.startswith("test_")]
    for name in tests:
        await names[name](tmp_path)

    assert len(tests) == 1
