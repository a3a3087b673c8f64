"""What an API server's no means: a sentence with the cluster, the object, the verb, the remedy."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass

from bot.clients.commands import printable
from bot.core.errors import ActionError, PermanentError, TemporaryError

VERBS = {"GET": "read", "PATCH": "patch", "POST": "create", "DELETE": "delete", "PUT": "replace"}


class StaleError(PermanentError):
    """The object has changed since it was read (409, or a failed test of a JSON patch)."""


class MissingError(PermanentError):
    """There is no such object, or no such kind (404)."""


class ForbiddenError(PermanentError):
    """Heal's role lacks this right (403)."""


class BudgetError(PermanentError):
    """A disruption budget has no room for this pod to go (429 with its cause)."""


class BudgetsError(PermanentError):
    """More than one disruption budget holds the pod, which servers answer with 500 for ever."""


@dataclass(frozen=True, slots=True)
class Asked:
    """One call, for messages."""

    cluster: str
    method: str
    path: str
    dry: bool = False

    @property
    def verb(self) -> str:
        return VERBS.get(self.method, self.method)

    @property
    def thing(self) -> str:
        """
        Name the object of a path as people do.

        >>> Asked("prod", "GET", "/apis/apps/v1/namespaces/shop/deployments/api").thing
        'deployments/api in shop'
        >>> Asked("prod", "GET", "/api/v1/nodes").thing
        'nodes'
        """
        words = self.path.strip("/").split("/")
        rest = words[2:] if words[0] == "api" else words[3:]
        if len(rest) > 2 and rest[0] == "namespaces":
            return f"{'/'.join(rest[2:])} in {rest[1]}"
        return "/".join(rest) or self.path

    @property
    def namespace(self) -> str:
        """
        The namespace that is meant, whatever of it; empty for what stands in none.

        >>> Asked("prod", "GET", "/api/v1/namespaces/shop").namespace
        'shop'
        """
        words = self.path.strip("/").split("/")
        rest = words[2:] if words[0] == "api" else words[3:]
        return rest[1] if len(rest) > 1 and rest[0] == "namespaces" else ""

    @property
    def says(self) -> str:
        tried = " (a dry run, nothing was changed)" if self.dry else ""
        return f"cluster {self.cluster}: {self.verb} {self.thing}{tried}"


def lost(asked: Asked, why: str) -> ActionError:
    """No answer came: a read may be tried again, a write may have been done."""
    if asked.method == "GET" or asked.dry:
        return TemporaryError(f"{asked.says}: {why}")
    return TemporaryError(f"{asked.says}: {why}; it may have been done all the same")


def refused(  # noqa: PLR0911 - one arm an answer
    asked: Asked, status: int, headers: Mapping[str, str], body: bytes
) -> ActionError:
    """Translate an answer that is not 2xx."""
    said = _status(body)
    message = printable(str(said.get("message", "")))[:300] or f"it answered {status}"
    match status:
        case 401:
            return PermanentError(
                f"{asked.says}: Heal is not known there (401); renew the token or certificate "
                "of its kubeconfig or service account"
            )
        case 403:
            return ForbiddenError(
                f"{asked.says}: forbidden; give Heal's role the verb for it: {message}"
            )
        case 404:
            return MissingError(f"{asked.says}: there is none; check cluster, namespace and name")
        case 409:
            return StaleError(f"{asked.says}: it changed meanwhile: {message}")
        case 422 if "test operation failed" in message or "the server rejected" in message:
            return StaleError(f"{asked.says}: it changed meanwhile: {message}")
        case 429 if _budget(said):
            return BudgetError(f"{asked.says}: a disruption budget has no room now: {message}")
        case 500 if "more than one PodDisruptionBudget" in message:
            return BudgetsError(f"{asked.says}: {message}")
        case 408 | 425 | 429 | 500 | 502 | 503 | 504:
            return TemporaryError(f"{asked.says}: {message}", _retry_after(headers))
    return PermanentError(f"{asked.says}: refused ({status}): {message}")


def _status(body: bytes) -> dict[str, object]:
    try:
        found = json.loads(body[:100_000])
    except (ValueError, RecursionError):
        return {"message": body[:300].decode("utf-8", "replace")}
    return found if isinstance(found, dict) else {}


def _budget(said: Mapping[str, object]) -> bool:
    details = said.get("details")
    causes = details.get("causes") if isinstance(details, dict) else None
    return any(
        isinstance(cause, dict) and cause.get("reason") == "DisruptionBudget"
        for cause in causes or ()
    )


def _retry_after(headers: Mapping[str, str]) -> float:
    raw = headers.get("Retry-After", "")
    return min(float(raw), 60.0) if raw.isdecimal() else 1.0
