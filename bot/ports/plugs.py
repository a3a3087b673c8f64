"""What plug-ins are: actions, probes, sources, and how the engine finds them."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any, Protocol, runtime_checkable

from pydantic import BaseModel

from bot.core.alert import Alert
from bot.core.plan import Reversibility, Scope
from bot.core.values import Facts


@runtime_checkable
class Action(Protocol):
    """
    One thing a runbook may do, and the way back from it.

    `mark` names this step of this incident, and is the same when the step is tried again: write
    it at the target where it can tell a repetition from a new request.
    """

    @property
    def params(self) -> type[BaseModel]: ...

    def way_back(self, params: Any) -> Reversibility:
        """Which way back this very call has: the same action may have one and lack one."""

    async def scope(self, params: Any) -> Scope:
        """Read, never write: what would be touched, the state to go back to, the exact words."""

    async def execute(self, params: Any, before: Facts, mark: str = "") -> str:
        """Do it; `before` is the scope's pre-state. Return one line: what was done."""

    async def undo(self, params: Any, before: Facts, mark: str = "") -> str:
        """Put `before` back; done twice it must be as if done once. One line: what was put back."""

    async def landed(self, params: Any, before: Facts, mark: str = "") -> bool | None:
        """After a crash: did an earlier life do it? None when the world cannot tell."""


@runtime_checkable
class Probe(Protocol):
    """One thing that can be read; raises TemporaryError or PermanentError when it sees nothing."""

    @property
    def params(self) -> type[BaseModel]: ...

    async def read(self, params: Any) -> Facts: ...


@runtime_checkable
class Source(Protocol):
    """One alert format: pure, so that its test is a payload and an expectation."""

    def authentic(self, headers: Mapping[str, str], body: bytes, secret: str) -> bool: ...

    def parse(self, headers: Mapping[str, str], body: bytes, now: datetime) -> list[Alert]:
        """Raise AlertRejected with the reason when it is not what this source sends."""


class Plugins(Protocol):
    """The actions and probes that runbooks may name; an unknown name stopped the start."""

    def action(self, name: str) -> Action: ...
    def probe(self, name: str) -> Probe: ...
