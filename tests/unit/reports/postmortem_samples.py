"""Dumps for the tests of the postmortem, written down as Go prints them."""

import io
from datetime import UTC, datetime, timedelta

import gostack_nb as gs

START = datetime(2026, 11, 23, 8, 0, tzinfo=UTC)

HOSTILE = (
    "main.<svg/onload=alert`1`>",
    "main.</script><script>alert`2`</script>",
    "main.]]>&amp;<!--",
    "main.`code`|pipe[text](javascript:alert(3))",
    "main.cost$a_1^2$**bold**",
    "main.处理消息",
    "main." + "x" * 400,
    "_goexit.f",
)

COUNTED = b"goroutine profile: total 2\n2 @ 0x1\n#\t0x1\tmain.f+0x1\t/srv/a.go:3\n"
CUT = b"goroutine 1 [select]:\nmain.f()\n\t/srv/a.go:3 +0x1\n\ngoroutine 2 [select]:\nmain.g("

SECRETS = ("ada", "bob", "build-host", "10.1.2.3", "acme-internal", "tenant-42", "hunter2", "c000012345", "pod-9x7")

SECRET = b"""goroutine 1 [select, 3 minutes]:
git.acme-internal.example/push/hub.(*Hub).run(0xc000012345)
\t/home/ada/src/push/hub/hub.go:7 +0x1d
created by main.main in goroutine 1
\t/home/ada/src/push/cmd/server/main.go:3 +0x1d

goroutine 7 [sync.Mutex.Lock, 9 minutes] {customer: "tenant-42"}:
sync.(*Mutex).Lock(...)
\t/usr/local/go/src/sync/mutex.go:46
main.waits(0xc000012345)
\t/home/ada/src/push/cmd/server/main.go:9 +0x2

goroutine 8 [select] {dial tcp 10.1.2.3:5432: password hunter2 0xc000012345}:
main.waits(0x1)
\t/home/ada/src/push/cmd/server/main.go:9 +0x2
"""


def goroutines(functions: dict[str, int], label: str = "") -> bytes:
    """Print so many goroutines of each function."""
    names = [function for function, count in functions.items() for _ in range(count)]
    return "\n".join(
        f"goroutine {goid} [chan receive, {goid} minutes]{label}:\n{name}(0x1)\n\t/srv/app/main.go:9 +0x1d\n"
        "created by main.main in goroutine 1\n\t/srv/app/main.go:1 +0x2\n"
        for goid, name in enumerate(names, start=2)
    ).encode()


def snapshot(data: bytes, minute: int = 0, instance: str | None = None, name: str = "dump.txt") -> gs.Dataset:
    file = io.BytesIO(data)
    file.name = name
    return gs.read(file, service="push", instance=instance, captured_at=START + timedelta(minutes=minute))


def secret(which: str) -> gs.Dataset:
    """Read dumps that tell about people and machines: the host of one side is not the first host of the other."""
    if which == "before":
        return snapshot(SECRET, 0, "build-host:6060", "/home/ada/dumps/http-10.1.2.3.txt")
    data = SECRET.replace(b"10.1.2.3", b"10.9.9.9").replace(b"/home/ada", b"/home/bob")
    return snapshot(data, 9, "pod-9x7", "/home/bob/dumps/build-host.txt")


def leaking(count: int = 3) -> list[bytes]:
    return [goroutines({"main.pool": 5, "main.leak": 1 + 3 * number}) for number in range(count)]
