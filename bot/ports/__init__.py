"""What the engine asks of the world: small Protocols that app fills; fakes pass their tests."""

from __future__ import annotations

from bot.ports.around import Background, Clock, Known, Pager, People, Witness
from bot.ports.asking import (
    Allowance,
    Answer,
    Batches,
    Bringing,
    Calls,
    Edits,
    Engine,
    Forms,
    Freezing,
    Orders,
    Permits,
    PlanName,
    Requests,
)
from bot.ports.glancing import Door, Glance, Standstill, Watchtower
from bot.ports.living import Durable, Letter, Life
from bot.ports.plugs import (
    Action,
    Correspondent,
    Objector,
    Plugins,
    Probe,
    Ranged,
    Sink,
    Source,
)
from bot.ports.record import Cases, Exhibits, Inbox, Item, Kept, Ledger

__all__ = [
    "Action",
    "Allowance",
    "Answer",
    "Background",
    "Batches",
    "Bringing",
    "Calls",
    "Cases",
    "Clock",
    "Correspondent",
    "Door",
    "Durable",
    "Edits",
    "Engine",
    "Exhibits",
    "Forms",
    "Freezing",
    "Glance",
    "Inbox",
    "Item",
    "Kept",
    "Known",
    "Ledger",
    "Letter",
    "Life",
    "Objector",
    "Orders",
    "Pager",
    "People",
    "Permits",
    "PlanName",
    "Plugins",
    "Probe",
    "Ranged",
    "Requests",
    "Sink",
    "Source",
    "Standstill",
    "Watchtower",
    "Witness",
]
