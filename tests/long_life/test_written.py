"""What is written today says the version of its form, where docs/compatibility.md says that it stands."""

import json
import re
from importlib.metadata import version
from pathlib import Path

import nbformat
import pyarrow.parquet as pq
import pytest

from gostack_nb.reports.gathering import gather
from gostack_nb.reports.investigation import investigate
from gostack_nb.reports.notebook_page import export_notebook
from tests.long_life import keeping
from tests.long_life.keeping import VERSIONS
from tests.unit.pprof_service import go_pages, serving

WRITTEN_BY = f"gostack-nb {version('gostack-nb')}"
COMPATIBILITY = Path(__file__).parents[2] / "docs" / "compatibility.md"


@pytest.fixture(scope="module")
def written(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("written") / "today"
    keeping.write(folder)
    return folder


def told(path: Path) -> dict[str, object]:
    found: dict[str, object] = json.loads(path.read_text("utf-8"))
    return found


def test_a_recording_and_all_that_is_in_it(written: Path) -> None:
    assert told(written / "recording" / "recording.json")["recording_version"] == VERSIONS["recording"]
    [mark] = (written / "recording" / "marks").iterdir()
    assert told(mark)["recording_version"] == VERSIONS["recording"]
    sidecars = list((written / "recording" / "raw").rglob("*.json"))
    assert [told(path)["sidecar_version"] for path in sidecars] == [VERSIONS["sidecar"]] * keeping.ROUNDS
    number = VERSIONS["tables of a recording"]
    tables = list((written / "recording" / "tables" / f"v{number}").rglob("*.parquet"))
    assert tables, "the folder's name rises with SCHEMA_VERSION: TABLES in recording/layout.py"
    for path in tables:
        metadata = pq.read_schema(path).metadata
        assert (metadata[b"schema_version"], metadata[b"written_by"]) == (b"%d" % number, WRITTEN_BY.encode())


def test_reports_and_charts(written: Path) -> None:
    report = (written / "report.html").read_text("utf-8")
    assert f'<meta name="generator" content="gostack_nb, report version {VERSIONS["report"]}">' in report
    assert f"# {WRITTEN_BY}, report version {VERSIONS['report']}</pre>" in report
    captions = (written / "charts" / "captions.md").read_text("utf-8")
    assert captions.splitlines()[-1] == f"Written by {WRITTEN_BY}, charts version {VERSIONS['charts']}."


def test_working_copies(written: Path) -> None:
    notebook = nbformat.read(written / "03-growth.ipynb", as_version=4)
    assert notebook.metadata["gostack_nb"] == {"notebook_version": VERSIONS["notebook"], "written_by": WRITTEN_BY}


def test_what_an_address_gave(tmp_path: Path) -> None:
    with serving(go_pages()) as service:
        [name] = gather([f"{service.url}/debug/pprof/goroutine?debug=2"], tmp_path, "dumps", report=len)
    sidecar = told(tmp_path / f"{name}.json")
    assert sidecar["sidecar_version"] == VERSIONS["sidecar"]
    assert sidecar["captured_at"]


def test_the_notebook_of_an_investigation_and_its_page(written: Path, tmp_path: Path) -> None:
    made = investigate([str(written / "recording")], out=tmp_path / "incident", report=len)
    notebook = nbformat.read(made.notebook, as_version=4)
    assert notebook.metadata["gostack_nb"] == {"notebook_version": VERSIONS["notebook"], "written_by": WRITTEN_BY}
    page = export_notebook(made.notebook, tmp_path / "page.html").read_text("utf-8")
    number = VERSIONS["page of a notebook"]
    assert f'<meta name="generator" content="gostack_nb, notebook page version {number}">' in page


def test_the_page_tells_these_versions() -> None:
    """In the order of `keeping.VERSIONS`."""
    _, _, stored = COMPATIBILITY.read_text("utf-8").partition("\n## What is stored\n")
    told = re.findall(r"^\|.*\| (\d+) \|$", stored, re.MULTILINE)
    assert [int(number) for number in told] == list(VERSIONS.values())
    assert f"`tables/v{VERSIONS['tables of a recording']}`" in stored
