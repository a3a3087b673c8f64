"""`heal kubernetes role`: the roles that allow what the runbooks in use need, and no more."""

from __future__ import annotations

import argparse
import sys
from typing import Any

from bot import settings as settings_
from bot.catalog import shelving
from bot.clients.kubernetes import granting
from bot.clients.kubernetes.settings import KubernetesSettings
from bot.core.errors import ConfigurationError
from bot.doctor import needed
from bot.plugins import Toolbox


def add(verbs: Any) -> None:
    verb = verbs.add_parser("kubernetes", help="print roles for clusters", description=__doc__)
    verb.add_argument("what", choices=("role",))
    verb.add_argument("--cluster", default="", help="one of several")
    verb.add_argument(
        "--user",
        default=granting.OURS,
        help=f"who is given them, as the API server says it; default: {granting.OURS}",
    )
    verb.set_defaults(act=act)


def act(given: argparse.Namespace) -> int:
    """Ask no cluster: who prints a role may have no access at all."""
    settings, _ = settings_.leniently()
    toolbox = Toolbox(None, settings_.section, settings.allowed)
    clusters = toolbox.settings("kubernetes", KubernetesSettings)
    try:
        cluster = clusters.cluster(given.cluster)
    except ValueError as error:
        raise ConfigurationError(str(error)) from None
    library = shelving.load(settings.runbooks, toolbox)
    wanted = [one for one in needed.rights(library, toolbox, clusters) if one.cluster == cluster]
    if not wanted:
        where = "facts.cluster and facts.namespace in policy/services.yaml say where they act"
        print(f"no runbook in use acts on cluster {cluster}: {where}", file=sys.stderr)
        return 1
    print(granting.manifests(wanted, "heal", given.user), end="")
    return 0
