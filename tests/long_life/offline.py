"""A guard for processes that must ask nobody: what they and their children try to reach is refused and noted."""

from pathlib import Path

GUARD = """\
import os
import sys

NOTES = {notes!r}
HERE = {{None, "", "localhost", "127.0.0.1", "::1", "0.0.0.0", "::", b"localhost", b"127.0.0.1"}}
HOST = {{"socket.getaddrinfo": 0, "socket.gethostbyname": 0, "socket.gethostbyaddr": 0, "socket.connect": 1,
        "socket.sendto": 1, "socket.sendmsg": 1}}


def refuse(event, arguments):
    if event not in HOST:
        return
    wanted = arguments[HOST[event]]
    host = wanted[0] if isinstance(wanted, tuple) else None if event.endswith(("connect", "to", "msg")) else wanted
    if host not in HERE:
        with open(NOTES, "a") as notes:
            notes.write(f"{{event}} {{host}} by {{sys.argv}}\\n")
        raise OSError(f"no network here: {{host}}")


sys.addaudithook(refuse)
"""


def guarded(folder: Path) -> dict[str, str]:
    """Return what makes each Python process that starts with this environment refuse other machines."""
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "sitecustomize.py").write_text(GUARD.format(notes=str(folder / "attempts.txt")), encoding="utf-8")
    return {"PYTHONPATH": str(folder), "PYTHONDONTWRITEBYTECODE": "1"}


def attempts(folder: Path) -> list[str]:
    """Return what was tried, in order."""
    notes = folder / "attempts.txt"
    return notes.read_text("utf-8").splitlines() if notes.exists() else []
