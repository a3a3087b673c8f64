"""Every message and view that golden files hold, by the file and the place in it."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

HERE = Path(__file__).parent / "golden"


def messages() -> dict[str, dict[str, Any]]:
    """All of them; a view has no text of its own."""
    found: dict[str, dict[str, Any]] = {}
    for file in sorted(HERE.rglob("*.json")):
        name = file.relative_to(HERE).with_suffix("").as_posix()
        found |= dict(within(name, json.loads(file.read_text(encoding="utf-8"))))
    return found


def within(name: str, value: Any) -> Iterator[tuple[str, dict[str, Any]]]:
    if isinstance(value, dict) and isinstance(value.get("blocks"), list):
        yield name, value
    elif isinstance(value, dict):
        for key, inner in value.items():
            yield from within(f"{name}/{key}", inner)
    elif isinstance(value, list):
        for place, inner in enumerate(value):
            yield from within(f"{name}/{place}", inner)
