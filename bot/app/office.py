"""The office: what was set, and whether the ledger is sound, for who asks in Slack."""

from __future__ import annotations

import asyncio
import re
from collections.abc import Iterator, Sequence

from pydantic import SecretStr
from pydantic.fields import FieldInfo

from bot import settings as settings_
from bot.app.sections import SECTIONS
from bot.core import redaction
from bot.plugins import Sections
from bot.ports import Audited, Setting
from bot.settings import Settings
from bot.store import verifying

SECRET = "set, and never shown"  # noqa: S105 - what is said in its place
_WHO = re.compile(r"(?<=://)[^/\s@]*@")
"""What an address may hold before its host: a name and a password."""


class Office:
    """Tells what stands in the environment, and of what is secret only that it is there."""

    def __init__(self, settings: Settings, sections: Sections) -> None:
        self._settings = settings
        self._sections = sections
        self._walking = asyncio.Lock()

    def settings(self) -> Sequence[Setting]:
        """Everything that was set otherwise than by default, by its variable."""
        told = {one.variable: one for one in (*self._others(), *self._own(), *self._beside())}
        return [told[name] for name in sorted(told)]

    async def verify(self) -> Audited | None:
        """Walk the ledger in a thread: about five seconds for a million entries."""
        if self._walking.locked():
            return None
        async with self._walking:
            found = await asyncio.to_thread(verifying.verify, self._settings.ledger)
        return Audited(found.sound, found.line)

    def _own(self) -> Iterator[Setting]:
        for name, field in Settings.model_fields.items():
            value = getattr(self._settings, name)
            if field.alias and value != field.default:
                yield Setting(field.alias, _shown(field, value))

    def _beside(self) -> Iterator[Setting]:
        for name, model in SECTIONS.items():
            for key, value in self._sections(name).items():
                if field := model.model_fields.get(key):
                    yield Setting(f"HEAL_{name}_{key}".upper(), _shown(field, value))

    def _others(self) -> Iterator[Setting]:
        """What plug-ins read: which of it is secret, each of them says for itself."""
        for name in settings_.environment():
            if name.startswith(("HEAL_", "SLACK_")):
                yield Setting(name.removesuffix("_FILE"), SECRET)


def _shown(field: FieldInfo, value: object) -> str:
    if field.annotation is SecretStr or isinstance(value, SecretStr):
        return SECRET
    return _WHO.sub("…@", redaction.text(str(value)))
