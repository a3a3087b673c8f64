"""Which sources are open: those whose sender can prove to be it, as a setting says."""

from __future__ import annotations

from collections.abc import Mapping

from bot import ports
from bot.core.errors import ConfigurationError
from bot.plugins import Toolbox


def alert_doors(toolbox: Toolbox) -> dict[str, ports.Source]:
    """Every source that is open, by its name."""
    found = {name: door(toolbox, name) for name in toolbox.names("sources")}
    return {name: source for name, source in found.items() if source is not None}


def door(toolbox: Toolbox, name: str) -> ports.Source | None:
    """
    Return a source with its secret; None when nothing is said about it, and it stays shut.

    Settings without a secret are a ConfigurationError: they were meant to open it, or are a slip.
    """
    system = name.partition(".")[0]
    if not (given := toolbox.webhook(system)):
        return None
    source = toolbox.source(name)
    if not source.locks:
        named = ", ".join(f"HEAL_{system}_WEBHOOK_{one}".upper() for one in sorted(given))
        keys = opened_by(toolbox, name)
        raise ConfigurationError(
            f"{named} is set and nothing that opens {name}, so nobody could post: set {keys}"
        )
    return source


def opened_by(toolbox: Toolbox, name: str) -> str:
    """Name the settings each of which opens a source."""
    known = toolbox.blueprint("sources", name).config.model_fields
    found = [one for one in toolbox.source(name).keys if one in known]
    prefix = f"HEAL_{name.partition('.')[0]}_WEBHOOK_".upper()
    first, *more = [one.upper() for one in found]
    return " or ".join([f"{prefix}{first}", *(f"…_{one}" for one in more)])


def paths(doors: Mapping[str, ports.Source]) -> dict[str, str]:
    """The source of each other address; ConfigurationError when two open ones share it."""
    found: dict[str, str] = {}
    for name, source in doors.items():
        for path in source.paths:
            if path in found:
                raise ConfigurationError(
                    f"{path} is an address of {found[path]} and of {name}: open one of them only"
                )
            found[path] = name
    return found
