"""JupyterLab for one folder: on 127.0.0.1 only, with a token, ended by Ctrl-C."""

import os
import secrets
import shlex
import signal
import socket
import subprocess
import sys
import time
import webbrowser
from pathlib import Path
from urllib.parse import quote

import requests

from gostack_nb.errors import DeadlineError
from gostack_nb.reports.gathering import Report

START_SECONDS = 300
"""A first start writes byte code and took 17 s on a busy machine of two cores; one that fails is noticed at once."""

STOP_SECONDS = 15
HOST = "127.0.0.1"
CONFIG = Path(__file__).with_name("lab_config")
"""Turns off Lab's announcements, which ask the reader in the middle of an incident, and then the network. Markdown
opens as a page, not as its text."""


def open_lab(page: Path, *, root: Path | None = None, report: Report) -> int:
    """Start JupyterLab with a notebook or page open, wait until it is ended, and return its exit status.

    It shows the files of `root`, in which the page lies; without it those of the folder of the page.

    The address, with its token, is reported once the server answers; a browser is opened where there is one. Ctrl-C
    or SIGTERM ends the server.

    Raises
    ------
    DeadlineError
        If the server does not answer in time or ends at once.
    """
    token = secrets.token_urlsafe(24)
    port = _free_port()
    folder = root or page.parent
    server = _started(folder, port, token)
    previous = signal.signal(signal.SIGTERM, _interrupt)
    try:
        _wait_until_up(server, port, token)
        address = f"http://{HOST}:{port}/lab/tree/{quote(page.relative_to(folder).as_posix())}?token={token}"
        report(f"JupyterLab: {address}\nCtrl-C ends it.")
        _open_browser(address)
        return server.wait()
    except KeyboardInterrupt:
        report("\nJupyterLab ended.")
        return 0
    finally:
        signal.signal(signal.SIGTERM, previous)
        _stop(server)


def _interrupt(number: int, frame: object) -> None:
    del number, frame
    raise KeyboardInterrupt


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind((HOST, 0))
        port: int = probe.getsockname()[1]
        return port


def _started(folder: Path, port: int, token: str) -> subprocess.Popen[bytes]:
    """Start the server in a session of its own: Ctrl-C reaches this process alone, which then ends it.

    Its terminals begin in the folder, from which the paths in notebooks count. They are no login shells, as they would
    be by default: those set `PATH` anew.
    """
    options = [
        f"--ServerApp.ip={HOST}",
        f"--ServerApp.port={port}",
        "--ServerApp.port_retries=0",
        f"--ServerApp.root_dir={folder.resolve()}",
        "--ServerApp.open_browser=False",
        "--ServerApp.answer_yes=True",
        "--LabApp.check_for_updates_class=jupyterlab.NeverCheckForUpdate",
        f"--ServerApp.terminado_settings=shell_command={shlex.quote(os.environ.get('SHELL') or 'sh')}",
        *(["--ServerApp.allow_root=True"] if os.name == "posix" and os.geteuid() == 0 else []),
    ]
    return subprocess.Popen(  # noqa: S603 - our own interpreter, arguments as a list
        [sys.executable, "-P", "-m", "jupyterlab", *options],  # no module of the folder is imported
        cwd=folder,
        env=_environment(token),
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
        stdin=subprocess.DEVNULL,
        start_new_session=True,
    )


def _environment(token: str) -> dict[str, str]:
    """Return the environment of the server: the token (arguments are public), and no question about news.

    A terminal in Lab finds `gostack-nb`, which the notebooks name, even if it was called by its path.
    """
    configs = [str(CONFIG), *filter(None, [os.environ.get("JUPYTER_CONFIG_PATH")])]
    programs = [*filter(None, [os.environ.get("PATH")]), str(Path(sys.executable).parent)]
    lists = {"JUPYTER_CONFIG_PATH": os.pathsep.join(configs), "PATH": os.pathsep.join(programs)}
    return {**os.environ, **lists, "JUPYTER_TOKEN": token}


def _wait_until_up(server: subprocess.Popen[bytes], port: int, token: str) -> None:
    session = requests.Session()
    session.trust_env = False  # a proxy of the environment has no business on the loopback
    deadline = time.monotonic() + START_SECONDS
    while time.monotonic() < deadline:
        if server.poll() is not None:
            msg = f"JupyterLab ended with status {server.returncode}. Hint: run 'python -m jupyterlab' to see why."
            raise DeadlineError(msg)
        if _answers(session, port, token):
            return
        time.sleep(0.2)
    msg = f"JupyterLab did not answer within {START_SECONDS} s. Hint: run 'python -m jupyterlab' to see why."
    raise DeadlineError(msg)


def _answers(session: requests.Session, port: int, token: str) -> bool:
    try:
        answer = session.get(f"http://{HOST}:{port}/api/status", headers={"Authorization": f"token {token}"}, timeout=5)
    except requests.RequestException:
        return False
    return answer.ok


def _open_browser(address: str) -> None:
    """Open a browser with a screen; a text browser would take the terminal."""
    if sys.platform.startswith("linux") and not (os.environ.get("DISPLAY") or os.environ.get("WAYLAND_DISPLAY")):
        return
    try:
        webbrowser.open(address)
    except webbrowser.Error:
        return


def _stop(server: subprocess.Popen[bytes]) -> None:
    if server.poll() is not None:
        return
    server.terminate()
    try:
        server.wait(STOP_SECONDS)
    except subprocess.TimeoutExpired:
        server.kill()
        server.wait()
