"""What a pod of the plane would find mounted, for a Heal that thinks that it runs in one."""

from __future__ import annotations

import shutil
from pathlib import Path
from urllib.parse import urlsplit

import pytest
import yaml

from tests.cluster.plane import Plane


def mounted(plane: Plane, user: str, folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Write the service account of this user, and name the API server as a pod's variables do."""
    told = yaml.safe_load(plane.kubeconfig(user).read_text())
    cluster = told["clusters"][0]["cluster"]
    server = urlsplit(cluster["server"])
    shutil.copy(cluster["certificate-authority"], folder / "ca.crt")
    (folder / "token").write_text(told["users"][0]["user"]["token"])
    monkeypatch.setenv("KUBERNETES_SERVICE_HOST", str(server.hostname))
    monkeypatch.setenv("KUBERNETES_SERVICE_PORT", str(server.port))
