"""Patient: an installation as far as it can be read, opened for looking and for nothing else."""

from __future__ import annotations

import asyncio
import ssl
from collections.abc import AsyncIterator, Iterator, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import TypeVar, cast

from pydantic import BaseModel

from bot import plugins, ports
from bot.catalog import shelving, written
from bot.clients import commands, http, signing
from bot.clients.gateways import RecoverySettings
from bot.clients.paging import PagerdutySettings
from bot.clients.rig import Rig
from bot.clients.signing import CheckpointSettings
from bot.core.errors import ConfigurationError
from bot.core.library import Library
from bot.core.policy.rulebook import Rulebook
from bot.pagers._irm import IrmSettings
from bot.pagers._jsm import JsmSettings
from bot.plugins import Room, Toolbox
from bot.settings import Settings
from bot.slack.examining import Examiner

T = TypeVar("T", bound=BaseModel)
SPEAKING: tuple[Room, ...] = ("actions", "probes")


@dataclass(frozen=True)
class Told:
    """What the installation is told; `wrong` says by variable what of it cannot be read."""

    settings: Settings
    wrong: Mapping[str, str]
    sections: plugins.Sections
    environment: Mapping[str, str]


@dataclass(frozen=True)
class Patient:
    """What every check may look at; what could not be had is the error that says why."""

    told: Told
    clock: ports.Clock
    rig: Rig
    toolbox: Toolbox
    foreign: ConfigurationError | None
    library: Library | ConfigurationError
    slack: Examiner

    @property
    def settings(self) -> Settings:
        return self.told.settings

    @property
    def rulebook(self) -> Rulebook:
        """The policy; ConfigurationError when there is none that can be read."""
        if isinstance(self.library, ConfigurationError):
            raise self.library
        return self.library.rulebook

    def used(self, room: Room) -> tuple[str, ...]:
        """The actions or probes that runbooks and detectors name, each once, in order."""
        return tuple(sorted(set(self._used(room))))

    def uses(self, system: str) -> bool:
        """Whether any of them, or an on-call schedule of the policy, is of this system."""
        names = (*self.used("actions"), *self.used("probes"))
        return any(name.startswith(f"{system}.") for name in names) or any(self.schedules(system))

    def schedules(self, pager: str) -> tuple[str, ...]:
        """The schedules of this pager that roles name, as it calls them, each once."""
        if isinstance(self.library, ConfigurationError):
            return ()
        named = {one for role in self.library.rulebook.roles.values() for one in role.schedules}
        mine = f"{pager}:"
        return tuple(sorted(one.removeprefix(mine) for one in named if one.startswith(mine)))

    def configured(self, system: str, model: type[T]) -> T | None:
        """The settings of a system that is used or set; None when it is neither, or is wrong."""
        try:
            section = self.told.sections(system)
            if not section and not self.uses(system):
                return None
            return cast(T, plugins.configure(system, model, section))
        except ConfigurationError:
            return None  # said with the plug-ins

    def _used(self, room: Room) -> Iterator[str]:
        if isinstance(self.library, ConfigurationError):
            return
        for book in self.library.runbooks:
            if room == "actions":
                yield from (step.do for step in book.steps)
            else:
                yield from (call.probe for call in book.probes)
        if room == "probes":
            for lookout in self.library.lookouts.values():
                yield from (call.probe for call in lookout.detector.probes)
            yield from (call.probe for _, call in self.library.checks)


@asynccontextmanager
async def admitted(
    told: Told, clock: ports.Clock, tls: ssl.SSLContext | None = None
) -> AsyncIterator[Patient]:
    """
    Read what can be read, ask Slack who we are, and let go of everything afterwards.

    `tls` says which certificates are believed; those of the system unless given.
    """
    client = http.open_client(tls)
    try:
        run = commands.Commands(told.environment)
        rig = Rig(http=client, clock=clock, run=run, files=written.read)
        toolbox, foreign = _toolbox(rig, told)
        library = await asyncio.to_thread(_library, told.settings, toolbox)
        async with Examiner.open(told.settings, clock) as slack:
            yield Patient(told, clock, rig, toolbox, foreign, library, slack)
    finally:
        await client.aclose()


def systems(toolbox: Toolbox) -> dict[str, type[BaseModel]]:
    """Every system that an action, a probe or a pager speaks to, with its model of settings."""
    told: dict[str, type[BaseModel]] = {
        "irm": IrmSettings,
        "jsm": JsmSettings,
        "pagerduty": PagerdutySettings,
        "recovery": RecoverySettings,
        signing.SYSTEM: CheckpointSettings,
    }
    return told | {
        name.partition(".")[0]: model
        for room in SPEAKING
        for name, model in toolbox.configs(room).items()
    }


def _toolbox(rig: Rig, told: Told) -> tuple[Toolbox, ConfigurationError | None]:
    """All plug-ins; with the shipped ones only when those from outside cannot be allowed."""
    try:
        return Toolbox(rig, told.sections, told.settings.allowed), None
    except ConfigurationError as error:
        return Toolbox(rig, told.sections), error


def _library(settings: Settings, toolbox: Toolbox) -> Library | ConfigurationError:
    try:
        return shelving.load(settings.runbooks, toolbox)
    except ConfigurationError as error:
        return error
