"""
From a name to a plug-in: the name is the path of its module, and the module's object is `PLUGIN`.

Shipped plug-ins are found by walking the package. One from outside is offered through the entry
points `heal.actions` and so on, and loaded only when a setting names its distribution. A name must
lead to exactly one plug-in of the right kind, or the start stops, before the first alert.
"""

from __future__ import annotations

import importlib
import pkgutil
import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from importlib import metadata
from pathlib import Path
from typing import Annotated, Any, Literal, Protocol, TypeVar, cast

from pydantic import BaseModel, BeforeValidator, ValidationError
from pydantic_core import ErrorDetails

from bot import ports
from bot.core import spelling
from bot.core.errors import ConfigurationError
from bot.core.ondemand import OnDemand

Room = Literal["actions", "probes", "sources", "sinks", "tickets", "pagers"]
Sections = Callable[[str], Mapping[str, str]]
"""The raw settings of one system: "host" gives {"systemctl": "…"} out of HEAL_HOST_SYSTEMCTL."""

T = TypeVar("T")
M = TypeVar("M", bound=BaseModel)
WEBHOOK = "webhook_"
"""What the settings begin with by which a system may post alerts here, not be asked itself."""
NAME = re.compile(r"[a-z][a-z0-9_]*(?:\.[a-z][a-z0-9_]*)*")


def _words(value: object) -> object:
    if not isinstance(value, str):
        return value
    return tuple(word.strip() for word in value.split(",") if word.strip())


Words = Annotated[tuple[str, ...], BeforeValidator(_words)]
"""A setting of several words, written with commas between them."""


class Blueprint(Protocol):
    """The class of a plug-in: made from the checked settings of its system; params are of calls."""

    config: type[BaseModel]
    params: type[BaseModel]

    def __call__(self, config: Any, rig: Any) -> object: ...


class Toolbox:
    """
    Every plug-in this installation may use, made on first use and kept.

    `rig` is what plug-ins work with and is passed on unread; `allowed` names the distributions
    whose plug-ins may be loaded beside the shipped ones.
    """

    def __init__(self, rig: object, sections: Sections, allowed: Sequence[str] = ()) -> None:
        self._rig = rig
        self._sections = sections
        self._allowed = frozenset(_normal(name) for name in allowed)
        for name in allowed:
            if _normal(name) not in _offering():
                raise ConfigurationError(
                    f"HEAL_PLUGINS: {spelling.quoted(name)} is no installed package with plug-ins "
                    "for Heal: install it, or take it off the list"
                )
        self._made: dict[tuple[Room, str], object] = {}

    def action(self, name: str) -> ports.Action:
        return self._get("actions", name, ports.Action)

    def probe(self, name: str) -> ports.Probe:
        return self._get("probes", name, ports.Probe)

    def source(self, name: str) -> ports.Source:
        return self._get("sources", name, ports.Source)

    def sink(self, name: str) -> ports.Sink:
        return self._get("sinks", name, ports.Sink)

    def correspondent(self, room: Room, name: str) -> ports.Correspondent:
        """One system of the rooms IN_STEP."""
        return self._get(room, name, ports.Correspondent)

    def names(self, room: Room) -> tuple[str, ...]:
        """Every name that can be loaded, shipped or allowed, in order."""
        return tuple(sorted({*shipped(room), *(entry.name for entry in self._offered(room))}))

    def params(self, room: Room) -> Mapping[str, type[BaseModel]]:
        """What each can be told, without its settings; each is imported when it is looked up."""
        return OnDemand(self.names(room), lambda name: self.blueprint(room, name).params)

    def configs(self, room: Room) -> Mapping[str, type[BaseModel]]:
        """The model of the settings that each plug-in is made from."""
        return {name: self.blueprint(room, name).config for name in self.names(room)}

    def settings(self, system: str, model: type[M]) -> M:
        """The settings of one system; ConfigurationError names the one that is wrong."""
        own = {n: t for n, t in self._sections(system).items() if not n.startswith(WEBHOOK)}
        return cast(M, configure(system, model, own))

    def webhook(self, system: str) -> dict[str, str]:
        """The raw settings of how it may post alerts here; none that is empty."""
        told = self._sections(system).items()
        given = {name: text for name, text in told if name.startswith(WEBHOOK) and text.strip()}
        return {name.removeprefix(WEBHOOK): text for name, text in given.items()}

    def told(self, system: str) -> bool:
        """Whether any setting that is not empty is about this system."""
        return any(self._sections(system).values())

    def _get(self, room: Room, name: str, kind: type[T]) -> T:
        if (known := self._made.get((room, name))) is not None:
            return cast(T, known)  # looked at when it was made: that is slow, and asked often
        made = self._make(room, name)
        if not isinstance(made, kind):
            raise ConfigurationError(
                f"the plug-in {name!r} in {room} is not a {kind.__name__}: "
                f"it must have everything that bot.ports.{kind.__name__} asks for"
            )
        self._made[room, name] = made
        return made

    def _make(self, room: Room, name: str) -> object:
        blueprint = self.blueprint(room, name)
        system = name.partition(".")[0]
        if room == "sources":
            config = configure(f"{system}_webhook", blueprint.config, self.webhook(system))
        else:
            named = f"sink_{system}" if room == "sinks" else system
            config = self.settings(named, blueprint.config)
        return blueprint(config, self._rig)

    def blueprint(self, room: Room, name: str) -> Blueprint:
        """The class of a plug-in: what it declares can be read without making one."""
        found = self._find(room, name)
        if lacks := ", ".join(sorted(getattr(found, "__abstractmethods__", ()))):
            raise ConfigurationError(f"the plug-in {name!r} in {room} lacks {lacks}: write it")
        owes = ("config", "params") if room in {"actions", "probes"} else ("config",)
        models = [getattr(found, name, None) for name in owes]
        if not isinstance(found, type) or not all(isinstance(model, type) for model in models):
            said = f"the plug-in {name!r} in {room} is not a class with the models "
            wanted = " and ".join(f"`{one}`" for one in owes)
            raise ConfigurationError(f"{said}{wanted}: give it what is missing")
        return cast(Blueprint, found)

    def _find(self, room: Room, name: str) -> object:
        if not NAME.fullmatch(name):
            raise ConfigurationError(
                f"{spelling.quoted(name)} is not a name in {room}: use small words joined by dots"
            )
        doors = [entry.load for entry in self._offered(room) if entry.name == name]
        if name in shipped(room):
            doors.append(lambda: importlib.import_module(f"bot.{room}.{name}").PLUGIN)
        if len(doors) > 1:
            said = f"{name!r} leads to {len(doors)} plug-ins in {room}, not to one: "
            remedy = "allow only one of the packages that offer it, or rename theirs"
            raise ConfigurationError(said + remedy)
        if not doors:
            raise ConfigurationError(self._missing(room, name))
        return _opened(room, name, doors[0])

    def _missing(self, room: Room, name: str) -> str:
        for entry in metadata.entry_points(group=f"heal.{room}", name=name):
            owner = entry.dist.name if entry.dist else "a package"
            return f"{name!r} in {room} is offered by {owner}: list it in HEAL_PLUGINS to use it"
        return f"{room}: {spelling.unknown(name, self.names(room))}"

    def _offered(self, room: Room) -> Iterator[metadata.EntryPoint]:
        if not self._allowed:
            return  # without asking every installed package
        for entry in metadata.entry_points(group=f"heal.{room}"):
            if entry.dist is not None and _normal(entry.dist.name) in self._allowed:
                yield entry


