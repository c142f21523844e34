"""Which labels of a profiler's or log's series tell one process from another, and how the process is called."""

import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any, Self

from gostack_nb.sources.blob import encodable, printable

SERVICE_LABELS = ("service_name", "service", "app", "app_kubernetes_io_name", "job", "container", "container_name")
"""What names the service, the surest first."""

INSTANCE_LABELS = (
    "instance", "service_instance_id", "pod", "pod_name", "hostname", "host", "node_name", "node", "container",
    "container_name", "filename", "pid",
)  # fmt: skip
"""What names the process, the surest first; `instance` is what Prometheus calls it too."""

PROCESS_LABELS = tuple(dict.fromkeys((*SERVICE_LABELS, *INSTANCE_LABELS, "namespace", "cluster")))
"""What tells processes apart. Other labels may be pprof labels of goroutines: profilers make series of them too."""

_NO_NAMES = frozenset({"", "unspecified", "unknown_service"})  # Pyroscope and Loki write these where none is known
_NOT_ONE_PROCESS = frozenset({"container", "container_name", "filename", "node", "node_name"})


@dataclass(frozen=True, slots=True)
class Process:
    """One process of a service, by the labels that tell it apart, sorted by name."""

    labels: tuple[tuple[str, str], ...]

    @classmethod
    def of(cls, labels: Mapping[str, str], told_by: Iterable[str] = PROCESS_LABELS) -> Self:
        """Keep of the labels of a series those that tell processes apart."""
        return cls(tuple(sorted((name, labels[name]) for name in set(told_by) if labels.get(name))))

    def without(self, name: str) -> "Process":
        """Return the process without one of its labels."""
        return Process(tuple(pair for pair in self.labels if pair[0] != name))

    @property
    def service(self) -> str | None:
        """The name of the service; None if no label tells."""
        return self._first(SERVICE_LABELS)

    @property
    def instance(self) -> str | None:
        """The name of the process; None if no label tells.

        >>> Process((("container", "push"), ("pod", "push-0"), ("service_name", "push"))).instance
        'push-0'
        """
        return self._first(INSTANCE_LABELS)

    @property
    def is_told_apart(self) -> bool:
        """Whether a label says which process of the service this is."""
        return any(name in INSTANCE_LABELS and name not in _NOT_ONE_PROCESS for name, _ in self.labels)

    @property
    def shown(self) -> str:
        """The labels as a selector, for people."""
        return printable(selector_of(self.labels))

    def _first(self, names: Iterable[str]) -> str | None:
        known = dict(self.labels)
        return next((printable(known[name]) for name in names if known.get(name, "") not in _NO_NAMES), None)


def labels_in(pairs: Iterable[Mapping[str, Any]]) -> dict[str, str]:
    r"""Read the labels of a series in JSON; what is no text is written as such, also half a surrogate pair.

    >>> labels_in([{"name": "pod", "value": "push-0"}, {"name": "job"}, {"name": "zone", "value": None}])
    {'pod': 'push-0', 'job': '', 'zone': ''}
    """
    told = ((pair["name"], pair.get("value")) for pair in pairs)
    return {encodable(str(name)): "" if value is None else encodable(str(value)) for name, value in told}


def instance_names(processes: Iterable[Process]) -> dict[Process, str | None]:
    """Name processes so that no two of one service have the same name: where they would, by all that tells them apart.

    >>> main, side = (Process((("container", name), ("job", "push"), ("pod", "push-0"))) for name in ("main", "side"))
    >>> list(instance_names([main, side]).values())
    ['push-0/main', 'push-0/side']
    """
    alike: dict[tuple[str | None, str | None], list[Process]] = {}
    for process in dict.fromkeys(processes):
        alike.setdefault((process.service, process.instance), []).append(process)
    return {process: _told_apart(process, group) for group in alike.values() for process in group}


def _told_apart(process: Process, group: list[Process]) -> str | None:
    labels = [dict(one.labels) for one in group]
    names = sorted({name for one in labels for name in one})
    different = [name for name in names if len({one.get(name) for one in labels}) > 1]
    own = dict(process.labels)
    return "/".join(filter(None, [process.instance, *(printable(own.get(name, "")) for name in different)])) or None


def selector_of(pairs: Iterable[tuple[str, str]], *, within: str = "") -> str:
    r"""Write a selector for exactly these labels, beside the matchers of another one.

    >>> selector_of([("pod", "push-0")], within='{namespace="prod"}')
    '{namespace="prod",pod="push-0"}'
    """
    matchers = [matchers_in(within), *(f"{name}={json.dumps(value, ensure_ascii=False)}" for name, value in pairs)]
    return "{" + ",".join(filter(None, matchers)) + "}"


def matchers_in(selector: str) -> str:
    """Return what stands between the braces; braces may be missing."""
    text = selector.strip()
    return text[1:-1].strip().rstrip(",") if text.startswith("{") and text.endswith("}") else text


def absent_labels(process: Process, others: Iterable[Process]) -> list[tuple[str, str]]:
    """Return empty matchers for labels that other processes have and this one lacks: else its selector means them too.

    >>> absent_labels(Process((("app", "push"),)), [Process((("app", "push"), ("pod", "push-0")))])
    [('pod', '')]
    """
    names = {name for other in others for name, _ in other.labels}
    return [(name, "") for name in sorted(names - {name for name, _ in process.labels})]
