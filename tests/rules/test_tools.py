"""The linter, the formatter, the types and the direction of imports, each as one test."""

from __future__ import annotations

import subprocess
import sys

import pytest

from tests.rules import house

# In a group they begin early, for xdist takes the largest groups first: mypy's first time is long.
pytestmark = pytest.mark.xdist_group("the tools")

TOOLS = {
    "ruff check": ("-m", "ruff", "check", "--output-format", "concise", "."),
    "ruff format": ("-m", "ruff", "format", "--check", "--output-format", "concise", "."),
    "mypy": ("-m", "mypy"),
    "lint-imports": ("-c", "from importlinter.cli import lint_imports_command as main; main()"),
}


@pytest.mark.parametrize("tool", TOOLS)
def test_a_tool_has_nothing_to_say(tool: str) -> None:
    ended = subprocess.run(
        [sys.executable, *TOOLS[tool]], cwd=house.ROOT, check=False, capture_output=True, text=True
    )

    if ended.returncode:
        pytest.fail(f"{tool} says:\n{ended.stdout}{ended.stderr}", pytrace=False)
