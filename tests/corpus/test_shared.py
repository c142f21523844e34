"""More dumps, where somebody put them beside the checkout: all of the corpus, and 172 real leaks."""

import tarfile
from pathlib import Path

from gostack_nb.errors import FormatError
from gostack_nb.formats.columns import Columns
from gostack_nb.formats.registry import parse_dumps
from tests.corpus import expected
from tests.corpus.files import content, is_no_dump, is_plain_traceback

_ENDS_EARLY = ("stack-truncated", "panic-multiline", ".none.txt")  # issues are right here
_MAY_HOLD_NONE = ("TestWait.output.txt",)


def _size(dumps: list[Columns]) -> int:
    return sum(len(dump.goroutine_id) if dump.count is None else int(dump.count.sum()) for dump in dumps)


def test_whole_corpus_is_read_without_a_false_alarm(shared_corpus: Path) -> None:
    for path in sorted(shared_corpus.rglob("*")):
        sources = {"programs", "server", "wrapped"} & set(path.parts)
        if not path.is_file() or sources or is_no_dump(path) or path.name.startswith("delta-seconds"):
            continue
        try:
            dumps = parse_dumps(content(path))
        except FormatError:
            assert path.name in _MAY_HOLD_NONE
            continue
        if any(word in path.name for word in _ENDS_EARLY) and "sigquit" not in path.name:
            continue
        assert [dump.issues for dump in dumps] == [()], path
        if is_plain_traceback(path):
            assert {int(number) for number in dumps[0].goroutine_id} == expected.count_headers(content(path)).ids, path


def test_real_leaks_are_read_whole(shared_leaks: Path) -> None:
    """Every header is a goroutine, every counted form has its total, and nothing is an issue."""
    for archive in sorted(shared_leaks.glob("c*/dumps.tar.xz")):
        with tarfile.open(archive) as opened:
            for member in opened:
                stored = opened.extractfile(member)
                if stored is not None:
                    _check_leak(f"{archive.parent.name}/{member.name}", stored.read())


def _check_leak(name: str, data: bytes) -> None:
    if name.endswith(".gz"):
        return  # debug=0: held against pprof in test_counts.py
    dumps = parse_dumps(data)
    assert [dump.issues for dump in dumps] == [()], name
    counts, groups = expected.count_headers(data), expected.count_groups(data)
    assert _size(dumps) == (groups.total if groups.total >= 0 else len(counts.ids)), name
