"""Judge `suspects` on real leaks whose answer is known, and write docs/accuracy.md.

    make accuracy ARGS=path/to/cases

A case is a folder with `dumps.tar.xz` (`tN.txt` debug=2, `debug1_tN.txt`) and `truth.json`. The verdicts see the dumps
and when they were taken. The runtime's own leak profile (`leak.txt`) is never read, and of the truth only `seconds` is
used before the verdicts are there.
"""

import argparse
import hashlib
import json
import os
import re
import sys
import tarfile
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import pandas as pd

import gostack_nb as gs

PROJECT = Path(__file__).resolve().parents[1]

CASES = "GOSTACK_NB_CASES"
"""The environment variable that says where the cases lie, unless an argument does."""

REPORT = PROJECT / "docs" / "accuracy.md"

EPOCH = datetime(2026, 1, 1, tzinfo=UTC)
"""The cases tell seconds since their start only."""

ALARMS = ("proven", "strong")

FORMS = {"series": r"t(\d+)\.txt", "one dump": r"t(\d+)\.txt", "counts (debug=1)": r"debug1_t(\d+)\.txt"}
"""What a verdict gets to see; `leak.txt` matches none."""

WITHOUT_RANKING = "pure"
"""In these all that is there leaks: any ranking would do."""


@dataclass(frozen=True, slots=True)
class Case:
    """One recorded program: its dumps by name, when each was taken, and the truth."""

    name: str
    dumps: dict[str, bytes]
    truth: dict[str, Any]

    @property
    def kind(self) -> str:
        """The kind of program; healthy ones that grow are `hard`."""
        return "hard" if self.truth["healthy"] and self.truth.get("hard") else str(self.truth["kind"])

    @property
    def half(self) -> str:
        """One of two halves, by a hash of the name: rules are made by looking at A alone."""
        return "A" if hashlib.sha256(self.name.encode()).digest()[0] % 2 == 0 else "B"


@dataclass(frozen=True, slots=True)
class Outcome:
    """What came out for one case and what was shown of it; `hits` has the rank of each leaked group, from 1."""

    case: str
    half: str
    kind: str
    shown: str
    leaks: bool
    hits: tuple[int, ...]
    verdicts: tuple[tuple[str, str], ...] = field(default=())

    def within(self, rank: int) -> bool:
        """Tell whether one of the first rows holds a leaked goroutine."""
        return any(hit <= rank for hit in self.hits)

    @property
    def alarm(self) -> bool:
        """Tell whether any group is called a leak for sure."""
        return any(verdict in ALARMS for verdict, _ in self.verdicts)


def open_case(folder: Path) -> Case:
    """Read one case; files that are no dumps of the kinds above are left out."""
    wanted = re.compile("|".join(FORMS.values()))
    with tarfile.open(folder / "dumps.tar.xz") as archive:
        members = [member for member in archive if member.isfile() and wanted.fullmatch(member.name)]
        dumps = {member.name: file.read() for member in members if (file := archive.extractfile(member))}
    return Case(folder.name, dumps, json.loads((folder / "truth.json").read_text("utf-8")))


def read_dumps(case: Case, pattern: str) -> gs.Dataset | None:
    """Read the dumps of one form, each with the time when it was taken."""
    found = {name: re.fullmatch(pattern, name) for name in case.dumps}
    numbers = {name: int(match[1]) for name, match in found.items() if match}
    if not numbers:
        return None
    with TemporaryDirectory() as folder:
        paths = [_written(Path(folder), case, name, numbers[name]) for name in sorted(numbers, key=numbers.__getitem__)]
        return gs.read(*paths)


def _written(folder: Path, case: Case, name: str, number: int) -> Path:
    seconds = case.truth["seconds"]
    taken = EPOCH + timedelta(seconds=seconds[number] if number < len(seconds) else 60 * number)
    path = folder / name
    path.write_bytes(case.dumps[name])
    os.utime(path, (taken.timestamp(), taken.timestamp()))
    return path


