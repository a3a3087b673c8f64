"""What an API server writes into an object that leaves it out."""

from __future__ import annotations

from typing import Any

Json = dict[str, Any]


def filled(plural: str, spec: Json) -> Json:
    """The spec with the defaults of server 1.20; other kinds are kept as they come."""
    match plural:
        case "deployments":
            return _deployment(spec)
        case "services":
            ports = [{"protocol": "TCP", "targetPort": one["port"], **one} for one in spec["ports"]]
            usual = {"type": "ClusterIP", "sessionAffinity": "None"}
            at = {"clusterIP": "10.96.0.7", "clusterIPs": ["10.96.0.7"]}
            return usual | at | spec | {"ports": ports}
        case "horizontalpodautoscalers" if "metrics" not in spec:
            return {"minReplicas": 1, "targetCPUUtilizationPercentage": 80, **spec}
        case "statefulsets" | "daemonsets":
            return spec | {"template": template(spec["template"])}
    return spec


def _deployment(spec: Json) -> Json:
    strategy = {"type": "RollingUpdate"} | (spec.get("strategy") or {})
    if strategy["type"] == "RollingUpdate":
        told = strategy.get("rollingUpdate") or {}
        strategy["rollingUpdate"] = {"maxUnavailable": "25%", "maxSurge": "25%"} | told
    else:
        strategy.pop("rollingUpdate", None)
    usual = {"replicas": 1, "revisionHistoryLimit": 10, "progressDeadlineSeconds": 600}
    return usual | spec | {"strategy": strategy, "template": template(spec["template"])}


def template(given: Json) -> Json:
    usual = {
        "restartPolicy": "Always",
        "terminationGracePeriodSeconds": 30,
        "dnsPolicy": "ClusterFirst",
        "securityContext": {},
        "schedulerName": "default-scheduler",
    }
    spec = usual | given["spec"]
    for name in ("initContainers", "containers"):
        if name in spec:
            spec[name] = [_container(one) for one in spec[name]]
    return given | {"metadata": {"creationTimestamp": None, **given["metadata"]}, "spec": spec}


def _container(given: Json) -> Json:
    tag = given.get("image", "").rpartition(":")[2]
    pull = "IfNotPresent" if ":" in given.get("image", "") and tag != "latest" else "Always"
    found = {
        "resources": {},
        "terminationMessagePath": "/dev/termination-log",
        "terminationMessagePolicy": "File",
        "imagePullPolicy": pull,
        **given,
    }
    for name in ("readinessProbe", "livenessProbe", "startupProbe"):
        if name in found:
            found[name] = _probe(found[name])
    return found


def _probe(given: Json) -> Json:
    usual: Json = {
        "timeoutSeconds": 1,
        "periodSeconds": 10,
        "successThreshold": 1,
        "failureThreshold": 3,
    }
    found = usual | given
    if "httpGet" in found:
        found["httpGet"] = {"scheme": "HTTP"} | found["httpGet"]
    return found
