"""
A directory of runbooks on a real disk, and the names that they may call.

`shelf.write(name, **changes)` writes a runbook as YAML; `shelf.text(name, text)` writes any text.
JSON is YAML, so that the builders of the core's tests serve here too.
"""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from pydantic import BaseModel, Field

from bot.catalog.calls import KnownNames
from bot.catalog.problems import CatalogError
from bot.catalog.runbooks import load_runbooks
from bot.core.runbook import Runbook
from tests.core import remedies


class UnitParams(BaseModel):
    unit: str = Field(pattern="^[a-z]+$", description="the systemd unit")
    grace: int = Field(default=5, ge=1, description="seconds to stop")


class UrlParams(BaseModel):
    url: str = Field(description="what is asked")


KNOWN = KnownNames(
    actions={"host.restart_service": UnitParams},
    probes={"host.process": UnitParams, "http.status": UrlParams},
)


class Directory:
    def __init__(self, path: Path) -> None:
        self.path = path

    def text(self, name: str, text: str) -> None:
        (self.path / name).write_text(text)

    def write(self, name: str, folder: str = ".", **changes: Any) -> None:
        data = remedies.written(runbook=name, **changes)
        self.text(f"{folder}/{name}.yaml", json.dumps(data, indent=1))

    def load(self) -> tuple[Runbook, ...]:
        return load_runbooks(self.path, KNOWN)

    def problems(self) -> list[str]:
        with pytest.raises(CatalogError) as refusal:
            self.load()
        return str(refusal.value).splitlines()


@pytest.fixture
def shelf(tmp_path: Path) -> Directory:
    path = tmp_path / "runbooks"
    path.mkdir()
    return Directory(path)


@pytest.fixture
def refused() -> Callable[[Callable[[], object]], str]:
    """Run something that must be refused, and give what is said."""

    def said(act: Callable[[], object]) -> str:
        with pytest.raises(CatalogError) as refusal:
            act()
        return str(refusal.value)

    return said
