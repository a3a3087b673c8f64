"""Taking a request apart, as an API server reads its path."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from tests.cluster.fake import answers
from tests.cluster.fake.roles import Wish

VERBS = {"POST": "create", "PATCH": "patch", "DELETE": "delete", "PUT": "update"}


@dataclass(frozen=True)
class Asked:
    """One request, taken apart."""

    wish: Wish
    version: str
    query: Mapping[str, str]
    body: bytes
    media: str
    agent: str

    @property
    def dry(self) -> bool:
        return self.query.get("dryRun") == "All"

    @property
    def manager(self) -> str:
        return self.query.get("fieldManager") or self.agent.partition("/")[0]

    @property
    def json(self) -> Any:
        try:
            return json.loads(self.body)
        except ValueError:
            raise answers.not_json() from None


def wish(method: str, path: str) -> tuple[str, Wish]:
    """The version of the group that is spoken, and what is wanted of it; Refused (404)."""
    words = path.strip("/").split("/")
    if words[0] == "api" and len(words) > 2:
        group, version, rest = "", words[1], words[2:]
    elif words[0] == "apis" and len(words) > 3:
        group, version, rest = words[1], words[2], words[3:]
    else:
        raise answers.no_page()
    space = ""
    if rest[0] == "namespaces" and len(rest) > 2:
        space, rest = rest[1], rest[2:]
    plural, name, sub = [*rest, "", ""][:3]
    verb = VERBS.get(method, "get" if name else "list")
    return version, Wish(verb, group, plural, sub, space, name)
