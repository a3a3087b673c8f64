"""What a plug-in works with: a web client, a clock, a way to run commands, and its own files."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol, TypeVar

import httpx
from pydantic import BaseModel

from bot import ports
from bot.clients import commands
from bot.core.errors import ConfigurationError

M = TypeVar("M", bound=BaseModel)


class Files(Protocol):
    """Reads a file of strict YAML, or a folder of them; ConfigurationError has file and line."""

    def __call__(self, place: Path, model: type[M]) -> Sequence[M]: ...


def none_here(place: Path, model: type[M]) -> Sequence[M]:
    """Refuse: who made this rig hands out no files."""
    raise ConfigurationError(f"{place}: nothing is read here as {model.__name__}")


@dataclass(frozen=True, slots=True)
class Rig:
    """Handed to every plug-in by app, which also closes what has to be closed."""

    http: httpx.AsyncClient
    clock: ports.Clock
    run: commands.Run
    files: Files = none_here
