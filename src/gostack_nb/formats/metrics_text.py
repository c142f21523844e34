"""The Prometheus text format to samples: the values without labels, and the Go version."""

import re
from dataclasses import dataclass

# go_goroutines 288        go_info{version="go1.27.3"} 1        name{a="b"} 1.5e+06 1795424023265
_SAMPLE = re.compile(r"^(?P<name>[a-zA-Z_:][\w:]*)(?P<labels>\{[^\n]*\})?[ \t]+(?P<value>[^\s]+)(?:[ \t]+-?\d+)?$")
_VERSION = re.compile(r'[{,]\s*version="(?P<version>[^"]{1,40})"')
_MARKER = b"go_goroutines"
_MOST_BYTES = 1 << 24  # the page of a Kubernetes API server has some 5 MB


@dataclass(frozen=True, slots=True)
class MetricsPage:
    """The samples without labels of one page, by name, and the Go version that it tells."""

    samples: tuple[tuple[str, float], ...]
    go_version: str | None


def parse_metrics_text(data: bytes) -> MetricsPage | None:
    r"""Read a /metrics page; None if the bytes are none that holds `go_goroutines`.

    >>> parse_metrics_text(b'# TYPE go_goroutines gauge\ngo_goroutines 288\ngo_info{version="go1.27.3"} 1\n')
    MetricsPage(samples=(('go_goroutines', 288.0),), go_version='go1.27.3')
    """
    if _MARKER not in data or len(data) > _MOST_BYTES:
        return None
    found = [_SAMPLE.match(line) for line in data.decode("utf-8", "replace").splitlines()]
    samples = tuple((m["name"], value) for m in found if m and not m["labels"] if (value := _number(m)) is not None)
    if not any(name == "go_goroutines" for name, _ in samples):
        return None
    told = (_VERSION.search(m["labels"] or "") for m in found if m and m["name"] == "go_info")
    return MetricsPage(samples, next((version["version"] for version in told if version), None))


def _number(sample: re.Match[str]) -> float | None:
    try:
        return float(sample["value"])
    except ValueError:
        return None
