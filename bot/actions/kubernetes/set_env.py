"""
`kubernetes.set_env`: set one environment variable of a container, and wait for its pods.

Only plain values: what is drawn from a secret or a config map is not touched, and nothing that
looks like a secret is set, for it would stand in the ledger. A number can be raised by so many,
up to a bound; several such steps count from the number that the plan found, so a second one of ten
says twenty.
"""

from __future__ import annotations

import re
from typing import ClassVar, Self

from pydantic import Field, field_validator, model_validator

from bot.actions.kubernetes._template import AT_ONCE, NEEDS, Drawn, Template
from bot.clients.kubernetes import containers, secrecy
from bot.clients.kubernetes.cluster import Json
from bot.clients.kubernetes.containers import OnContainer
from bot.clients.kubernetes.rights import Right
from bot.clients.kubernetes.settings import KubernetesSettings
from bot.clients.rig import Rig
from bot.core.durations import Duration
from bot.core.errors import PermanentError
from bot.core.plan import Reversibility, Scope
from bot.core.values import Facts

NUMBER = re.compile(r"-?\d{1,15}")
LARGEST = 10**12


class Env(OnContainer):
    """Which variable, and its value: said, or reckoned from the one that is there."""

    variable: str = Field(pattern=r"^[A-Za-z_][A-Za-z0-9_]{0,99}$", description="its name")
    value: str | None = Field(
        default=None, max_length=secrecy.LARGEST, description="the value; a number is written out"
    )
    by: int | None = Field(
        default=None, ge=-LARGEST, le=LARGEST, description="instead of a value: so many more"
    )
    most: int | None = Field(
        default=None, ge=-LARGEST, le=LARGEST, description="with by: never more than this"
    )
    least: int | None = Field(
        default=None, ge=-LARGEST, le=LARGEST, description="with by: never less than this"
    )
    settle: Duration = Field(
        default=AT_ONCE, description="its pods must stay ready for this long before the next step"
    )
    add: bool = Field(default=False, description="may add a variable that is not there yet")

    @field_validator("value", mode="before")
    @classmethod
    def _written_out(cls, value: object) -> object:
        return (
            str(value) if isinstance(value, int | float) and not isinstance(value, bool) else value
        )

    @model_validator(mode="after")
    def _hangs_together(self) -> Self:
        if (self.value is None) == (self.by is None):
            raise ValueError("say either a value, or by how much it grows")
        if self.by is not None and (self.most if self.by > 0 else self.least) is None:
            raise ValueError("say how far it may go: most for a number that grows, else least")
        return self

    def wanted(self, now: str | None) -> str:
        """The value afterwards; PermanentError when there is no number to reckon from."""
        if self.by is None:
            return self.value or ""
        if now is None or not NUMBER.fullmatch(now):
            raise PermanentError(
                f"{self.variable} of {self.short} is no whole number, so nothing can be added to it"
            )
        number = int(now)
        wanted = number + self.by
        if self.by > 0 and self.most is not None:
            wanted = max(number, min(wanted, self.most))
        elif self.least is not None:
            wanted = min(number, max(wanted, self.least))
        return str(wanted)


class SetEnv:
    """Reversible: undo puts the former value back, or takes an added variable away."""

    config = KubernetesSettings
    params = Env
    needs: ClassVar[tuple[Right, ...]] = NEEDS

    def __init__(self, config: KubernetesSettings, rig: Rig) -> None:
        self._template = Template(config, rig)
        self.params = self._template.clusters.fitted(self.params)

    def way_back(self, params: Env) -> Reversibility:
        return Reversibility.REVERSIBLE

    async def scope(self, params: Env) -> Scope:
        secrecy.refuse_name(params.variable)

        def draw(found: Json) -> Drawn:
            now = _now(params, containers.find(params, found))
            wanted = params.wanted(now)
            for value in (now, wanted):
                secrecy.refuse_value(params.variable, value)
            words = f"{params.variable}={secrecy.shown(wanted)}"
            place = f"{params.place}/env/[name={params.variable}]/value"
            in_container = f"in container {params.container}"
            back = f"set {params.variable}={secrecy.shown(now)}" if now is not None else None
            return Drawn(
                {place: [wanted]},
                f"set {words} {in_container}",
                f"{back or f'remove {params.variable}'} {in_container}",
                (f"{params.variable} {secrecy.shown(now)} → {secrecy.shown(wanted)}",),
            )

        return await self._template.scope(params, draw)

    async def execute(self, params: Env, before: Facts, mark: str = "") -> str:
        there = await self._template.execute(params, before, mark, params.settle)
        return f"{params.short} has its new {params.variable}: {there}"

    async def undo(self, params: Env, before: Facts, mark: str = "") -> str:
        there = await self._template.undo(params, before, mark)
        return f"{params.short} has its former {params.variable} again: {there}"

    async def landed(self, params: Env, before: Facts, mark: str = "") -> bool | None:
        return await self._template.landed(params, before, mark)


def _now(params: Env, container: Json) -> str | None:
    """Its plain value; None when it is not there and may be added."""
    every = [one for one in container.get("env") or () if one["name"] == params.variable]
    if any("valueFrom" in one for one in every):
        raise PermanentError(
            f"{params.variable} of {params.short} is drawn from elsewhere (valueFrom): Heal sets "
            "plain values only"
        )
    if every:
        return str(every[-1].get("value", ""))
    if not params.add:
        names = ", ".join(one["name"] for one in container.get("env") or ()) or "none"
        raise PermanentError(
            f"container {params.container} of {params.short} has no variable {params.variable} "
            f"(it has {names}); say add: true when it may be added"
        )
    return None


PLUGIN = SetEnv
