"""Groups as debug=1 prints them: runtime/pprof/pprof.go, printCountProfile and printStackRecord."""

from collections.abc import Sequence

from benchmarks.counted_groups import Group, Line, Location
from benchmarks.label_sets import in_debug1

_TAB = 8


def print_debug1(groups: Sequence[Group]) -> bytes:
    """Return the text of a profile."""
    total = sum(group.count for group in groups)
    return (f"goroutine profile: total {total}\n" + "\n".join(map(_group_text, groups))).encode()


def _group_text(group: Group) -> str:
    addresses = " ".join(f"{location.address:#x}" for location in group.locations)
    labels = f"# labels: {in_debug1(group.labels)}\n" if group.labels else ""
    return f"{group.count} @ {addresses}\n{labels}{_frames_text(group.locations)}"


def _frames_text(locations: Sequence[Location]) -> str:
    """Align the columns with tabs, as text/tabwriter does."""
    shown = [(at, line) for at in locations for line in at.lines]
    first = next((index for index, (_, line) in enumerate(shown) if not line.function.startswith("runtime.")), 0)
    cells = [_cells(at, line) for at, line in shown[first:]]
    widths = [max(map(len, column)) // _TAB + 1 for column in list(zip(*cells, strict=True))[:2]]
    return "".join(
        f"#\t{_padded(address, widths[0])}{_padded(call, widths[1])}{place}\n" for address, call, place in cells
    )


def _cells(at: Location, line: Line) -> tuple[str, str, str]:
    address = at.address - 1  # of the call, not of what follows it
    return f"{address:#x}", f"{line.function}+{address % 0x2FF + 1:#x}", f"{line.file}:{line.line}"


def _padded(cell: str, tabs: int) -> str:
    r"""Fill a cell with tabs up to the width of its column, counted in tabs.

    >>> _padded("0x48c18a", 2)
    '0x48c18a\t'
    """
    return cell + "\t" * (tabs - len(cell) // _TAB)
