import io
import os
import socket
from datetime import UTC, datetime
from pathlib import Path

import pytest

from gostack_nb.errors import SourceError, UnreachableError
from gostack_nb.sources.blob import Blob, Limits, Unread
from gostack_nb.sources.content import InMemory
from gostack_nb.sources.opening import name_of_source, open_sources

AT = datetime(2026, 11, 23, 9, 10, 45, tzinfo=UTC)
IS_ROOT = os.geteuid() == 0


def write(folder: Path, *names: str) -> None:
    for name in names:
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(name.encode())


def names(source: object, root: Path) -> list[str]:
    return [os.path.relpath(item.source, root) for item in open_sources(source)]  # type: ignore[arg-type]


def reasons(source: object) -> list[tuple[str, str]]:
    found = [item for item in open_sources(source) if isinstance(item, Unread)]  # type: ignore[arg-type]
    return [(Path(item.source).name, item.reason) for item in found]


def refusal(source: object) -> str:
    with pytest.raises(UnreachableError) as caught:
        list(open_sources(source))  # type: ignore[arg-type]
    return str(caught.value)


def test_a_file(tmp_path: Path) -> None:
    path = tmp_path / "dump.txt"
    path.write_bytes(b"goroutine")
    os.utime(path, (AT.timestamp(), AT.timestamp()))
    for source in (path, str(path)):
        assert list(open_sources(source)) == [
            Blob(
                content=InMemory(b"goroutine"),
                source=str(path),
                captured_at=AT,
                captured_at_from="file time",
                service=None,
                instance=None,
            )
        ]


def test_a_time_in_the_name_outranks_the_file_time(tmp_path: Path) -> None:
    write(tmp_path, "20261123T091045Z.txt")
    (blob,) = open_sources(tmp_path / "20261123T091045Z.txt")
    assert isinstance(blob, Blob)
    assert (blob.captured_at, blob.captured_at_from) == (AT, "file name")


def test_a_folder_in_natural_order(tmp_path: Path) -> None:
    write(tmp_path, "t10.txt", "t2.txt", "T1.txt", "b10/x.log", "b9/y.md", "b9/z", "a.json", "page.html")
    assert names(tmp_path, tmp_path) == [
        "a.json", "b9/y.md", "b9/z", "b10/x.log", "page.html", "T1.txt", "t2.txt", "t10.txt",
    ]  # fmt: skip


def test_what_a_folder_does_not_offer(tmp_path: Path) -> None:
    write(tmp_path, ".hidden", ".git/HEAD", "__pycache__/x", "main.go", "go.mod", "go.sum", "a.py", "a.ipynb", "a.PNG")
    write(tmp_path, "a.svg", "a.pdf", "a.csv", "a.parquet", "a.txt", "sub.go/b.txt")
    assert names(tmp_path, tmp_path) == ["a.txt", "sub.go/b.txt"]


def test_a_named_file_is_always_offered(tmp_path: Path) -> None:
    write(tmp_path, ".hidden.go")
    assert names(tmp_path / ".hidden.go", tmp_path) == [".hidden.go"]


def test_a_folder_with_nothing(tmp_path: Path) -> None:
    write(tmp_path, "a/main.go")
    assert refusal(tmp_path) == (
        f"{tmp_path}: the folder holds no file that may be a dump (seen from {Path.cwd()}). "
        "Hint: hidden files, pictures and code are passed over"
    )


def test_links_in_a_folder(tmp_path: Path) -> None:
    write(tmp_path, "real/a.txt", "out/b.txt")
    folder = tmp_path / "real"
    (folder / "file").symlink_to(tmp_path / "out/b.txt")
    (folder / "loop").symlink_to(folder)
    (folder / "nothing").symlink_to("/nowhere/at/all")
    assert names(folder, folder) == ["a.txt", "file", "nothing"]
    assert reasons(folder) == [("nothing", "is a link to /nowhere/at/all, which does not exist")]


