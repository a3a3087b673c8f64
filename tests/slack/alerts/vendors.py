"""Messages of other systems: one file each in payloads/, which says where its shape is from."""

from __future__ import annotations

import json
from copy import deepcopy
from pathlib import Path
from typing import Any

FOLDER = Path(__file__).with_name("payloads")
KINDS = {"documented", "inferred", "captured"}
"""By the vendor or its own source, by what was seen elsewhere, or out of a real workspace."""
ALL: dict[str, dict[str, Any]] = {
    path.stem: json.loads(path.read_text()) for path in sorted(FOLDER.glob("*.json"))
}
EVERY = [(name, each) for name, one in ALL.items() for each in one["messages"]]


def message(system: str, name: str) -> dict[str, Any]:
    """One message of a system, for the test to change as it likes."""
    found: dict[str, Any] = deepcopy(ALL[system]["messages"][name])
    return found
