"""Evidence to be kept, and the comparison of what is read."""

import gzip
from datetime import UTC, datetime, timedelta

import pandas as pd

from gostack_nb.model.dataset import Dataset
from gostack_nb.sources.evidence import Evidence

BEGUN = datetime(2026, 3, 1, 8, 53, 43, tzinfo=UTC)

METRICS = b'# TYPE go_goroutines gauge\ngo_goroutines 288\ngo_info{version="go1.27.3"} 1\n'
HTML = b"<html><body>Please log in</body></html>"
DEBUG1 = (
    b"goroutine profile: total 3\n2 @ 0x1 0x2\n#\t0x1\tmain.ack+0x1d\t/srv/main.go:9\n\n1 @ 0x3\n"
    b"#\t0x3\tmain.main+0x1\t/srv/main.go:3\n"
)


def debug2(*ids: int, minutes: int = 3) -> bytes:
    """Print goroutines that wait for a channel, every third one elsewhere."""
    return b"\n".join(
        f"goroutine {number} [chan receive, {minutes} minutes]:\nmain.ack{number % 3}(0x{number:x})\n"
        f"\t/srv/main.go:{9 + number % 3} +0x1d\ncreated by main.serve in goroutine 1\n\t/srv/main.go:5 +0x1\n".encode()
        for number in ids
    )


TWO_DUMPS = b"".join(
    b"time passes\nSIGQUIT: quit\nPC=0x1 m=0 sigcode=0\n\n" + debug2(number, number + 1) + b"\nrax 0x0\n\n"
    for number in (1, 5)
)


def packed(body: bytes) -> bytes:
    """Pack as a server does."""
    return gzip.compress(body, mtime=0)


def evidence(
    body: bytes = b"",
    *,
    kind: str = "goroutine.debug2.txt",
    after: float = 0.0,
    instance: str | None = "10.0.0.1:6060",
    service: str | None = "push",
) -> Evidence:
    """Return an answer that came some seconds after the first round."""
    at = BEGUN + timedelta(seconds=after)
    return Evidence(
        body or debug2(7),
        kind,
        "http://10.0.0.1:6060/debug/pprof/goroutine?debug=2",
        at,
        "caller",
        service=service,
        instance=instance,
        started_at=at,
        finished_at=at,
        status=200,
        headers={"content-type": "text/plain"},
    )


def assert_equal(found: Dataset, expected: Dataset) -> None:
    """Compare all tables: columns, dtypes, order and values; categories may have another order, or more of them."""
    for name in Dataset.__slots__:
        assert_frames_equal(getattr(found, name), getattr(expected, name))


def assert_frames_equal(found: pd.DataFrame, expected: pd.DataFrame) -> None:
    assert {name: str(dtype) for name, dtype in found.dtypes.items()} == {
        name: str(dtype) for name, dtype in expected.dtypes.items()
    }
    pd.testing.assert_frame_equal(plain(found), plain(expected))


def plain(frame: pd.DataFrame) -> pd.DataFrame:
    """Replace categories by their values, and every kind of NA by None."""
    values = frame.astype("object").reset_index(drop=True)
    return values.where(values.notna(), None)
