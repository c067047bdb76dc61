"""Read and patch one ConfigMap through the official client (the extra `kubernetes`).

Inside a pod with a service account the API is the cluster's own, elsewhere that of the current
kubeconfig context. Every call has a timeout and is made once: a patch that was sent twice would
meet its own outcome, and call it someone else's. What an API says of an error is a `Status` object
with a `message`.
"""

import json
import os
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from cutover.errors import FlagError, UsageError

_SECONDS = (5, 10)
"""How long a connection, and then an answer, is waited for."""
_UNANSWERED = "check which API is asked, and that it is reachable: kubectl cluster-info"
_UNSURE = "see whether it moved, then decide again: cutover status"
_HINTS = {
    401: "log in again, or mount the service account's token; see: kubectl auth whoami",
    403: "let it: kubectl -n {0} create role {1}-flag --verb=get,patch --resource=configmaps "
    "--resource-name={1}, and bind it to the service account with kubectl create rolebinding",
    404: "make it, without the key: kubectl -n {0} create configmap {1}",
}


@dataclass(frozen=True, slots=True)
class ConfigMap:
    """Which ConfigMap."""

    namespace: str
    name: str


def read(map_: ConfigMap, where: str) -> tuple[dict[str, str], str]:
    """Return the data of a ConfigMap, and its resourceVersion. FlagError where it can't be read."""
    found = _call(map_, where, lambda api, **to: api.read_namespaced_config_map(**to))
    return found.data or {}, found.metadata.resource_version


def patch(map_: ConfigMap, where: str, *, data: Mapping[str, str], version: str) -> bool:
    """Set keys of a ConfigMap; tell whether `version` was still the current one.

    FlagError where the API says no, and where it says nothing: then the patch may have been made.
    """
    body = {"metadata": {"resourceVersion": version}, "data": data}
    merge = {"body": body, "_content_type": "application/merge-patch+json"}
    ask: Callable[..., Any] = lambda api, **to: api.patch_namespaced_config_map(**to, **merge)  # noqa: E731
    return _call(map_, where, ask, unanswered=_UNSURE) is not None


def _call(
    map_: ConfigMap, where: str, ask: Callable[..., Any], *, unanswered: str = _UNANSWERED
) -> Any:
    """Return what the API answers, None for a conflict; its other errors are ours."""
    client, config = _library()
    from urllib3.exceptions import HTTPError  # noqa: PLC0415 - the client brings it

    to = {"namespace": map_.namespace, "name": map_.name, "_request_timeout": _SECONDS}
    try:
        with client.ApiClient(_configuration(client, config)) as connection:
            return ask(client.CoreV1Api(connection), **to)
    except (client.ApiException, HTTPError, config.ConfigException, OSError, ValueError) as error:
        status = getattr(error, "status", None)
        if status == 409:
            return None
        detail = " ".join(_told(error).split())[:300]
        if not status:  # TLS that failed is an ApiException too
            message = f"{where} did not answer"
            raise FlagError(message, detail=detail, hint=unanswered) from error
        hint = _HINTS.get(status, unanswered).format(map_.namespace, map_.name)
        message = f"the API refused {where}"
        raise FlagError(message, detail=f"{status}: {detail}", hint=hint) from error


def _library() -> tuple[Any, Any]:
    try:
        from kubernetes import client, config  # noqa: PLC0415 - an extra, and slow to import
    except ImportError as error:
        message = 'the flag store "configmap:" needs the extra "kubernetes"'
        raise UsageError(message, hint="pip install 'cutover[kubernetes]'") from error
    return client, config


def _configuration(client: Any, config: Any) -> Any:
    made = client.Configuration()
    made.retries = False
    try:
        config.load_incluster_config(client_configuration=made)
    except config.ConfigException:
        # The library itself reads KUBECONFIG only once, while it is imported.
        named = os.environ.get("KUBECONFIG")
        config.load_kube_config(config_file=named, client_configuration=made)
    return made


def _told(error: Any) -> str:
    """Return the message of a Status object, else what there is of a reason."""
    try:
        return str(json.loads(error.body)["message"])
    except (AttributeError, TypeError, ValueError, KeyError):
        return str(getattr(error, "reason", None) or error)
