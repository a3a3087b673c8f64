"""The settings of several replicas: where their Postgres is, and how they reach each other."""

from __future__ import annotations

import ipaddress

from pydantic import Field, SecretStr

from bot.core.values import Frozen


class DatabaseSettings(Frozen):
    """The settings HEAL_DATABASE_*."""

    url: SecretStr = Field(
        default=SecretStr(""),
        description="the Postgres that several replicas share, like "
        "postgresql://heal:password@db.internal:5432/heal; without it there is one process, and "
        "its file holds everything",
    )


class ReplicaSettings(Frozen):
    """The settings HEAL_REPLICA_*."""

    address: str = Field(
        default="",
        pattern=r"^(https?://[^/\s@]+)?$",
        description="where the other replicas reach this one, like http://10.0.0.7:3001; unless "
        "set, HEAL_LISTEN or else the address that Postgres is reached from, and SLACK_PORT",
    )

    def reached_at(self, listen: str, port: int, seen: str) -> str:
        """
        The address for others of who listens here; Postgres is reached from `seen`.

        >>> ReplicaSettings().reached_at("0.0.0.0", 3001, "10.0.0.7")
        'http://10.0.0.7:3001'
        >>> ReplicaSettings().reached_at("127.0.0.1", 3001, "10.0.0.7")
        'http://127.0.0.1:3001'
        """
        if self.address:
            return self.address
        try:
            everywhere = ipaddress.ip_address(listen).is_unspecified
        except ValueError:
            everywhere = not listen
        host = (seen or "127.0.0.1") if everywhere else listen
        return f"http://{f'[{host}]' if ':' in host else host}:{port}"
