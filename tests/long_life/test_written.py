"""What is written today says the version of its form, where docs/compatibility.md says that it stands."""

import json
from importlib.metadata import version
from pathlib import Path

import nbformat
import pyarrow.parquet as pq
import pytest

from gostack_nb.reports.gathering import gather
from gostack_nb.reports.investigation import investigate
from gostack_nb.reports.notebook_page import export_notebook
from tests.long_life import keeping
from tests.unit.pprof_service import go_pages, serving

WRITTEN_BY = f"gostack-nb {version('gostack-nb')}"


@pytest.fixture(scope="module")
def written(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("written") / "today"
    keeping.write(folder)
    return folder


def told(path: Path) -> dict[str, object]:
    found: dict[str, object] = json.loads(path.read_text("utf-8"))
    return found


def test_a_recording_and_all_that_is_in_it(written: Path) -> None:
    assert told(written / "recording" / "recording.json")["recording_version"] == 1
    [mark] = (written / "recording" / "marks").iterdir()
    assert told(mark)["recording_version"] == 1
    sidecars = list((written / "recording" / "raw").rglob("*.json"))
    assert [told(path)["sidecar_version"] for path in sidecars] == [1] * keeping.ROUNDS
    for path in (written / "recording" / "tables" / "v1").rglob("*.parquet"):
        metadata = pq.read_schema(path).metadata
        assert (metadata[b"schema_version"], metadata[b"written_by"]) == (b"1", WRITTEN_BY.encode())


def test_reports_and_charts(written: Path) -> None:
    report = (written / "report.html").read_text("utf-8")
    assert '<meta name="generator" content="gostack_nb, report version 1">' in report
    assert f"# {WRITTEN_BY}, report version 1</pre>" in report
    captions = (written / "charts" / "captions.md").read_text("utf-8")
    assert captions.splitlines()[-1] == f"Written by {WRITTEN_BY}, charts version 1."


def test_working_copies(written: Path) -> None:
    notebook = nbformat.read(written / "03-growth.ipynb", as_version=4)
    assert notebook.metadata["gostack_nb"] == {"notebook_version": 1, "written_by": WRITTEN_BY}


def test_what_an_address_gave(tmp_path: Path) -> None:
    with serving(go_pages()) as service:
        [name] = gather([f"{service.url}/debug/pprof/goroutine?debug=2"], tmp_path, "dumps", report=len)
    sidecar = told(tmp_path / f"{name}.json")
    assert sidecar["sidecar_version"] == 1
    assert sidecar["captured_at"]


def test_the_notebook_of_an_investigation_and_its_page(written: Path, tmp_path: Path) -> None:
    made = investigate([str(written / "recording")], out=tmp_path / "incident", report=len)
    notebook = nbformat.read(made.notebook, as_version=4)
    assert notebook.metadata["gostack_nb"] == {"notebook_version": 1, "written_by": WRITTEN_BY}
    page = export_notebook(made.notebook, tmp_path / "page.html").read_text("utf-8")
    assert '<meta name="generator" content="gostack_nb, notebook page version 1">' in page
