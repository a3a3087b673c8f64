"""Which sources are open: those whose secret is configured."""

from __future__ import annotations

from bot.engine.receiving import Door
from bot.plugins import Sections, Toolbox


def alert_doors(toolbox: Toolbox, sections: Sections) -> dict[str, Door]:
    """Every source whose secret is configured; one without a secret stays shut."""
    doors = {}
    for name in toolbox.names("sources"):
        secret = sections(name).get("token", "").strip()
        if secret:
            doors[name] = Door(toolbox.source(name), secret)
    return doors