def _offering() -> set[str]:
    """The installed distributions that offer at least one plug-in."""
    groups = metadata.entry_points()
    offered = (entry for group in groups.groups if group.startswith("heal.")
               for entry in groups.select(group=group))  # fmt: skip
    return {_normal(entry.dist.name) for entry in offered if entry.dist is not None}


def configure(system: str, model: type[BaseModel], section: Mapping[str, str]) -> BaseModel:
    """Check the raw settings of one system; a wrong one is named as it is written."""
    try:
        return model.model_validate(dict(section))
    except ValidationError as error:
        slips = error.errors(include_url=False, include_input=False)
        said = "; ".join(_remedy(f"HEAL_{system}_", model, each) for each in slips)
        raise ConfigurationError(said) from None


def _remedy(prefix: str, model: type[BaseModel], error: ErrorDetails) -> str:
    """One sentence; the value stays out of it, for it may be a secret."""
    if not error["loc"]:
        return error["msg"]
    setting = f"{prefix}{error['loc'][0]}".upper()
    if error["type"] == "extra_forbidden":
        return spelling.unknown(setting, [f"{prefix}{each}".upper() for each in model.model_fields])
    field = model.model_fields[str(error["loc"][0])]
    wrong = "is missing" if error["type"] == "missing" else f"is wrong ({error['msg']})"
    return f"{setting} {wrong}: {field.description}"


def shipped(room: Room) -> tuple[str, ...]:
    """
    Every plug-in of a room that comes with the product, in order; nothing is imported.

    >>> "alertmanager" in shipped("sources")
    True
    """
    return tuple(sorted(_walk([str(Path(__file__).parent / room)], "")))


def _walk(folders: list[str], prefix: str) -> Iterator[str]:
    for module in pkgutil.iter_modules(folders):
        name = f"{prefix}{module.name}"
        if not NAME.fullmatch(name):
            continue
        if module.ispkg:
            yield from _walk([str(Path(folder) / module.name) for folder in folders], f"{name}.")
        else:
            yield name


def _opened(room: Room, name: str, door: Callable[[], object]) -> object:
    try:
        return door()
    except (ImportError, AttributeError) as error:
        said = f"the plug-in {name!r} in {room} cannot be loaded ({error}): it needs "
        raise ConfigurationError(f"{said}an object PLUGIN, and its packages installed") from error


def _normal(distribution: str) -> str:
    return re.sub(r"[-_.]+", "-", distribution).lower()
