"""Small texts from outside: sidecars, names of files, addresses, times, what servers say."""

import warnings
from collections.abc import Callable
from contextlib import suppress

import pandas as pd

from gostack_nb.capturing.cuts import cut_words, total_in
from gostack_nb.capturing.schedule import seconds_of
from gostack_nb.errors import GostackError
from gostack_nb.fleet.addresses import shown_address
from gostack_nb.reading.times import milliseconds_at, milliseconds_of
from gostack_nb.reports import comparing
from gostack_nb.sources import address, captured_at, http, json_api, prometheus_refusals, sidecar
from gostack_nb.sources.access import ANYONE
from gostack_nb.sources.blob import natural_key, printable
from gostack_nb.sources.http_answer import check_not_html, check_status, message_in, shown_headers, shown_text
from gostack_nb.sources.pprof import METRICS, PROTO, STACKS, check_part, index_in, target_of
from tests.fuzz.canned import AT, answer

DUMP_NAME = "01.goroutine.debug2.txt.gz"
SECRET = "hunter2"  # noqa: S105 - of nobody
STATUSES = (200, 302, 400, 401, 403, 404, 407, 429, 500, 502, 503, 599)
TIMES = pd.Series(pd.to_datetime(["2026-03-01T09:00:00Z"]))
API = json_api.Api.at("Loki", "http://127.0.0.1:3100")


def check_sidecar(data: bytes) -> None:
    """A sidecar tells nothing that no table can hold, wherever it lies."""
    for name in (f"{DUMP_NAME}.json", "01.goroutine.debug2.txt.json", sidecar.SERIES_NAME, "recording.json"):
        beside = {name: data, DUMP_NAME: b""}
        sidecars = sidecar.Sidecars(read=beside.get, has=beside.__contains__)
        assert isinstance(sidecars.is_sidecar(name), bool)
        told = sidecars.tell(DUMP_NAME)
        "".join(filter(None, (told.service, told.instance, told.cut, told.note))).encode()
        assert told.stamp is None or captured_at.FIRST_YEAR <= told.stamp.at.year <= captured_at.LAST_YEAR


def check_names(data: bytes) -> None:
    """A name of a file or a time that somebody wrote."""
    text = data.decode("utf-8", "surrogateescape")
    printable(text).encode()
    natural_key(text)
    for at in (captured_at.time_in_path(text.split("/")), captured_at.from_iso(text), http._http_time(text)):
        assert at is None or captured_at.FIRST_YEAR <= at.year <= captured_at.LAST_YEAR
    _refusing(lambda: milliseconds_at(text, AT))
    _refusing(lambda: milliseconds_of(text))
    with suppress(ValueError), warnings.catch_warnings():
        warnings.simplefilter("ignore", DeprecationWarning)  # of pandas, for units such as H
        seconds_of(text, "every")
    _refusing(lambda: comparing._moment(text, TIMES))


def check_address(data: bytes) -> None:
    """No address breaks anything, and a password in front of it is never shown."""
    text = data.decode("utf-8", "surrogateescape")
    for url in (text, f"http://me:{SECRET}@{text}"):
        address.scheme_of(url)
        assert SECRET in text or SECRET not in address.redacted(url)
        assert SECRET in text or SECRET not in shown_address(url)
        for ask in (
            address.web_address,
            address.split,
            address.without_credentials,
            address.profile_address,
            target_of,
        ):
            _refusing(lambda ask=ask, url=url: ask(url))
        for tell in (address.is_profile, address.host_and_port, address.is_loopback):
            _refusing(lambda tell=tell, url=url: tell(url))
        _refusing(lambda url=url: address.is_same_place(url, text))


def check_answer(data: bytes) -> None:
    """What a server says beside a status becomes a sentence; an index of pprof becomes counts."""
    status = STATUSES[data[0] % len(STATUSES)] if data else 200
    head, _, body = data[1:].partition(b"\n\n")
    lines = [line.partition(":") for line in head.decode("latin-1").split("\n")]
    headers = shown_headers({name: value.strip() for name, _, value in lines})
    told = answer(body, status, headers)
    message_in(body)
    shown_text(body.decode("utf-8", "replace"), ANYONE)
    for check in (check_status, check_not_html, index_in):
        _refusing(lambda check=check: check(told))
    for part in (STACKS, PROTO, METRICS):
        _refusing(lambda part=part: check_part(told, part))
        cut_words(told, part, total_in(body))
    str(json_api.refusal(API, told, "{}"))
    str(prometheus_refusals.refusal("query", "http://127.0.0.1", told, json_api.json_object(told)))


def _refusing(ask: Callable[[], object]) -> None:
    with suppress(GostackError):
        ask()
