"""Connecting: the official client with the address and the credentials of one named cluster."""

from __future__ import annotations

import importlib
from pathlib import Path
from typing import Any

from bot.clients.kubernetes.settings import IN_CLUSTER, LISTED, KubernetesSettings
from bot.core import spelling
from bot.core.errors import PermanentError


def client(name: str, settings: KubernetesSettings) -> Any:
    """
    Make the client of a cluster; loads the official one, which is large.

    Always by the cluster's name: a current context may be another one tomorrow. PermanentError
    says what to mend.
    """
    config = importlib.import_module("kubernetes.config")
    try:
        if name == IN_CLUSTER:
            return _inside(config, Path(settings.account))
        file = settings.kubeconfig or None
        _check_alone(name, settings, config.list_kube_config_contexts(file)[0])
        return config.new_client_from_config(file, name, persist_config=False)
    except (config.ConfigException, OSError, ValueError) as error:
        raise PermanentError(_unusable(name, settings, config, error)) from None


def _inside(config: Any, account: Path) -> Any:
    official = importlib.import_module("kubernetes.client")
    made = official.Configuration()
    config.incluster_config.InClusterConfigLoader(
        token_filename=account / "token", cert_filename=account / "ca.crt"
    ).load_and_set(made)
    return official.ApiClient(made)


def _check_alone(name: str, settings: KubernetesSettings, there: list[dict[str, Any]]) -> None:
    """Two names of one cluster are refused: what one locks, the other would not."""
    at = {one["name"]: one["context"]["cluster"] for one in there}
    same = [one for one in settings.contexts if at.get(one) == at.get(name)]
    if name in at and len(same) > 1:
        raise ValueError(f"{' and '.join(same)} are one cluster: list one of them in {LISTED}")


def _unusable(name: str, settings: KubernetesSettings, config: Any, error: Exception) -> str:
    said = f"cluster {name} cannot be used: {error}"
    if name == IN_CLUSTER:
        return f"{said}; mount Heal's service account, and let its pod see the API server"
    try:
        there = config.list_kube_config_contexts(settings.kubeconfig or None)[0]
    except (config.ConfigException, OSError, ValueError, TypeError):
        return f"{said}; set HEAL_KUBERNETES_KUBECONFIG to a kubeconfig that names it"
    names = [str(one["name"]) for one in there]
    if name in names:
        return f"{said}; mend that context, its cluster and its user"
    return (
        f"cluster {name} cannot be used: of the kubeconfig's contexts "
        f"{spelling.unknown(name, names)}; mend {LISTED}"
    )
