"""Sections: what the house itself is told beside bot/settings.py, by the names they begin with."""

from __future__ import annotations

from typing import TypeVar, cast

from pydantic import BaseModel

from bot import plugins
from bot.app.leaving import StopSettings
from bot.clients.databases import DatabaseSettings, ReplicaSettings
from bot.clients.drawing import EvidenceSettings
from bot.clients.traces import TracesSettings
from bot.reporting.daily import ReportSettings
from bot.slack.cards.style import CardsSettings
from bot.store.sealing import KeepingSettings
from bot.telemetry.logs import LogSettings
from bot.web.pages.settings import PagesSettings, PublicSettings

T = TypeVar("T", bound=BaseModel)

SECTIONS: dict[str, type[BaseModel]] = {
    "cards": CardsSettings,
    "database": DatabaseSettings,
    "evidence": EvidenceSettings,
    "ledger": KeepingSettings,
    "log": LogSettings,
    "pages": PagesSettings,
    "public": PublicSettings,
    "replica": ReplicaSettings,
    "report": ReportSettings,
    "stop": StopSettings,
    "traces": TracesSettings,
}
"""`HEAL_<NAME>_<FIELD>`: docs/settings.md lists them, the doctor knows them."""


def read(name: str, model: type[T], sections: plugins.Sections) -> T:
    """Read one; ConfigurationError names what is wrong and the remedy."""
    return cast("T", plugins.configure(name, model, sections(name)))


def variables() -> dict[str, str]:
    """Every variable of them, with what it means."""
    return {
        f"HEAL_{name}_{field}".upper(): told.description or ""
        for name, model in SECTIONS.items()
        for field, told in model.model_fields.items()
    }
