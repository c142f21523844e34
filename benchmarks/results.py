"""Figures to people: a table in the terminal, and `RESULTS.md`."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from rich.table import Table

from benchmarks.figures import Figure
from benchmarks.machine import describe_machine
from benchmarks.scale import Scale

RESULTS = Path(__file__).parent / "RESULTS.md"

COLUMNS = ("what", "median", "unit", "min to max", "CPU s", "target", "met")

_HEAD = """\
# How fast it is

Written by `python -m benchmarks --write`; nothing here is typed by hand. Each figure is the median of several rounds,
each round a fresh process, what is compared in turns; imports and a first small read are not counted. One core unless
the line says otherwise. The dumps are generated (`benchmarks/generate.py`): real stacks of the corpus, fresh numbers.

Machine: {machine}
"""
_SECTION = re.compile(r"^## (\w+)\n", re.MULTILINE)


def row_of(figure: Figure, scale: Scale) -> tuple[str, ...]:
    """Return the texts of one row, in the order of `COLUMNS`."""
    cpu = f"{sorted(figure.cpu_seconds)[len(figure.cpu_seconds) // 2]:.2f}" if figure.cpu_seconds else ""
    spread = f"{_number(min(figure.values))} to {_number(max(figure.values))}" if len(figure.values) > 1 else ""
    target = f"{figure.target.direction} {figure.target.limit:g}" if figure.target else ""
    return figure.what, _number(figure.value), figure.unit, spread, cpu, target, _verdict(figure, scale)


def empty_table(title: str) -> Table:
    """Return a table for the terminal with the columns of a result."""
    table = Table(title=title, title_justify="left")
    for name in COLUMNS:
        table.add_column(name, justify="right" if name in {"median", "min to max", "CPU s"} else "left")
    return table


@dataclass(frozen=True, slots=True)
class Section:
    """The figures of one measure, and the cores that other programs used meanwhile."""

    figures: tuple[Figure, ...]
    others: float = 0.0

    @property
    def company(self) -> str:
        """Say how busy the machine was beside."""
        return f"other programs used {self.others:.1f} cores meanwhile"


def write_results(path: Path, sections: Mapping[str, Section], scale: Scale, now: datetime | None = None) -> None:
    """Write the sections into the file; those of other measures stay if they are of the same machine."""
    head = _HEAD.format(machine=describe_machine().replace("\n", "; "))
    old = path.read_text("utf-8") if path.exists() else ""
    kept = _sections(old) if old.startswith(head) else {}
    day = (now or datetime.now(UTC)).date()
    kept |= {name: _section_text(name, section, scale, str(day)) for name, section in sections.items()}
    path.write_text(head + "".join(f"\n## {name}\n{text}" for name, text in sorted(kept.items())), "utf-8")


def _sections(text: str) -> dict[str, str]:
    _, *parts = _SECTION.split(text)
    return {name: body.rstrip("\n") + "\n" for name, body in zip(parts[::2], parts[1::2], strict=True)}


def _section_text(name: str, section: Section, scale: Scale, day: str) -> str:
    option = "" if scale.judged else f" --{scale.name}"
    lines = [
        f"\n{day}, `python -m benchmarks {name}{option}`; {section.company}:\n",
        _line(COLUMNS),
        _line(["---"] * len(COLUMNS)),
    ]
    return "\n".join([*lines, *(_line(row_of(figure, scale)) for figure in section.figures)]) + "\n"


def _line(cells: Sequence[str]) -> str:
    return "| " + " | ".join(cells) + " |"


def _verdict(figure: Figure, scale: Scale) -> str:
    """Say whether the target was met; small dumps say nothing about it."""
    if figure.target is None or not scale.judged:
        return ""
    return "yes" if figure.target.is_met(figure.value) else "NO"


def _number(value: float) -> str:
    """Print three digits that count.

    >>> _number(0.4123), _number(312.7), _number(48.26), _number(3)
    ('0.412', '313', '48.3', '3')
    """
    if value == int(value) or abs(value) >= 100:
        return f"{value:,.0f}"
    return f"{value:.3g}"
