"""Reviewing: asking a cluster who Heal is there, and which rights it lacks."""

from __future__ import annotations

import asyncio
import re
from collections.abc import Iterable

from bot.clients.kubernetes.cluster import Cluster
from bot.clients.kubernetes.granting import Need
from bot.clients.kubernetes.refusals import ForbiddenError
from bot.core.errors import PermanentError

REVIEWS = "/apis/authorization.k8s.io/v1/selfsubjectaccessreviews"
NOBODYS = "/apis/rbac.authorization.k8s.io/v1/clusterroles/heal-asks-who-it-is"
"""Who may not read this is told by name that it may not, on every version of the server."""


async def lacking(cluster: Cluster, wanted: Iterable[Need]) -> list[Need]:
    """Those of the rights that the server says Heal does not have, in order."""
    asked = sorted(set(wanted))
    held = await asyncio.gather(*(_allowed(cluster, one) for one in asked))
    return [one for one, allowed in zip(asked, held, strict=True) if not allowed]


async def _allowed(cluster: Cluster, one: Need) -> bool:
    resource, _, part = one.resource.partition("/")
    asked = {
        "namespace": one.namespace,
        "verb": one.verb,
        "group": one.group,
        "resource": resource,
        "subresource": part,
    }
    review = {
        "apiVersion": "authorization.k8s.io/v1",
        "kind": "SelfSubjectAccessReview",
        "spec": {"resourceAttributes": asked},
    }
    answer = await cluster.post(REVIEWS, review)
    return bool((answer.get("status") or {}).get("allowed"))


async def who(cluster: Cluster) -> str:
    """What the server calls Heal; empty when it does not say, as to an administrator."""
    try:
        await cluster.get(NOBODYS)
    except ForbiddenError as error:
        found = re.search(r'User "([^"]{1,200})" cannot', str(error))
        return found[1] if found else ""
    except PermanentError:
        pass
    return ""
