"""Dumps for the measurement of the explorer: 100,000 goroutines with few groups, with many, with long names."""

from collections.abc import Callable, Iterator

STATES = ("chan receive", "select", "IO wait", "sync.Mutex.Lock", "chan send")
LONG = "github.com/company/monorepo/" + "internal-services/" * 19 + "transport.(*LongHandler).serveName{0}"

Maker = Callable[[int], str]


def few_groups(number: int) -> str:
    """Return a goroutine of one of 350 groups."""
    kind = number % 350
    return _goroutine(number, kind, f"main.(*Srv{kind % 50}).handle{kind}", f"/srv/app/h{kind % 50}.go")


def many_groups(number: int) -> str:
    """Return a goroutine of one of 20,000 groups."""
    kind = number % 20_000
    return _goroutine(number, kind, f"main.(*Srv{kind % 500}).handle{kind}", f"/srv/app/h{kind % 50}.go")


def long_names(number: int) -> str:
    """Return a goroutine with 400 characters in its names and 2,000 in its labels, of one of 300 groups."""
    kind = number % 300
    labels = ", ".join(f'"key {place}": "{place} {"value " * 14}{number % 1000}"' for place in range(20))
    function = LONG.format(kind)
    path = f"/home/build/checkout/{'deep/' * 40}{kind}.go"
    return _goroutine(number, kind, function, path, f" {{{labels}}}")


def dump(maker: Maker, goroutines: int) -> str:
    """Return the text of a dump, as debug=2 prints it."""
    return "".join(_blocks(maker, goroutines))


def _blocks(maker: Maker, goroutines: int) -> Iterator[str]:
    return (maker(number) for number in range(goroutines))


def _goroutine(number: int, kind: int, function: str, path: str, labels: str = "") -> str:
    return (
        f"goroutine {number + 10} [{STATES[kind % 5]}, {number % 90} minutes]{labels}:\n"
        f"{function}(0x1)\n\t{path}:{10 + kind % 500} +0x1d\n"
        f"net/http.(*conn).serve(0x1)\n\t/usr/local/go/src/net/http/server.go:2009 +0x5\n"
        f"created by main.start{kind % 7} in goroutine 1\n\t/srv/app/main.go:{kind % 7 + 1} +0x9\n\n"
    )


MAKERS: dict[str, Maker] = {"350 groups": few_groups, "20,000 groups": many_groups, "long names": long_names}