def judge(case: Case) -> Iterator[Outcome]:
    """Ask for suspects with all that the case has, with its last dump, and with its counts alone.

    A program that was made to leak and did not when it was recorded is no case.
    """
    if not case.truth["healthy"] and not case.truth["leaked"]:
        return
    for shown, pattern in FORMS.items():
        dataset = read_dumps(case, pattern)
        if dataset is not None:
            last = str(dataset.snapshots["snapshot_id"].iloc[-1])
            yield _judged(case, shown, gs.only(dataset, last) if shown == "one dump" else dataset)


def _judged(case: Case, shown: str, dataset: gs.Dataset) -> Outcome:
    found = gs.suspects(dataset)
    leaked = _leaked_stacks(case, dataset)
    holds = found["stack_id"].astype(str).isin(leaked)
    hits = tuple(found.loc[holds, "rank"].tolist())
    told = tuple(zip(found["verdict"].astype(str), ["leaked" if one else "other" for one in holds], strict=True))
    return Outcome(case.name, case.half, case.kind, shown, not case.truth["healthy"], hits, told)


def _leaked_stacks(case: Case, dataset: gs.Dataset) -> set[str]:
    """Return the stacks of leaked goroutines: by id, or by line where the form has no ids."""
    rows = dataset.goroutines[dataset.goroutines["snapshot_id"] == dataset.snapshots["snapshot_id"].iloc[-1]]
    if rows["goroutine_id"].notna().any():
        return set(rows.loc[rows["goroutine_id"].isin(case.truth["leaked_ids_last"] or []), "stack_id"].astype(str))
    places = {one["loc"] for one in case.truth["leaked"]}
    at = [rows[f"{frame}_file"].astype(str) + ":" + rows[f"{frame}_line"].astype(str) for frame in ("top", "user")]
    return set(rows.loc[at[0].isin(places) | at[1].isin(places), "stack_id"].astype(str))


def report(outcomes: Sequence[Outcome], cases: int) -> str:
    """Write what came out as Markdown."""
    parts = [_HEAD.format(cases=cases)]
    for shown in FORMS:
        own = [outcome for outcome in outcomes if outcome.shown == shown]
        parts += [f"## {shown[:1].upper()}{shown[1:]}\n", _ranks(own), _false_alarms(own), _confusion(own)]
    return "\n".join(parts)


def _ranks(outcomes: Sequence[Outcome]) -> str:
    leaking = [one for one in outcomes if one.leaks]
    ranked = [one for one in leaking if one.kind != WITHOUT_RANKING]
    rows = [(kind, [one for one in leaking if one.kind == kind]) for kind in sorted({one.kind for one in ranked})]
    rows += [("**all of these**", ranked)]
    rows += [(f"half {half}", [one for one in ranked if one.half == half]) for half in "AB"]
    rows += [("pure, apart", [one for one in leaking if one.kind == WITHOUT_RANKING])]
    lines = ["| leaking cases | n | top-1 | top-3 | definite |", "|---|---|---|---|---|"]
    return "\n".join([*lines, *(_rank_row(name, own) for name, own in rows if own)]) + "\n"


def _rank_row(name: str, own: Sequence[Outcome]) -> str:
    definite = [any(pair in {(alarm, "leaked") for alarm in ALARMS} for pair in one.verdicts) for one in own]
    first, third = [one.within(1) for one in own], [one.within(3) for one in own]
    return f"| {name} | {len(own)} | {_share(first)} | {_share(third)} | {_share(definite)} |"


def _share(holds: Sequence[bool]) -> str:
    return f"{100 * sum(holds) / len(holds):.1f} % ({sum(holds)})"


