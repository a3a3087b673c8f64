"""
A real Kubernetes on loopback: etcd, API server, controllers, scheduler and real kubelets.

The kubelets run containers that do not exist, so nothing has logs or a shell; everything else is
Kubernetes' own code. `build.sh` beside this makes the programs, once.
"""

from __future__ import annotations

import hashlib
import json
import os
import signal
import socket
import ssl
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

BUILD = Path(__file__).with_name("build.sh")
PROGRAMS = ("etcd", "kube-apiserver", "kube-controller-manager", "kube-scheduler", "kubemark")
READY = 60.0
CONTEXT = "local"
"""What its kubeconfigs, and so Heal's runbooks, call it."""
RUNNING = "HEAL_TEST_PLANE"
"""Names the directory of a control plane that runs already: `python -m tests.cluster.plane DIR`."""
GROUPS = {"admin": "system:masters", "heal": "heal"}
"""The two users that tests know, and the group that says what each may."""
WORKERS = ("alone", *(f"gw{number}" for number in range(8)))
WORKER = os.environ.get("PYTEST_XDIST_WORKER", WORKERS[0])


def programs() -> Path:
    """Where build.sh put them: named after the script, so that another script builds anew."""
    told = os.environ.get("HEAL_TEST_CONTROL_PLANE")
    if told:
        return Path(told) / "bin"
    made_by = hashlib.sha256(BUILD.read_bytes()).hexdigest()[:12]
    return Path.home() / ".cache" / "heal-control-plane" / made_by / "bin"


def missing() -> str:
    """Why there is no control plane here; empty when there is one."""
    absent = [name for name in PROGRAMS if not (programs() / name).is_file()]
    if not absent:
        return ""
    remedy = f"bash tests/cluster/build.sh {programs().parent}"
    return f"not run: no {', '.join(absent)} ({remedy})"


