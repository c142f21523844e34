"""The wheel: what an installed package needs without the checkout, and nothing else; installed alone, it works."""

import json
import os
import shutil
import subprocess
import sys
import tarfile
import zipfile
from dataclasses import dataclass
from importlib.metadata import version
from pathlib import Path

import pytest

from tests.long_life.offline import attempts, guarded

ROOT = Path(__file__).parents[2]
SECONDS = 900

KERNEL_S_OWN = "ignore::PendingDeprecationWarning"
"""ipykernel warns of its own `do_shutdown` when a kernel ends; every other warning ends a command."""


def build(target: str, source: Path, folder: Path) -> Path:
    command = [sys.executable, "-m", "hatchling", "build", "-t", target, "-d", str(folder)]
    subprocess.run(command, cwd=source, check=True, capture_output=True, timeout=SECONDS)
    [made] = folder.iterdir()
    return made


@pytest.fixture(scope="module")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return build("wheel", ROOT, tmp_path_factory.mktemp("wheel"))


@pytest.fixture(scope="module")
def wheel_files(wheel: Path) -> set[str]:
    return set(contents(wheel))


def contents(wheel: Path) -> dict[str, int]:
    with zipfile.ZipFile(wheel) as opened:
        return {entry.filename: entry.CRC for entry in opened.infolist()}


def test_notebooks_and_the_recorded_incidents_travel_inside(wheel_files: set[str]) -> None:
    for folder in ("notebooks", "data/push-incident", "data/crash-logs"):
        files = {path.relative_to(ROOT / folder).as_posix() for path in (ROOT / folder).rglob("*") if path.is_file()}
        wanted = {name for name in files if ".ipynb_checkpoints" not in name}
        assert wanted, f"{folder} is empty"
        assert {f"gostack_nb/_bundled/{Path(folder).name}/{name}" for name in wanted} <= wheel_files


def test_the_wheel_holds_the_typed_package_alone(wheel_files: set[str]) -> None:
    assert {"gostack_nb/__init__.py", "gostack_nb/py.typed"} <= wheel_files
    assert {"gostack_nb/catalogue/language.toml", "gostack_nb/catalogue/states.toml"} <= wheel_files
    assert {name.split("/")[0] for name in wheel_files} == {"gostack_nb", "gostack_nb-0.1.0.dist-info"}


def test_the_source_archive_makes_the_same_wheel(wheel: Path, tmp_path: Path) -> None:
    with tarfile.open(build("sdist", ROOT, tmp_path / "made")) as archive:
        archive.extractall(tmp_path / "unpacked", filter="data")
    [source] = (tmp_path / "unpacked").iterdir()
    again = build("wheel", source, tmp_path / "again")
    assert contents(again) == contents(wheel)


# Installed into an empty environment, used from another folder, with an empty home and no other machine


@dataclass(frozen=True, slots=True)
class Installed:
    """The wheel in an environment of its own, and the folder that it is used in."""

    environment: Path
    folder: Path

    def run(self, *arguments: str, status: int = 0) -> "subprocess.CompletedProcess[str]":
        """Run the command line; a warning ends it."""
        done = subprocess.run(
            [str(self.environment / "bin" / "gostack-nb"), *arguments],
            cwd=self.folder,
            env=self._variables(),
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            check=False,
            timeout=SECONDS,
        )
        assert done.returncode == status, done.stdout + done.stderr
        assert "Warning" not in done.stderr
        return done

    def _variables(self) -> dict[str, str]:
        home = self.folder.parent / "home"
        home.mkdir(exist_ok=True)
        return {
            "PATH": f"{self.environment / 'bin'}{os.pathsep}{os.defpath}",
            "HOME": str(home),
            "PYTHONWARNINGS": f"error,{KERNEL_S_OWN}",
            **guarded(self.folder.parent / "guard"),
        }

    def attempts(self) -> list[str]:
        return attempts(self.folder.parent / "guard")

    def data(self, name: str) -> str:
        [found] = self.environment.glob(f"lib/python*/site-packages/gostack_nb/_bundled/{name}")
        return str(found)


