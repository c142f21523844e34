"""Targets of Prometheus to a table, each with an address where its pprof may be, and the answer when it is asked."""

from collections.abc import Iterable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from string import Formatter

import pandas as pd
from pandas.api.typing import NaTType

from gostack_nb.errors import MissingColumnError, QueryError, SourceError, UnreachableError
from gostack_nb.model.categories import text_column
from gostack_nb.model.label_columns import label_columns
from gostack_nb.sources.access import Access
from gostack_nb.sources.address import redacted, split
from gostack_nb.sources.pprof import read_index, target_of
from gostack_nb.sources.prometheus_api import ScrapeTarget

PPROF_TEMPLATE = "{scheme}://{host}:{port}{path}"
"""The address of the scrape with another path."""

OF_THE_SCRAPE = frozenset({"scheme", "host", "port", "path"})
"""What a template can name beside labels."""

TRY_DEADLINE_SECONDS = 10.0
"""For one index: a page of 2 kB, of a service that may hang."""

THREADS = 16

COLUMNS = ("job", "instance", "scrape_url", "health", "last_error", "last_scrape", "pprof_url")

METRICS_PATH = "/metrics"
"""What /debug/pprof/ takes the place of; before it may stand a prefix (--web.route-prefix)."""

_PORTS = {"http": "80", "https": "443"}


def targets_table(targets: Sequence[ScrapeTarget], template: str, address_label: str | None) -> pd.DataFrame:
    """Put targets into the table that `Prometheus.targets` describes."""
    others = {label for target in targets for label in target.labels} - {"job", "instance"}
    urls = _pprof_urls(targets, template, address_label)
    frame = {
        "job": _label(targets, "job"),
        "instance": _label(targets, "instance"),
        "scrape_url": text_column(redacted(target.scrape_url) for target in targets),
        "health": text_column(target.health for target in targets),
        "last_error": pd.array([target.last_error or None for target in targets], dtype="str"),
        "last_scrape": pd.DatetimeIndex([_time(target.last_scrape) for target in targets], dtype="datetime64[ns, UTC]"),
        "pprof_url": pd.array(urls, dtype="str"),
        **{column: _label(targets, label) for label, column in label_columns(others, COLUMNS).items()},
    }
    return pd.DataFrame(frame)


def tried(targets: pd.DataFrame, access: Access, deadline: float) -> pd.DataFrame:
    """Ask each address once, and say what came; see `Prometheus.try_pprof`."""
    if "pprof_url" not in targets:
        msg = f"the targets have no column pprof_url; they have {', '.join(map(str, targets))}"
        raise MissingColumnError(msg)
    urls = targets["pprof_url"].dropna().unique().tolist()
    with ThreadPoolExecutor(THREADS) as threads:
        answers = dict(zip(urls, threads.map(lambda url: _try(url, access, deadline), urls), strict=True))
    unknown = _Tried(None, "no address could be made: the target lacks a label that the template names")
    found = [answers.get(url, unknown) for url in targets["pprof_url"]]
    return targets.assign(
        works=pd.array([one.reason is None for one in found], dtype="boolean"),
        reason=pd.array([one.reason for one in found], dtype="str"),
        goroutines=pd.array([one.goroutines for one in found], dtype="Int64"),
    )


@dataclass(frozen=True, slots=True)
class _Tried:
    goroutines: int | None
    reason: str | None


def _try(url: str, access: Access, deadline: float) -> _Tried:
    try:
        index = read_index(target_of(url), access=access, deadline=deadline)
    except SourceError as error:
        return _Tried(None, str(error))
    return _Tried(index.profiles.get("goroutine"), None)


def _time(text: str) -> pd.Timestamp | NaTType:
    """Read when a target was scraped; NaT before the first time, which is told as in year 1."""
    try:
        return pd.to_datetime(text, utc=True).as_unit("ns")
    except ValueError:
        return pd.NaT


def _label(targets: Iterable[ScrapeTarget], label: str) -> pd.Categorical:
    return text_column(target.labels.get(label) for target in targets)


def _pprof_urls(targets: Sequence[ScrapeTarget], template: str, address_label: str | None) -> list[str | None]:
    names = _names_in(template)
    known = [_parts(target, address_label) for target in targets]
    lacking = [name for name in sorted(names - OF_THE_SCRAPE) if known and not any(name in parts for parts in known)]
    if lacking:
        hint = "Hint: scheme, host, port, path, or a label as targets() shows it"
        msg = f"the template {template!r} names {', '.join(lacking)}, which no target has. {hint}"
        raise QueryError(msg)
    return [template.format_map(parts) if names <= parts.keys() else None for parts in known]


def _names_in(template: str) -> set[str]:
    try:
        names = {name for _, name, _, _ in Formatter().parse(template) if name is not None}
    except ValueError:
        names = {""}
    if not all(name.isidentifier() for name in names):
        msg = f"{template!r} is no template of an address. Hint: {PPROF_TEMPLATE}"
        raise QueryError(msg)
    return names


def _parts(target: ScrapeTarget, address_label: str | None) -> Mapping[str, str]:
    """Return what a template can name: discovered labels, labels, and the parts of an address; none if it has none."""
    labels = {**target.discovered, **target.labels}
    address = labels.get(address_label, "") if address_label else ""
    try:
        scrape = split(target.scrape_url)
        other = split(f"{scrape.scheme}://{address}") if address else scrape
    except UnreachableError:
        return {}
    host = other.hostname or ""
    port = other.port or scrape.port or _PORTS.get(scrape.scheme, "")
    before = scrape.path.removesuffix(METRICS_PATH) if scrape.path.endswith(METRICS_PATH) else ""
    return {
        **labels,
        "scheme": scrape.scheme,
        "host": f"[{host}]" if ":" in host else host,
        "port": str(port),
        "path": f"{before}/debug/pprof/",
    }