class Plane:
    """A running control plane; `kubeconfig` gives the file of one of its two users."""

    def __init__(self, directory: Path) -> None:
        self._directory = directory
        self._running: list[subprocess.Popen[bytes]] = []
        self._port = free_port()
        self._audit = directory / "audit.log"

    def kubeconfig(self, user: str) -> Path:
        return self._directory / f"{named(user)}.kubeconfig"

    def start(self, nodes: int) -> None:
        lines = []
        for user, group in GROUPS.items():
            for name in sorted({named(user, worker) for worker in WORKERS}):
                self._write_kubeconfig(name)
                lines.append(f'{token(name)},{name},{name},"{group}"')
        (self._directory / "tokens.csv").write_text("\n".join(lines) + "\n")
        key = self._directory / "sa.key"
        subprocess.run(["openssl", "genrsa", "-out", key, "2048"], check=True, capture_output=True)
        etcd = self._etcd()
        self._api_server(etcd, key)
        self._wait_for_api()
        admin = f"--kubeconfig={self.kubeconfig('admin')}"
        own = ("--bind-address=127.0.0.1", "--port=0", "--leader-elect=false")
        self._run(
            "kube-controller-manager", admin, *own, f"--secure-port={free_port()}",
            f"--service-account-private-key-file={key}", "--allocate-node-cidrs=false",
            f"--cert-dir={self._directory / 'controllers'}",
            "--controllers=*,-nodeipam,-cloud-node-lifecycle,-service",
            "--node-monitor-period=2s", "--node-monitor-grace-period=20s",
        )  # fmt: skip
        self._run(
            "kube-scheduler", admin, *own, f"--secure-port={free_port()}",
            f"--cert-dir={self._directory / 'scheduler'}",
        )  # fmt: skip
        for number in range(1, nodes + 1):
            self._run(
                "kubemark", "--morph=kubelet", f"--name=node-{number}", admin,
                f"--kubelet-port={free_port()}", "--kubelet-read-only-port=0",
            )  # fmt: skip

    def stop(self) -> None:
        """End the programs in the opposite order, and wait for each."""
        for one in reversed(self._running):
            one.send_signal(signal.SIGTERM)
        for one in reversed(self._running):
            try:
                one.wait(5)
            except subprocess.TimeoutExpired:
                one.kill()
                one.wait()

    def asked(self, user: str) -> list[tuple[str, str]]:
        """What this user asked the API server for, in order: verb and path, by its own audit."""
        lines = self._audit.read_text().splitlines() if self._audit.exists() else ()
        name = named(user)
        mark = f'"username":"{name}"'  # a shared plane's log is long: few lines are parsed
        events = map(json.loads, (line for line in lines if mark in line))
        return [
            (str(event["verb"]), str(event["requestURI"]))
            for event in events
            if event["user"].get("username") == name
        ]

    def _audit_policy(self) -> Path:
        """Only who is asked about: the controllers alone would fill a hundred megabytes."""
        policy = {
            "apiVersion": "audit.k8s.io/v1",
            "kind": "Policy",
            "omitStages": ["RequestReceived"],
            "rules": [
                {"level": "Metadata", "userGroups": [GROUPS["heal"], "system:serviceaccounts"]},
                {"level": "None"},
            ],
        }
        file = self._directory / "audit.json"
        file.write_text(json.dumps(policy))
        return file

    def _etcd(self) -> str:
        clients, peers = (f"http://127.0.0.1:{free_port()}" for _ in range(2))
        self._run(
            "etcd", "--data-dir", str(self._directory / "etcd"), "--unsafe-no-fsync",
            "--listen-client-urls", clients, "--advertise-client-urls", clients,
            "--listen-peer-urls", peers, "--initial-advertise-peer-urls", peers,
            "--initial-cluster", f"default={peers}",
        )  # fmt: skip
        return clients

    def _api_server(self, etcd: str, key: Path) -> None:
        self._run(
            "kube-apiserver", f"--etcd-servers={etcd}", "--bind-address=127.0.0.1",
            f"--secure-port={self._port}", "--advertise-address=127.0.0.1",
            f"--cert-dir={self._directory / 'api'}",
            f"--token-auth-file={self._directory / 'tokens.csv'}",
            "--authorization-mode=Node,RBAC", "--service-cluster-ip-range=10.96.0.0/16",
            f"--service-account-key-file={key}", f"--service-account-signing-key-file={key}",
            "--service-account-issuer=https://kubernetes.default.svc",
            "--disable-admission-plugins=ServiceAccount", "--endpoint-reconciler-type=none",
            f"--audit-policy-file={self._audit_policy()}", f"--audit-log-path={self._audit}",
            "--audit-log-mode=blocking",
        )  # fmt: skip

    def _run(self, program: str, *arguments: str) -> None:
        number = len(self._running)
        with (self._directory / f"{number}-{program}.log").open("wb") as log:
            self._running.append(
                subprocess.Popen(
                    [programs() / program, *arguments],
                    cwd=self._directory,
                    env={"PATH": os.defpath, "TMPDIR": str(self._directory)},
                    stdout=log,
                    stderr=subprocess.STDOUT,
                )
            )

    def _wait_for_api(self) -> None:
        trust = ssl._create_unverified_context()  # its certificate is minutes old and its own
        asked = urllib.request.Request(
            f"https://127.0.0.1:{self._port}/readyz",
            headers={"Authorization": f"Bearer {token('admin')}"},
        )
        end = time.monotonic() + READY
        while time.monotonic() < end:
            try:
                with urllib.request.urlopen(asked, context=trust, timeout=2):
                    return
            except (urllib.error.URLError, OSError):
                time.sleep(0.2)
        raise TimeoutError(f"the API server was not ready in {READY:g} s: {self._directory}")

    def _write_kubeconfig(self, name: str) -> None:
        (self._directory / f"{name}.kubeconfig").write_text(
            f"""apiVersion: v1
kind: Config
clusters:
- name: local
  cluster:
    server: https://127.0.0.1:{self._port}
    certificate-authority: {self._directory}/api/apiserver.crt
users:
- name: {name}
  user: {{token: {token(name)}}}
contexts:
- name: {CONTEXT}
  context: {{cluster: local, user: {name}}}
current-context: {CONTEXT}
"""
        )


def named(user: str, worker: str = WORKER) -> str:
    """Each test process has a Heal of its own, so that it can tell what that one asked for."""
    return f"{user}-{worker}" if user == "heal" else user


def token(name: str) -> str:
    return f"{name}-token"


def free_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as found:
        return int(found.getsockname()[1])


@contextmanager
def a_plane(directory: Path, nodes: int = 3) -> Iterator[Plane]:
    """A control plane while the block lasts."""
    plane = Plane(directory)
    try:
        plane.start(nodes)
        yield plane
    finally:
        plane.stop()


def main() -> None:
    """Run one in the foreground, so that many test runs can share it."""
    directory = Path(sys.argv[1]).resolve()
    directory.mkdir(parents=True, exist_ok=True)
    with a_plane(directory):
        print(f"running; use it with {RUNNING}={directory}, end it with SIGTERM", flush=True)
        ends = {signal.SIGINT, signal.SIGTERM}
        signal.pthread_sigmask(signal.SIG_BLOCK, ends)  # now, for what it started must hear them
        signal.sigwait(ends)


if __name__ == "__main__":
    main()
