"""How JupyterLab is started; `tests/browser` sees it run."""

import os
import shlex
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from gostack_nb.reports import lab


class Started(Exception):  # noqa: N818 - no error: it carries what would have been started
    """What the server would have been started with."""


@pytest.fixture
def started(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Any:
    """Give a call that returns the arguments, environment and folder of the server, which is not started."""

    def refuse(command: list[str], *, env: dict[str, str], cwd: Path, **rest: Any) -> None:
        del rest
        raise Started(command, env, cwd)

    def start() -> tuple[list[str], dict[str, str], Path]:
        with pytest.raises(Started) as caught:
            lab._started(tmp_path, 1, "token")
        command, environment, folder = caught.value.args
        return command, environment, folder

    monkeypatch.setattr(subprocess, "Popen", refuse)
    return start


def test_a_terminal_in_lab_finds_the_command_that_was_called_by_its_path(
    started: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PATH", "/usr/bin")
    environment = started()[1]
    assert environment["PATH"] == os.pathsep.join(["/usr/bin", str(Path(sys.executable).parent)])
    assert shutil.which("gostack-nb", path=environment["PATH"])


def test_without_a_path_the_folder_of_the_command_is_all_of_it(started: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("PATH")
    assert started()[1]["PATH"] == str(Path(sys.executable).parent)


@pytest.mark.parametrize(("shell", "expected"), [("/bin/zsh", ["/bin/zsh"]), ("/my shells/fish", ["/my shells/fish"])])
def test_a_terminal_in_lab_is_the_shell_of_the_user_and_no_login_shell(
    started: Any, monkeypatch: pytest.MonkeyPatch, shell: str, expected: list[str]
) -> None:
    monkeypatch.setenv("SHELL", shell)
    setting = "--ServerApp.terminado_settings=shell_command="
    given = [option.removeprefix(setting) for option in started()[0] if option.startswith(setting)]
    assert [shlex.split(option) for option in given] == [expected]


def test_a_terminal_in_lab_begins_where_the_paths_of_the_notebook_count_from(started: Any, tmp_path: Path) -> None:
    assert started()[2] == tmp_path