def _false_alarms(outcomes: Sequence[Outcome]) -> str:
    sound = [one for one in outcomes if not one.leaks]
    lines = ["| cases without a leak | n | with a definite alarm | with `undecided` |", "|---|---|---|---|"]
    for kind in sorted({one.kind for one in sound}):
        own = [one for one in sound if one.kind == kind]
        open_ones = sum(any(verdict == "undecided" for verdict, _ in one.verdicts) for one in own)
        lines.append(f"| {kind} | {len(own)} | {sum(one.alarm for one in own)} | {open_ones} |")
    return "\n".join(lines) + "\n"


def _confusion(outcomes: Sequence[Outcome]) -> str:
    """Count the listed groups by verdict: leaked ones, others beside a leak, those of healthy cases."""
    columns = ("leaked", "other, in a leaking case", "in a case without a leak")
    counts: Counter[tuple[str, str]] = Counter()
    for one in outcomes:
        for verdict, truth in one.verdicts:
            column = columns[2] if not one.leaks else columns[0] if truth == "leaked" else columns[1]
            counts[verdict, column] += 1
    lines = [f"| groups listed as | {' | '.join(columns)} |", "|---|---|---|---|"]
    lines += [
        f"| {verdict} | " + " | ".join(str(counts[verdict, column]) for column in columns) + " |"
        for verdict in ("proven", "strong", "undecided", "weak", "explained")
    ]
    return "\n".join(lines) + "\n"


_HEAD = """\
# How often `suspects` is right

Measured on {cases} recorded programs whose answer is known, written by `make accuracy ARGS=path/to/cases`.
A hit: one of the first k rows holds a goroutine that truly leaked. Definite: `proven` or `strong`. No verdict saw the
runtime's leak profile, the truth, or anything that names a case; nothing was trained. `pure` cases, where everything
that is there leaks, are kept apart: any ranking would do. Programs that did not leak when recorded are left out. The
cases were halved by a hash of their names: while the rules were made, single cases of half A were looked at, of half B
the sums alone. Half B is not untouched all the same: published statistics over all cases, which say what separates
leaks from the rest, were known when the rules were made.
Counts are two debug=1 dumps: no ids, no states, no creators.
"""


def run(folder: Path) -> tuple[list[Outcome], int]:
    """Judge every case in a folder."""
    folders = sorted(path.parent for path in folder.glob("*/truth.json"))
    return [outcome for one in folders for outcome in judge(open_case(one))], len(folders)


def misses(outcomes: Iterable[Outcome], half: str) -> pd.DataFrame:
    """List the leaking cases of one half whose first row is no leak."""
    wrong = [one for one in outcomes if one.leaks and one.half == half and not one.within(1)]
    rows = [(one.case, one.kind, one.shown, min(one.hits, default=0)) for one in wrong]
    return pd.DataFrame(rows, columns=["case", "kind", "shown", "first_hit"])


def main(arguments: Sequence[str] | None = None) -> int:
    """Judge the cases and write the report.

    Returns
    -------
    int
        0; 0 with a sentence where the folder holds no cases; 2 with a sentence where no folder is named.
    """
    parser = argparse.ArgumentParser(prog="make accuracy", description=__doc__)
    parser.add_argument("cases", nargs="?", default=os.environ.get(CASES), help=f"folder of cases; else ${CASES}")
    parser.add_argument("--out", type=Path, default=REPORT, help="where the report goes")
    parser.add_argument("--misses", choices=["A", "B"], help="list the cases of one half that were missed")
    chosen = parser.parse_args(arguments)
    if not chosen.cases:
        sys.stderr.write(f"No folder of cases is named. Hint: make accuracy ARGS=path/to/cases, or set {CASES}\n")
        return 2
    outcomes, cases = run(Path(chosen.cases))
    if not cases:
        sys.stdout.write(f"Skipped: there are no cases in {chosen.cases}. Hint: make accuracy ARGS=path/to/cases\n")
        return 0
    chosen.out.write_text(report(outcomes, cases), "utf-8")
    sys.stdout.write(f"Judged {cases} cases: see {chosen.out}\n")
    if chosen.misses:
        sys.stdout.write(misses(outcomes, chosen.misses).to_string(index=False) + "\n")
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
