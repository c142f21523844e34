"""Addresses of objects as people may see them: names in a bucket are no web addresses, and may hold `#` and `?`."""

import re

from gostack_nb.sources.address import scheme_of, without_secret_pairs
from gostack_nb.sources.blob import printable
from gostack_nb.sources.opening import name_of_source

WEB = frozenset({"http", "https"})

_CONTAINERS = frozenset({"abfs", "abfss", "wasb", "wasbs", "az", "adl"})
"""Azure writes `container@account` where others write `user@host`."""

_PARTS = re.compile(r"([^:]+://)(?:([^/]*)@)?(.*)", re.DOTALL)


def is_object_address(text: str) -> bool:
    """Tell whether fsspec opens it: it has a scheme, and not that of a service.

    Examples
    --------
    >>> [is_object_address(text) for text in ("s3://dumps/1.txt", "http://10.0.0.7:6060", "dumps/1.txt")]
    [True, False, False]
    """
    return (scheme_of(text) or "http") not in WEB


def shown_address(text: str) -> str:
    """Return a path or any address without what opens doors.

    Examples
    --------
    >>> shown_address("ftp://me:pw@host/a#1.txt"), shown_address("abfs://dumps@push.dfs.core.windows.net/1?sig=x")
    ('ftp://host/a#1.txt', 'abfs://dumps@push.dfs.core.windows.net/1?sig=***')
    """
    found = _PARTS.match(text) if is_object_address(text) else None
    if found is None:
        return name_of_source(text)
    scheme, before, rest = found.groups()
    is_container = before and ":" not in before and scheme_of(text) in _CONTAINERS
    path, query, secrets = rest.partition("?")
    return printable(f"{scheme}{before + '@' if is_container else ''}{path}{query}{without_secret_pairs(secrets)}")
