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
        _check(name, settings, _addresses(config, settings))
        return config.new_client_from_config(settings.kubeconfig or None, name, False)
    except (config.ConfigException, OSError, ValueError) as error:
        remedy = (
            "mount Heal's service account, and let its pod see the API server"
            if name == IN_CLUSTER
            else "set HEAL_KUBERNETES_KUBECONFIG to a kubeconfig that has it"
        )
        raise PermanentError(f"cluster {name} cannot be used: {error}; {remedy}") from None


def _inside(config: Any, account: Path) -> Any:
    official = importlib.import_module("kubernetes.client")
    made = official.Configuration()
    config.incluster_config.InClusterConfigLoader(
        token_filename=account / "token", cert_filename=account / "ca.crt"
    ).load_and_set(made)
    return official.ApiClient(made)


def _addresses(config: Any, settings: KubernetesSettings) -> dict[str, str]:
    """The API server of every context; the official list of them wants a current one, we do not."""
    files = settings.kubeconfig or config.kube_config.KUBE_CONFIG_DEFAULT_LOCATION
    merged = config.kube_config.KubeConfigMerger(files).config
    if merged is None:
        raise ValueError(f"there is no kubeconfig {files}")
    told = {part: [one.value for one in merged[part]] for part in ("contexts", "clusters")}
    servers = {one["name"]: str(one["cluster"].get("server")) for one in told["clusters"]}
    return {one["name"]: servers.get(one["context"]["cluster"], "") for one in told["contexts"]}


def _check(name: str, settings: KubernetesSettings, at: dict[str, str]) -> None:
    """Two names of one cluster are refused: what one locks, the other would not."""
    if name not in at:
        unknown = spelling.unknown(name, at)
        raise PermanentError(f"of the kubeconfig's contexts {unknown}; mend {LISTED}")
    same = [one for one in settings.contexts if at.get(one) == at[name]]
    if len(same) > 1:
        raise PermanentError(f"{' and '.join(same)} are one cluster; list one of them in {LISTED}")
