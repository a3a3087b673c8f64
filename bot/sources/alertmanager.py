"""Alerts of Prometheus Alertmanager: its webhook, version 4."""

from __future__ import annotations

from typing import Literal

from pydantic import Field

from bot.clients.senders import Sender
from bot.core import sent
from bot.core.alert import Alert
from bot.core.posted import Posted
from bot.sources import _groups

KIND = "Alertmanager's webhook version 4"


class _Message(_groups.Group):
    version: Literal["4"]
    alerts: list[_groups.Member] = Field(max_length=_groups.MOST)


class Alertmanager(Sender):
    """The receiver of `webhook_configs`; `http_config.authorization` carries the token."""

    name = "alertmanager"
    later = 503  # after any status of 400 and more but these it drops the notification

    def parse(self, posted: Posted) -> list[Alert]:
        message = sent.read(_Message, posted.body, KIND)
        members = enumerate(message.alerts)
        return [_groups.alert(self.name, place, one, message) for place, one in members]


PLUGIN = Alertmanager
