"""The wheel: what an installed package needs without the checkout, and nothing else."""

import subprocess
import sys
import zipfile
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]


@pytest.fixture(scope="module")
def wheel_files(tmp_path_factory: pytest.TempPathFactory) -> set[str]:
    folder = tmp_path_factory.mktemp("wheel")
    command = [sys.executable, "-m", "hatchling", "build", "-t", "wheel", "-d", str(folder)]
    subprocess.run(command, cwd=ROOT, check=True, capture_output=True, timeout=600)
    [wheel] = folder.glob("*.whl")
    return set(zipfile.ZipFile(wheel).namelist())


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
