"""The engine's own patience with one step: it tries again while the action asks for it."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from types import SimpleNamespace
from typing import Any, cast

from bot.clock import Clock
from bot.core.facts import StepEnding
from bot.engine import running


async def attempt(within: float, do: Callable[[], Awaitable[str]]) -> tuple[StepEnding, str]:
    """How a step ended that may take so many seconds, and what it said."""
    story = SimpleNamespace(world=SimpleNamespace(clock=Clock()))
    return await running.attempt(cast(Any, story), within, do, repeatable=False)
