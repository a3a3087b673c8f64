"""
Machines by their names: the one that Heal runs on is `local`, every other one stands in a setting.

Whatever is to be done or read on a host goes through the same port, a list of arguments, wherever
the host is. A name that is in no setting is refused and never looked up anywhere else.
"""

from __future__ import annotations

import importlib
import platform
import tomllib
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Annotated, Self

from pydantic import (
    BeforeValidator,
    Field,
    StringConstraints,
    TypeAdapter,
    ValidationError,
    model_validator,
)

from bot.clients import commands
from bot.clients.folders import Folders
from bot.clients.rig import Rig
from bot.core import spelling
from bot.core.errors import ConfigurationError, PermanentError, TemporaryError, UncertainError
from bot.core.values import Frozen
from bot.plugins import Words

LOCAL = "local"
FILE = "HEAL_HOST_REMOTE_FILE"

HostName = Annotated[str, StringConstraints(pattern=r"^[a-z0-9][a-z0-9.-]{0,62}$")]
Command = Annotated[str, StringConstraints(min_length=1, max_length=300)]
FilePath = Annotated[str, StringConstraints(pattern=r"^/[^\x00-\x1f]{1,400}$")]


class Remote(Frozen):
    """Another machine: how to come in over SSH, and the commands that work there."""

    address: Annotated[str, StringConstraints(pattern=r"^[A-Za-z0-9][A-Za-z0-9.:_-]{0,252}$")] = (
        Field(description="its name in the network or its IP address, as known_hosts spells it")
    )
    port: int = Field(default=22, ge=1, le=65535, description="where its sshd listens")
    user: Annotated[str, StringConstraints(pattern=r"^[a-z_][a-z0-9_-]{0,31}$")] = Field(
        description="whom Heal comes in as; not root, see deploy/hosts"
    )
    key: FilePath = Field(description="the file of the private key, absolute, without passphrase")
    systemctl: Command = Field(default="sudo -n systemctl", description="as for this machine")
    journalctl: Command = Field(default="sudo -n journalctl", description="as for this machine")
    package_cleaner: Command = Field(
        default="sudo -n apt-get clean", description="as for this machine"
    )
    temporary_cleaner: Command = Field(
        default="sudo -n systemd-tmpfiles --clean", description="as for this machine"
    )


_REMOTES = TypeAdapter(dict[HostName, Remote])


def _remotes(given: object) -> object:
    """Read TOML, and say in words which machine's which line is wrong."""
    if not isinstance(given, str):
        return given
    try:
        return _REMOTES.validate_python(tomllib.loads(given))
    except tomllib.TOMLDecodeError as error:
        raise ValueError(f"it is not TOML: {error}") from None
    except ValidationError as error:
        first = error.errors(include_url=False, include_input=False)[0]
        place = ".".join(str(part) for part in first["loc"] if part != "[key]")
        raise ValueError(f"{place}: {first['msg'][:1].lower()}{first['msg'][1:]}") from None


