"""Paths that are no plain files, folders that hold such: nothing waits without end, nothing is left out silently."""

import gzip
import os
import socket
import subprocess
import sys
from contextlib import chdir
from pathlib import Path
from threading import Thread

import pytest

import gostack_nb as gs
from gostack_nb.cli import main
from gostack_nb.sources import pipes
from gostack_nb.sources.blob import Limits
from gostack_nb.sources.opening import open_sources
from tests.hostile.making import HEAD

pytestmark = pytest.mark.skipif(sys.platform == "win32", reason="Windows has no FIFOs")


@pytest.fixture
def fifo(tmp_path: Path) -> Path:
    path = tmp_path / "pipe"
    os.mkfifo(path)
    return path


def write_later(path: Path, data: bytes) -> Thread:
    """Write as another program does that opens the pipe when somebody reads."""
    thread = Thread(target=path.write_bytes, args=(data,), daemon=True)
    thread.start()
    return thread


@pytest.mark.parametrize("data", [HEAD, gzip.compress(HEAD), HEAD * 5000], ids=["plain", "gzip", "larger than a pipe"])
def test_a_pipe_that_the_caller_names_is_read(fifo: Path, data: bytes) -> None:
    writer = write_later(fifo, data)
    dataset = gs.read(fifo)
    writer.join()
    assert set(dataset.goroutines["goroutine_id"]) == {1}
    assert set(dataset.snapshots["source"]) == {str(fifo)}


def test_process_substitution(tmp_path: Path) -> None:
    (tmp_path / "dump.txt").write_bytes(HEAD)
    command = f'"{Path(sys.executable).with_name("gostack-nb")}" show <(cat dump.txt) --json'
    done = subprocess.run(["bash", "-c", command], cwd=tmp_path, capture_output=True, check=False, timeout=120)
    assert done.returncode == 0, done.stderr
    assert b'"goroutine_count": 1' in done.stdout


def test_a_pipe_of_this_process() -> None:
    source, sink = os.pipe()
    os.write(sink, HEAD)
    os.close(sink)
    assert len(gs.read(f"/dev/fd/{source}").goroutines) == 1
    os.close(source)


def test_a_pipe_into_which_nobody_writes(fifo: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(pipes, "SILENCE_SECONDS", 0.05)
    with pytest.raises(gs.DeadlineError, match=r"pipe: is a pipe into which nobody wrote for 0.05 s. Hint: start what"):
        gs.read(fifo)


def test_a_writer_that_falls_silent(fifo: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(pipes, "SILENCE_SECONDS", 0.2)
    keeper = os.open(fifo, os.O_RDWR)
    os.write(keeper, HEAD)
    with pytest.raises(gs.DeadlineError, match="nobody wrote"):
        gs.read(fifo)
    os.close(keeper)


def test_the_command_line_says_so_too(
    fifo: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(pipes, "SILENCE_SECONDS", 0.05)
    monkeypatch.setattr(sys, "argv", ["gostack-nb", "show", str(fifo)])
    with pytest.raises(SystemExit) as ended:
        main()
    assert ended.value.code == 2
    said = capsys.readouterr().err
    assert said.startswith("gostack-nb: ")
    assert len(said.splitlines()) == 1


def test_an_endless_pipe_ends_at_the_limit(fifo: Path) -> None:
    def write() -> None:
        with fifo.open("wb", buffering=0) as pipe:
            try:
                while True:
                    pipe.write(bytes(1 << 16))
            except BrokenPipeError:
                pass

    writer = Thread(target=write, daemon=True)
    writer.start()
    with pytest.raises(gs.TooBigError, match="more than 1,000,000 bytes"):
        list(open_sources(fifo, limits=Limits(file_bytes=1_000_000)))
    writer.join()


@pytest.mark.parametrize("device", ["/dev/zero", "/dev/null", "/dev/random"])
def test_devices_are_refused(device: str, tmp_path: Path) -> None:
    with pytest.raises(gs.UnreachableError, match=r"is a device, not a file\. Hint: open it yourself"):
        gs.read(device)
    (tmp_path / "link.txt").symlink_to(device)
    with pytest.raises(gs.UnreachableError, match="is a device, not a file"):
        gs.read(tmp_path / "link.txt")


def test_a_folder_of_traps(tmp_path: Path) -> None:
    """The dump in it is read, and each trap is a row that says what it is."""
    folder = tmp_path / "incident"
    (folder / "deeper").mkdir(parents=True)
    (folder / "dump.txt").write_bytes(HEAD)
    os.mkfifo(folder / "fifo.txt")
    (folder / "zero.txt").symlink_to("/dev/zero")
    (folder / "self.txt").symlink_to("self.txt")
    (folder / "deeper" / "up").symlink_to(folder)
    (folder / "deeper" / "round").symlink_to("round")
    (folder / "gone.txt").symlink_to("/nowhere")
    (folder / "a\nb\x1b[31m.txt").write_bytes(b"x")
    with socket.socket(socket.AF_UNIX) as listener:
        with chdir(folder):
            listener.bind("sock.txt")  # by its name alone: the path of a socket has room for 108 bytes
        dataset = gs.read(folder)
        same = gs.read(str(folder / "*"))
    assert dataset.goroutines["goroutine_id"].tolist() == [1]
    assert same.goroutines["goroutine_id"].tolist() == [1]
    reasons = {Path(source).name: reason for source, reason in dataset.issues[["source", "reason"]].to_numpy()}
    assert {name: reason.split(",")[0].split(". ")[0] for name, reason in reasons.items()} == {
        "fifo.txt": "is a FIFO",
        "zero.txt": "is a device",
        "sock.txt": "is a socket",
        "self.txt": "cannot be read (too many levels of symbolic links)",
        "round": "cannot be read (too many levels of symbolic links)",
        "gone.txt": "is a link to /nowhere",
        r"a\nb\x1b[31m.txt": "not a goroutine dump: it begins with b'x'",
    }


@pytest.mark.skipif(os.geteuid() == 0, reason="root may read everything")
def test_unreadable_files_are_rows(tmp_path: Path) -> None:
    (tmp_path / "dump.txt").write_bytes(HEAD)
    (tmp_path / "mine.txt").write_bytes(HEAD)
    (tmp_path / "mine.txt").chmod(0)
    dataset = gs.read(tmp_path)
    assert len(dataset.snapshots) == 1
    assert "no permission" in dataset.issues["reason"].iloc[0]