def test_a_link_whose_target_nobody_tells(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """As /proc/PID/exe of a process without a program."""
    (tmp_path / "exe").symlink_to("gone")

    def refuse(_path: Path) -> Path:
        raise FileNotFoundError(2, "No such file or directory")

    monkeypatch.setattr(Path, "readlink", refuse)
    with pytest.raises(UnreachableError, match="exe: is a link to nothing, which does not exist"):
        names(tmp_path / "exe", tmp_path)


def test_special_files(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    os.mkfifo("fifo")
    with socket.socket(socket.AF_UNIX) as listener:
        listener.bind("sock")
        hint = "not a file. Hint: open it yourself and pass the open file"
        assert reasons(tmp_path) == [("fifo", f"is a FIFO, {hint}"), ("sock", f"is a socket, {hint}")]
    assert refusal("/dev/null") == f"/dev/null: is a device, {hint}"


def deny(path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Refuse to open or list one path: root is refused nothing."""
    for method in ("open", "iterdir"):
        allowed = getattr(Path, method)

        def guarded(self: Path, *args: object, allowed: object = allowed, **kwargs: object) -> object:
            if self == path:
                raise PermissionError(13, "Permission denied", str(self))
            return allowed(self, *args, **kwargs)  # type: ignore[operator]

        monkeypatch.setattr(Path, method, guarded)


DENIED = "no permission to read it. Hint: ask its owner for read access (chmod a+r)"


def test_no_permission(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    write(tmp_path, "a.txt", "b.txt")
    deny(tmp_path / "a.txt", monkeypatch)
    assert reasons(tmp_path) == [("a.txt", DENIED)]
    assert names(tmp_path, tmp_path) == ["a.txt", "b.txt"]
    assert refusal(tmp_path / "a.txt") == f"{tmp_path}/a.txt: {DENIED}"


def test_no_permission_for_a_folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    write(tmp_path, "sub/a.txt", "z.txt")
    deny(tmp_path / "sub", monkeypatch)
    assert reasons(tmp_path) == [("sub", DENIED)]
    assert names(tmp_path, tmp_path) == ["sub", "z.txt"]
    assert reasons(tmp_path / "s*") == [("sub", DENIED)]
    assert refusal(tmp_path / "sub") == f"{tmp_path}/sub: {DENIED}"


@pytest.mark.skipif(IS_ROOT, reason="root is refused nothing")
def test_a_folder_that_may_be_listed_but_not_searched(tmp_path: Path) -> None:
    write(tmp_path, "sub/a.txt")
    (tmp_path / "sub").chmod(0o444)
    assert reasons(tmp_path / "sub") == [("a.txt", DENIED)]
    (tmp_path / "sub").chmod(0o755)


def test_what_is_not_there(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    write(tmp_path, "file")
    (tmp_path / "link").symlink_to("gone")
    (tmp_path / "ring").symlink_to("ring")
    seen = f"no such file or folder (seen from {tmp_path})"
    address = "Hint: for a service pass its address as a str that begins with http://"
    spelling = "Hint: check the spelling, and where the notebook or shell runs"
    cases = {
        "gone.txt": f"{seen}. {spelling}",
        "-": f"{seen}. Hint: for standard input pass sys.stdin.buffer",
        "localhost:6060": f"{seen}. {address}",
        "10.0.0.7:6060/debug/pprof/": f"{seen}. {address}",
        "link": "is a link to gone, which does not exist",
        "file/x": "cannot be read (not a directory)",
        "ring": "cannot be read (too many levels of symbolic links)",
        "a\0b": "is no path (embedded null byte)",
        "x" * 300: "cannot be read (file name too long)",
        "~nobody-of-this-name/x": f"{seen}. {spelling}",
    }
    for path, sentence in cases.items():
        assert refusal(path).endswith(f": {sentence}"), path
    assert refusal(Path("http://h:6060")).endswith(address)


def test_a_dump_passed_as_a_path() -> None:
    text = "goroutine 1 [running]:\nmain.main()\n" * 1000
    sentence = refusal(text)
    assert sentence.endswith("...: is text, not a path. Hint: pass a dump itself as bytes: text.encode()")
    assert len(sentence) < 400
    assert len(name_of_source(text)) < 300


def test_no_path_at_all() -> None:
    assert refusal("") == "'': the path is empty. Hint: the current folder is '.'"


def test_home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HOME", str(tmp_path))
    write(tmp_path, "a.txt")
    assert names("~/a.txt", tmp_path) == names(Path("~/*.txt"), tmp_path) == ["a.txt"]


@pytest.mark.parametrize(
    ("pattern", "expected"),
    [
        ("*.txt", ["t2.txt", "t10.txt"]),
        ("t?.txt", ["t2.txt"]),
        ("t[0-9].txt", ["t2.txt"]),
        ("sub/*", ["sub/a.txt", "sub/deep/b.txt"]),
        ("**/*.txt", ["sub/a.txt", "sub/deep/b.txt", "t2.txt", "t10.txt"]),
        ("**", ["sub/a.txt", "sub/deep/b.txt", "t2.txt", "t10.txt"]),
        ("*/a.*", ["sub/a.txt"]),
    ],
)
def test_patterns(pattern: str, expected: list[str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    write(tmp_path, "t10.txt", "t2.txt", "sub/a.txt", "sub/deep/b.txt", ".hid/a.txt", ".t3.txt", "a.go", "x.py")
    assert names(str(tmp_path / pattern), tmp_path) == expected
    monkeypatch.chdir(tmp_path)
    assert names(pattern, Path()) == expected


def test_a_file_whose_name_is_a_pattern(tmp_path: Path) -> None:
    write(tmp_path, "dump[1].txt", "dump1.txt")
    assert names(str(tmp_path / "dump[1].txt"), tmp_path) == ["dump[1].txt"]


def test_a_pattern_that_matches_nothing(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    assert refusal("*.txt") == (
        f"*.txt: no file matches this pattern (seen from {tmp_path}). "
        "Hint: hidden files, pictures and code are passed over"
    )
    assert refusal("a/**b").startswith("a/**b: ")


def test_many_sources_in_their_order_lazily(tmp_path: Path) -> None:
    write(tmp_path, "a.txt")
    found = open_sources(b"one", tmp_path / "a.txt", bytearray(b"two"), memoryview(b"three"), tmp_path / "gone")
    shown = [next(found).source for _ in range(4)]
    assert shown == ["<bytes 1>", f"{tmp_path}/a.txt", "<bytes 3>", "<bytes 4>"]
    with pytest.raises(UnreachableError):
        next(found)


def test_the_number_of_the_first_source() -> None:
    assert [item.source for item in open_sources(b"", io.BytesIO(), start=5)] == ["<bytes 5>", "<file 6>"]


class Drip:
    """A file that gives one byte at a time, then None like an exhausted non-blocking pipe."""

    def __init__(self, data: bytes) -> None:
        self._left = data

    def read(self, _size: int = -1, /) -> bytes | None:
        piece, self._left = self._left[:1], self._left[1:]
        return piece or None


def test_open_files(tmp_path: Path) -> None:
    path = tmp_path / "20261123T091045Z.txt"
    path.write_text("gorüutine\n", encoding="utf-8")
    with path.open("rb") as binary, path.open(encoding="utf-8") as text:
        found = list(open_sources(binary, text, io.StringIO("gorüutine\n"), Drip(path.read_bytes())))  # type: ignore[arg-type]
        assert not binary.closed
    blobs = [item for item in found if isinstance(item, Blob)]
    assert {blob.data for blob in blobs} == {path.read_bytes()}
    assert [blob.source for blob in blobs] == [str(path), str(path), "<file 3>", "<file 4>"]
    assert [blob.captured_at_from for blob in blobs] == ["file name", "file name", None, None]


def test_the_file_time_of_an_open_file(tmp_path: Path) -> None:
    path = tmp_path / "a.txt"
    path.write_bytes(b"x")
    os.utime(path, (AT.timestamp(), AT.timestamp()))
    with path.open("rb") as file:
        (blob,) = open_sources(file)
    assert isinstance(blob, Blob)
    assert (blob.captured_at, blob.captured_at_from) == (AT, "file time")


def test_a_pipe_is_read_when_it_is_open() -> None:
    reading, writing = os.pipe()
    with os.fdopen(reading, "rb") as file:
        os.write(writing, b"goroutine")
        os.close(writing)
        (blob,) = open_sources(file)
    assert isinstance(blob, Blob)
    assert (blob.data, blob.source, blob.captured_at) == (b"goroutine", "<file 1>", None)


def test_files_that_cannot_be_read(tmp_path: Path) -> None:
    path = tmp_path / "a.bin"
    path.write_bytes(b"\xff\xfe\xfd")
    with path.open(encoding="utf-8") as text:
        assert refusal(text) == (
            f"{path}: open as text, but holds other bytes. Hint: open it with mode 'rb' (sys.stdin.buffer)"
        )
    assert refusal(text) == f"{path}: cannot be read (I/O operation on closed file.). Hint: pass an open file"
    with path.open("ab") as writable:
        assert refusal(writable) == f"{path}: cannot be read (read)"


def test_an_open_file_without_end() -> None:
    with Path("/dev/zero").open("rb") as endless, pytest.raises(SourceError, match="more than 1,000,000 bytes"):
        list(open_sources(endless, limits=Limits(file_bytes=1_000_000)))


@pytest.mark.parametrize("source", [None, 7, ["a.txt"], ("a", "b")])
def test_what_is_no_source(source: object) -> None:
    kind = type(source).__name__
    with pytest.raises(TypeError) as caught:
        list(open_sources(source))  # type: ignore[arg-type]
    assert str(caught.value) == f"cannot read from {kind}: pass paths, addresses, bytes or open files one by one"


def test_other_schemes() -> None:
    assert refusal("s3://key:secret@bucket/a.txt") == (
        "s3://bucket/a.txt: s3:// is not read here. Hint: pass it as an open file (fsspec.open)"
    )