@pytest.fixture(scope="module")
def installed(wheel: Path, tmp_path_factory: pytest.TempPathFactory) -> Installed:
    place = tmp_path_factory.mktemp("installed")
    environment, folder = place / "environment", place / "elsewhere"
    folder.mkdir()
    try:
        for command in _installing(environment, wheel):
            subprocess.run(command, cwd=folder, check=True, capture_output=True, text=True, timeout=SECONDS)
    except (subprocess.CalledProcessError, subprocess.TimeoutExpired) as error:
        *_, said = (error.stderr or str(error)).strip().removesuffix(".").splitlines()
        pytest.skip(f"no packages to install the wheel with: {said}. Get them: a network, or the cache of make setup")
    return Installed(environment, folder)


def _installing(environment: Path, wheel: Path) -> list[list[str]]:
    """Return the commands that install the wheel with the versions of the lock: by uv if it works, else by pip."""
    python = str(environment / "bin" / "python")
    lock = str(ROOT / "requirements.lock")
    uv = shutil.which("uv")
    if uv and not subprocess.run([uv, "--version"], capture_output=True, check=False, timeout=SECONDS).returncode:
        install = [uv, "pip", "install", "--quiet", "--python", python]
        made = [uv, "venv", "--quiet", "--python", sys.executable, str(environment)]
    else:
        install = [python, "-m", "pip", "install", "--quiet", "--disable-pip-version-check"]
        made = [sys.executable, "-m", "venv", str(environment)]
    return [made, [*install, "--require-hashes", "--requirement", lock], [*install, "--no-deps", str(wheel)]]


@pytest.mark.install
def test_the_installed_command_says_its_version(installed: Installed) -> None:
    assert installed.run("--version").stdout.split()[-1] == version("gostack-nb")


@pytest.mark.install
def test_the_installed_incident_is_told(installed: Installed) -> None:
    done = installed.run("incident", "--no-lab", "--out", "incident")
    made = installed.folder / "incident"
    assert "wrote incident/postmortem.html" in done.stdout
    assert len(list((made / "charts").glob("*.png"))) >= 5
    told = (made / "01-guided-incident.ipynb").read_text("utf-8")
    assert "154" in told
    assert "ackLoop" in told
    assert "ackLoop" in (made / "postmortem.html").read_text("utf-8")
    assert installed.attempts() == []


@pytest.mark.install
def test_the_installed_commands_answer(installed: Installed) -> None:
    leak = f"{installed.data('push-incident')}/leak"
    assert (
        json.loads(installed.run("suspects", leak, "--json", "--fail-on", "proven", status=1).stdout)[0]["count"] == 154
    )
    assert json.loads(installed.run("show", leak, "--json").stdout)["groups"]
    assert (
        json.loads(installed.run("compare", leak, leak.replace("leak", "fixed"), "--json").stdout)["verdict"] == "fixed"
    )
    assert (
        "push" in installed.run("sweep", installed.data("fleet") + "/{service}/{zone}/{build}/{instance}/*.gz").stdout
    )
    assert installed.attempts() == []


@pytest.mark.install
def test_the_installed_commands_write(installed: Installed) -> None:
    leak = f"{installed.data('push-incident')}/leak"
    installed.run("report", leak, "--output", "postmortem.md")
    assert "ackLoop" in (installed.folder / "postmortem.md").read_text("utf-8")
    installed.run("new", "growth")
    assert (installed.folder / "03-growth.ipynb").is_file()
    assert (installed.folder / "data" / "push-incident").is_dir()
    assert installed.attempts() == []


@pytest.mark.install
def test_the_installed_command_says_what_is_wrong_in_one_sentence(installed: Installed) -> None:
    done = installed.run("suspects", "nothing-here", status=2)
    assert done.stderr.startswith("gostack-nb: nothing-here: ")
    assert len(done.stderr.splitlines()) == 1
