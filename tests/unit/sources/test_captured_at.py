from datetime import UTC, datetime

import pytest

from gostack_nb.sources.captured_at import Stamp, best_stamp, from_iso, from_unix, time_in_name, time_in_path

AT = datetime(2026, 11, 23, 9, 10, 45, tzinfo=UTC)


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("goroutine-2026-11-23T09-10-45Z.txt", AT),
        ("2026-11-23T09:10:45Z.txt", AT),
        ("20261123T091045Z.txt", AT),
        ("20261123-091045", AT),
        ("goroutine.20261123.091045.gz", AT),
        ("20261123091045.txt", AT),
        ("2026-11-23_09:10:45", AT),
        ("2026-11-23 09.10.45.log", AT),
        ("2026-11-23-09-10-45-0001.txt", AT),  # a serial number
        ("2026-11-23T09-10-45.265Z.txt", AT.replace(microsecond=265000)),
        ("20261123T091045,123456789.txt", AT.replace(microsecond=123456)),
        ("2026-11-23T10:10:45+01:00.txt", AT),
        ("20261123T101045+0100.txt", AT),
        ("20261123T101045+01.txt", AT),
        ("20261123T041045-0500.txt", AT),
        ("2026-11-23T14:40:45+05:30", AT),
        ("goroutine-1795425045.txt", AT),
        ("goroutine.1795425045265.txt", AT.replace(microsecond=265000)),
        ("2026-11-23T09-10-45Z-1795425045.txt", AT),  # twice the same
        ("2026-11-23T09-10-45-0500.txt", None),  # an offset or a serial number
        ("2026-11-23T09-10-45Z..2026-11-23T09-20-45Z.txt", None),  # from, to
        ("2026-11-23.txt", None),
        ("2026-13-23T09-10-45Z.txt", None),
        ("2026-11-23T25-10-45Z.txt", None),
        ("2026-11-23T09-10-60Z.txt", None),
        ("2009-11-23T09-10-45Z.txt", None),
        ("20261123091045123.txt", None),  # 17 digits
        ("api-7d9f8b6c5d-1795425045a.txt", None),
        ("0000000013.txt", None),
        ("00.goroutine.debug2.txt", None),
        ("", None),
    ],
)
def test_time_in_a_name(name: str, expected: datetime | None) -> None:
    assert time_in_name(name) == expected


@pytest.mark.parametrize(
    ("path", "expected"),
    [
        ("2026-11-23/09-10-45/goroutine.txt", AT),
        ("2026-11-23/09-10-45/api-7d9/goroutine.txt", AT),
        ("20261123T091045Z/goroutine.txt", AT),
        ("20260101T000000Z/20261123T091045Z.txt", AT),
        ("leak-2026-11-23T09-10-45Z/t0.txt", None),  # the start of a series, perhaps
        ("2026-11-23/goroutine.txt", None),
        ("2026-11-23/10.20.30.40.txt", None),  # an address
        ("20261123T091045Z/a/b/c/goroutine.txt", None),  # too far away
    ],
)
def test_time_in_a_path(path: str, expected: datetime | None) -> None:
    assert time_in_path(path.split("/")) == expected


def test_no_path_holds_no_time() -> None:
    assert time_in_path(()) is None


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("2026-11-23T09:10:45Z", AT),
        (" 2026-11-23 09:10:45 ", AT),
        ("2026-11-23T10:10:45+01:00", AT),
        ("2026-11-23", None),
        ("20261123", None),
        ("soon", None),
        ("0001-01-01T00:00:00Z", None),
        ("0001-01-01T00:00:00+14:00", None),
    ],
)
def test_iso(text: str, expected: datetime | None) -> None:
    assert from_iso(text) == expected


@pytest.mark.parametrize("seconds", [0, 1, -1e30, 1e30, float("nan"), float("inf"), 4102444800])
def test_implausible_unix_times(seconds: float) -> None:
    assert from_unix(seconds) is None


def test_order_of_origins() -> None:
    told, named, filed = AT.replace(hour=1), AT, AT.replace(hour=3)
    parts = ("20261123T091045Z.txt",)
    assert best_stamp(Stamp(told, "sidecar"), parts, filed) == Stamp(told, "sidecar")
    assert best_stamp(None, parts, filed) == Stamp(named, "file name")
    assert best_stamp(None, ("a.txt",), filed) == Stamp(filed, "file time")
    assert best_stamp(None, ("a.txt",), None) is None
