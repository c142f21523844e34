"""What examples in docstrings find: `gs`, the recorded incident as `dataset` and `fixed`, the fleet as `ranking`."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest


@pytest.fixture(scope="session")
def recorded() -> dict[str, Any]:
    """Read the recorded incident and the recorded fleet once."""
    import gostack_nb as gs  # noqa: PLC0415 - where there is no doctest, nothing is imported
    from gostack_nb.reports.bundled import bundled  # noqa: PLC0415 - as above

    incident = bundled("push-incident")
    ranking = gs.fleet.sweep(f"{bundled('fleet')}/{{service}}/{{zone}}/{{build}}/{{instance}}/*.pb.gz")
    return {"gs": gs, "dataset": gs.read(incident / "leak"), "fixed": gs.read(incident / "fixed"), "ranking": ranking}


@pytest.fixture(autouse=True)
def examples(
    recorded: dict[str, Any], doctest_namespace: dict[str, Any], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> Iterator[None]:
    """Give every example the recorded incident and an empty folder to write to; close its charts."""
    from matplotlib import pyplot  # noqa: PLC0415 - as above

    monkeypatch.chdir(tmp_path)
    doctest_namespace.update(recorded)
    yield
    pyplot.close("all")
