"""The image file: what it copies is there, what it installs is declared, what it starts exists."""

from __future__ import annotations

import re
import tomllib
from typing import Any

import yaml

from bot.cli import VERBS
from bot.settings import Settings
from tests.rules import house

LINES = (house.ROOT / "deploy" / "Dockerfile").read_text("utf-8").replace("\\\n", " ").splitlines()
PROJECT: dict[str, Any] = tomllib.loads((house.ROOT / "pyproject.toml").read_text("utf-8"))
DEPLOYMENT = yaml.safe_load((house.ROOT / "deploy/kubernetes/deployment.yaml").read_text("utf-8"))


def said(word: str) -> list[str]:
    return [line.removeprefix(word).strip() for line in LINES if line.startswith(f"{word} ")]


def test_what_it_copies_is_in_the_repository_and_not_ignored() -> None:
    sources = [word for line in said("COPY") if "--from" not in line for word in line.split()[:-1]]
    ignored = (house.ROOT / "deploy" / "Dockerfile.dockerignore").read_text("utf-8").splitlines()

    assert ignored[0] == "*"
    assert {*sources} == {line[1:] for line in ignored if line.startswith("!")}
    assert [one for one in sources if not (house.ROOT / one).exists()] == []


def test_it_installs_the_tried_versions_and_extras_that_there_are() -> None:
    (install,) = [line for line in said("RUN") if "pip install" in line]
    extras = re.findall(r"'\.\[([\w,]+)\]'", install)

    assert "-c constraints.txt" in install
    assert {*extras[0].split(",")} <= {*PROJECT["project"]["optional-dependencies"]}


def test_it_starts_the_command_that_the_project_makes() -> None:
    (entry,), (command,) = said("ENTRYPOINT"), said("CMD")

    assert yaml.safe_load(entry) == [*PROJECT["project"]["scripts"]]
    assert yaml.safe_load(command) == ["run"]
    assert {"run", "doctor"} <= {*VERBS}


def test_it_runs_as_the_user_and_on_the_folders_that_the_pod_names() -> None:
    pod = DEPLOYMENT["spec"]["template"]["spec"]
    ids = (pod["securityContext"]["runAsUser"], pod["securityContext"]["runAsGroup"])
    (user,), (folder,) = said("USER"), said("WORKDIR")[-1:]
    (environment,) = said("ENV")
    given = dict(pair.split("=", 1) for pair in environment.split())
    known = {str(field.alias) for field in Settings.model_fields.values()}

    assert user == ":".join(map(str, ids))
    assert folder == pod["containers"][0]["volumeMounts"][0]["mountPath"]
    assert given["HEAL_LEDGER"].startswith(f"{folder}/")
    assert {name for name in given if name.startswith("HEAL_")} <= known


def test_its_python_is_one_that_the_project_takes_with_the_c_library_its_wheels_need() -> None:
    (python,) = said("ARG")
    version, flavour = re.fullmatch(r"PYTHON=python:3\.(\d+)-(\S+)", python).groups()  # type: ignore[union-attr]
    least = re.search(r">=3\.(\d+)", PROJECT["project"]["requires-python"])

    assert least
    assert int(version) >= int(least[1])
    assert "slim" in flavour
