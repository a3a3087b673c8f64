"""Golden files: what Slack is sent, kept beside the tests; GOLDEN=write draws them anew."""

from __future__ import annotations

import json
import os
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

HERE = Path(__file__).parent / "golden"


@pytest.fixture(scope="session")
def golden() -> Callable[[str, Any], Any]:
    """Return what the file of this name holds, writing it first when that is asked for."""

    def read(name: str, value: Any) -> Any:
        path = HERE / f"{name}.json"
        if os.environ.get("GOLDEN") == "write":
            path.parent.mkdir(parents=True, exist_ok=True)
            text = json.dumps(value, indent=1, ensure_ascii=False)
            path.write_text(f"{text}\n", encoding="utf-8")
        return json.loads(path.read_text(encoding="utf-8"))

    return read