class HostSettings(Frozen):
    """The settings HEAL_HOST_*."""

    systemctl: Command = Field(
        default="systemctl",
        description="the command that speaks to systemd, such as systemctl or sudo -n systemctl",
    )
    name: str = Field(
        default_factory=platform.node,
        min_length=1,
        max_length=200,
        description="what people call this machine; its own name unless set",
    )
    protected: Words = Field(
        default=(),
        description="units that are never touched on any machine, separated by commas; * stands "
        "for anything",
    )
    cleanable: Folders = Field(
        default=("/tmp", "/var/tmp"),  # noqa: S108 - they are meant, and opened without links
        description="folders of temporary files and caches, with commas: all that is old in them "
        "may be removed for good",
    )
    logs: Folders = Field(
        default=("/var/log",), description="folders whose old logs may be compressed, with commas"
    )
    journalctl: Command = Field(
        default="journalctl",
        description="the command that trims and reads the journal, such as sudo -n journalctl",
    )
    package_cleaner: Command = Field(
        default="apt-get clean",
        description="the command that empties the package cache, such as sudo -n dnf clean all",
    )
    temporary_cleaner: Command = Field(
        default="systemd-tmpfiles --clean",
        description="the command that removes old temporary files by the machine's own rules",
    )
    remote: Annotated[Mapping[HostName, Remote], BeforeValidator(_remotes)] = Field(
        default={},
        description=f"other machines, as TOML; {FILE} names a file of it: see docs/hosts.md",
    )
    known_hosts: str = Field(
        default="", description="the file of the keys that other machines are known by, absolute"
    )

    @model_validator(mode="after")
    def _are_known_and_others(self) -> Self:
        if self.remote and not self.known_hosts.startswith("/"):
            raise ValueError(
                "HEAL_HOST_KNOWN_HOSTS is missing: name the file, absolute, with the keys of the "
                "machines, for no key is ever believed at first sight"
            )
        for taken in {LOCAL, self.name} & self.remote.keys():
            raise ValueError(
                f"HEAL_HOST_REMOTE is wrong: {taken} means the machine that Heal runs on"
            )
        places = Counter((one.address, one.port) for one in self.remote.values())
        for address, port in (place for place, names in places.items() if names > 1):
            raise ValueError(
                f"HEAL_HOST_REMOTE is wrong: {address}:{port} has two names, and what is done "
                "under one would not be locked under the other"
            )
        return self


class OnHost(Frozen):
    """On which machine."""

    host: str = Field(
        default=LOCAL,
        max_length=253,
        description=f"the machine: local is the one that Heal runs on, others stand in {FILE}",
    )


@dataclass(frozen=True, slots=True)
class Host:
    """A machine that commands can be run on; `name` is what people call it."""

    name: str
    run: commands.Run
    tools: HostSettings | Remote

    @property
    def local(self) -> bool:
        return isinstance(self.tools, HostSettings)

    async def read(self, *argv: str, within: float) -> commands.Finished:
        """Run what changes nothing: when the line is lost, it may just be run again."""
        try:
            return await self.run(*argv, within=within)
        except UncertainError as error:
            raise TemporaryError(str(error)) from error


class Hosts:
    """Every machine there is; one that names others without asyncssh cannot be made."""

    def __init__(self, settings: HostSettings, rig: Rig) -> None:
        if settings.remote:
            try:  # now, for asyncssh looks for libraries at length when it is loaded
                importlib.import_module("bot.clients.ssh")
            except ImportError as error:
                raise ConfigurationError(
                    f"{FILE} names other machines, and asyncssh is not installed: "
                    "pip install 'heal-bot[ssh]'"
                ) from error
        self._settings = settings
        self._rig = rig

    def at(self, name: str) -> Host:
        """Find a machine by its name; PermanentError when it is in no setting."""
        if name == LOCAL:
            return Host(self._settings.name, self._rig.run, self._settings)
        if why := unknown(name, self._settings):
            raise PermanentError(why)
        from bot.clients.ssh import Line

        remote = self._settings.remote[name]
        line = Line(name, remote, self._settings.known_hosts, self._rig.run)
        return Host(name, line, remote)

    def here(self, name: str, why: str) -> None:
        """Refuse any other machine for work that can be done safely only from within."""
        if name != LOCAL:
            raise PermanentError(
                f"{spelling.quoted(name)} cannot be reached by this: {why}; only the machine "
                f"that Heal runs on can be, so write host: {LOCAL} or leave it out"
            )


def unknown(name: str, settings: HostSettings) -> str:
    """Why there is no such machine; empty when there is."""
    if name in {LOCAL, *settings.remote}:
        return ""
    others = ", ".join(sorted(settings.remote)) or "none"
    return (
        f"{spelling.quoted(name)} cannot be reached: {FILE} does not name it (it names {others}), "
        f"and the machine that Heal runs on is called {LOCAL}"
    )
