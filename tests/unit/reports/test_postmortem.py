"""The postmortem as a file: what is in it, that texts stay texts, that dumps that tell little make sense."""

import hashlib
import json
import os
import re
import subprocess
import sys
from base64 import b64decode, b64encode
from dataclasses import replace
from html import unescape
from html.parser import HTMLParser
from pathlib import Path

import pytest
from matplotlib.text import Text

import gostack_nb as gs
from gostack_nb.analysis.redaction import KINDS
from gostack_nb.errors import ExportError, UnreachableError
from gostack_nb.reports.postmortem import composing, printing
from tests.unit.reports.postmortem_samples import (
    COUNTED,
    CUT,
    HOSTILE,
    SECRET,
    SECRETS,
    goroutines,
    leaking,
    secret,
    snapshot,
)

DATA = Path(__file__).parents[3] / "data" / "push-incident"
VOID = {"meta", "img", "input", "br"}


class Page(HTMLParser):
    """The elements of a page, as a browser would see them."""

    def __init__(self, text: str) -> None:
        super().__init__(convert_charrefs=True)
        self.tags: list[tuple[str, dict[str, str | None]]] = []
        self.texts: list[tuple[str, str]] = []
        self._open: list[str] = []
        self.feed(text)
        self.close()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append((tag, dict(attrs)))
        if tag not in VOID:
            self._open.append(tag)

    def handle_endtag(self, tag: str) -> None:
        assert self._open.pop() == tag, f"</{tag}> closes something else"

    def handle_data(self, data: str) -> None:
        if self._open:
            self.texts.append((self._open[-1], data))

    def of(self, tag: str) -> list[str]:
        return [text for name, text in self.texts if name == tag]

    @property
    def text(self) -> str:
        return "".join(text for tag, text in self.texts if tag not in {"script", "style"})


@pytest.fixture(scope="module")
def incident(tmp_path_factory: pytest.TempPathFactory) -> tuple[Page, str]:
    """Write the report of the reference incident once, with all that can be in it."""
    path = gs.report(
        gs.read(DATA / "leak"),
        tmp_path_factory.mktemp("report") / "new" / "postmortem.html",
        after=gs.read(DATA / "fixed"),
        title="Push was slow",
        authors=["A. Author", "B. Author"],
        notes=["Customers saw timeouts."],
        actions=["Alert on go_goroutines."],
        source_root=DATA / "server",
    )
    text = path.read_text("utf-8")
    return Page(text), text


@pytest.fixture
def drawn_texts(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """Make pictures cheap, and remember what stands on them."""
    seen: list[str] = []

    def picture(figure, _) -> bytes:
        seen.extend(text.get_text() for text in figure.findobj(Text))
        return b"\x89PNG"

    monkeypatch.setattr("gostack_nb.plots.export_charts.picture", picture)
    return seen


@pytest.fixture
def told(write, monkeypatch: pytest.MonkeyPatch):
    """Write a report with words in place of each chart."""
    monkeypatch.setattr(composing, "drawn", lambda _, how_to_read: (how_to_read, b"\x89PNG"))
    return write


@pytest.fixture
def told_with_charts(write, drawn_texts: list[str]):
    """Write a report whose charts are drawn, but not made into pictures."""
    del drawn_texts
    return write


@pytest.fixture
def write(tmp_path: Path):
    """Write a report of any kind, and return its text."""

    def write(dataset: gs.Dataset, name: str = "report.html", **options) -> str:
        return gs.report(dataset, tmp_path / name, **options).read_text("utf-8")

    return write


def test_each_part_is_there_in_order(incident):
    page, _ = incident
    assert page.of("h1") == ["Push was slow"]
    assert page.of("h2") == [
        "Notes",
        "Timeline",
        "Is it leaking?",
        "Who leaks, and why?",
        "What are they waiting for?",
        "Which siblings are missing?",
        "Where in the code?",
        "What Go's own leak profile says",
        "What the fix changed",
        "All stacks",
        "More charts",
        "Actions",
        "What is hidden",
        "How to repeat this",
        "What was captured",
    ]
    assert page.of("a") == page.of("h2")


def test_the_summary_is_three_sentences_with_numbers(incident):
    _, text = incident
    summary = re.search(r'<div class="summary">(.*?)</div>', text)
    assert summary
    assert [unescape(one) for one in re.findall("<p>(.*?)</p>", summary[1])] == [
        "Yes: go_goroutines went from 163 to 288 in 5.5 minutes (13 snapshots, 2026-11-23 08:53:43 to 08:59:14 UTC).",
        "Proven leak: main.(*session).ackLoop, 29 -> 154 goroutines, blocked in chan receive.",
        "The curve is flat at 163 after the fix (13 snapshots in 5.5 minutes).",
    ]


@pytest.mark.parametrize(
    "words",
    [
        "A. Author and B. Author",
        "Customers saw timeouts.",
        "Alert on go_goroutines.",
        "125 goroutines arrived in 11 of 12 intervals and none left.",
        "for m := range c.pending {",
        "go c.ackLoop()",
        "Usual cause",
        "go_goroutines grows from here or before",
        "First dump after the fix: 163 goroutines.",
        "marks 125 goroutines as leaked",
        "Placeholders stand for 2 build folders.",
        "gostack-nb report DUMPS --after AFTER --source-root CHECKOUT --output postmortem.html",
    ],
)
def test_what_is_told(incident, words):
    assert words in incident[0].text


def test_within_a_second_before_stands_before_after(incident):
    text = incident[0].text
    assert text.index("First dump: 164 goroutines.") < text.index("First dump after the fix: 163 goroutines.")


def test_each_chart_has_its_words_and_a_picture(incident):
    page, text = incident
    pictures = [of for tag, of in page.tags if tag == "img"]
    assert [of["alt"] for of in pictures] == page.of("figcaption")
    assert len(pictures) == 12
    assert all(len(of["alt"] or "") > 40 for of in pictures)
    images = [b64decode(data) for data in re.findall(r'src="data:image/png;base64,([^"]+)"', text)]
    assert all(image.startswith(b"\x89PNG") for image in images)
    assert len(set(images)) == len(pictures)


def test_the_dumps_are_listed_by_their_hash(incident):
    for path in (*DATA.glob("leak/*.debug2.txt"), *DATA.glob("fixed/*.debug1.txt")):
        assert hashlib.sha256(path.read_bytes()).hexdigest() in incident[1]
    assert "leak/00.goroutine.debug2.txt" in incident[0].of("td")
    assert str(DATA) not in incident[1]


def test_the_flame_graph_has_its_data(incident):
    (data,) = [json.loads(text) for tag, text in incident[0].texts if tag == "script" and text.startswith("{")]
    assert data["total"] == 288
    assert sum(data["self"]) == 288
    assert "main.(*session).ackLoop" in data["names"]
    assert {len(data[name]) for name in ("name", "depth", "start", "count", "self", "yours")} == {len(data["depth"])}


def test_nothing_is_asked_for_and_only_our_own_code_may_run(incident):
    page, text = incident
    policy = next(of["content"] for tag, of in page.tags if of.get("http-equiv") == "Content-Security-Policy")
    assert policy is not None
    assert policy.startswith("default-src 'none'; img-src data:;")
    script, style = page.of("script")[-1], page.of("style")[0]
    for kind, content in (("script", script), ("style", style)):
        assert f"{kind}-src 'sha256-{b64encode(hashlib.sha256(content.encode()).digest()).decode()}'" in policy
    addresses = [of.get(name) or "" for _, of in page.tags for name in ("src", "href")]
    assert all(address.startswith(("data:image/png", "#part-", "")) for address in addresses)
    assert not re.search(r"https?://", text)
    assert not [name for _, of in page.tags for name in of if name.startswith("on")]


def test_two_runs_give_the_same_bytes(tmp_path):
    code = (
        "import sys, gostack_nb as gs\n"
        "from tests.unit.reports.postmortem_samples import secret\n"
        "for ending in ('html', 'md'):\n"
        "    gs.report(secret('before'), f'{sys.argv[1]}/report.{ending}')\n"
    )
    written = []
    for seed in ("1", "2"):  # of the hashes of texts: the order of a set differs
        environment = {**os.environ, "PYTHONHASHSEED": seed, "MPLBACKEND": "Agg"}
        root = Path(__file__).parents[3]
        subprocess.run([sys.executable, "-c", code, str(tmp_path / seed)], check=True, cwd=root, env=environment)
        written.append({found.name: found.read_bytes() for found in (tmp_path / seed).rglob("*") if found.is_file()})
    assert written[0] == written[1]
    assert {"report.html", "report.md", "groups.png"} <= written[0].keys()


def saved(folder: Path, dumps: list[bytes]) -> gs.Dataset:
    folder.mkdir()
    for number, data in enumerate(dumps):
        (folder / f"20261123T08{number // 60:02}{number % 60:02}Z.txt").write_bytes(data)
    return gs.read(folder)


def whole(text: str) -> list[str]:
    """Check that a report has three sentences and no empty part; return its headings."""
    page = Page(text)
    summary = re.search(r'<div class="summary">(.*?)</div>', text)
    assert summary
    assert [len(one) > 20 for one in re.findall("<p>(.*?)</p>", summary[1])] == [True] * 3
    assert not re.search(r"</h2>\s*</section>", text)
    assert not re.search(r"<(p|li|td|caption|figcaption)></\1>", text.replace("<td></td>", ""))
    for word in ("nan", "NaT", "<NA>", "None"):
        assert not [one for _, one in page.texts if one.strip() == word]
    return page.of("h2")


@pytest.mark.parametrize(
    ("name", "data"),
    [
        ("one dump", goroutines({"main.f": 3})),
        ("counts only", COUNTED),
        ("cut", CUT),
        ("nobody counted", b"goroutine profile: total 0\n"),
        ("one goroutine of the runtime", b"goroutine 1 [running]:\nmain.main()\n\t/srv/main.go:1 +0x1\n"),
    ],
)
def test_dumps_that_tell_little_make_a_report_without_empty_parts(told_with_charts, name, data):
    headings = whole(told_with_charts(snapshot(data)))
    assert headings[-3:] == ["What is hidden", "How to repeat this", "What was captured"]
    assert "What the fix changed" not in headings
    assert ("What could not be read" in headings) == (name == "cut")


def test_what_could_not_be_read_after_the_fix_is_listed_too(told):
    page = Page(told(snapshot(COUNTED), after=snapshot(CUT, 9)))
    assert "What could not be read" in page.of("h2")
    assert page.of("caption").count("Dumps after the fix") == 2
    assert page.of("caption").count("Dumps") == 1


def test_nobody_is_told_in_words(told_with_charts):
    dataset = snapshot(goroutines({"main.f": 1}))
    whole(told_with_charts(replace(dataset, goroutines=dataset.goroutines.iloc[:0])))


def test_dumps_without_suspects_say_so(told, tmp_path):
    alone = b"goroutine 1 [running]:\nmain.main()\n\t/srv/main.go:1 +0x1\n"
    text = told(saved(tmp_path / "calm", [alone] * 3))
    headings = whole(text)
    assert "Who leaks, and why?" in headings
    assert "<caption>Suspects</caption>" not in text
    assert "<h1>Goroutines</h1>" in text


def test_several_processes_are_told_apart(told, tmp_path):
    folder = tmp_path / "fleet"
    for name in ("pod-a", "pod-b"):
        (folder / name).mkdir(parents=True)
        for number, data in enumerate(leaking()):
            path = folder / name / f"20261123T0800{number:02}Z.txt"
            path.write_bytes(data)
            path.with_name(f"{path.name}.json").write_text(json.dumps({"instance": name, "service": "push"}))
    dataset = gs.read(folder)
    page_text = told(dataset)
    whole(page_text)
    if dataset.snapshots["instance"].notna().any():
        assert "pod-a" not in page_text
        assert "host-2" in page_text


def test_three_hundred_dumps_are_all_listed(told, tmp_path, monkeypatch):
    monkeypatch.setattr("gostack_nb.analysis.restarts.restart_reason", lambda *_: None)  # takes most of the time
    counted = [COUNTED.replace(b"2", str(2 + number).encode()) for number in range(300)]
    text = told(saved(tmp_path / "many", counted))
    whole(text)
    assert len(set(re.findall(r'class="hash" data-name="sha256">([0-9a-f]{64})', text))) == 300
    assert "more rows are not shown" not in text


def test_markdown_has_its_pictures_beside_it(told, tmp_path):
    text = told(snapshot(goroutines({"main.f": 3})), "wiki page.md")
    links = re.findall(r"^!\[[^\n]*\]\(([^)\n]+)\)$", text, re.MULTILINE)
    folder = tmp_path / "wiki page-charts"
    assert links
    assert sorted(path.name for path in folder.iterdir()) == sorted(link.rpartition("/")[2] for link in links)
    assert all((tmp_path / link.strip("<>").replace("%20", " ")).is_file() for link in links)
    assert " " not in "".join(links)
    assert text.startswith("# Goroutines in push\n")
    assert "\n## What is hidden\n" in text


def test_an_ending_that_is_no_report_is_an_error(tmp_path):
    with pytest.raises(ExportError, match=r"report\.docx: a report ends in \.html, \.md, \.pdf\. Hint"):
        gs.report(snapshot(COUNTED), tmp_path / "report.docx")


@pytest.mark.parametrize("name", ["report.html", "report.md"])
def test_a_folder_that_cannot_be_written_is_an_error(told, tmp_path, name):
    (tmp_path / "file").write_text("")
    with pytest.raises(ExportError, match="Hint"):
        told(snapshot(COUNTED), f"file/{name}")


def test_no_chromium_is_an_error_with_a_way_out(told, monkeypatch):
    monkeypatch.setattr(printing.shutil, "which", lambda _: None)
    with pytest.raises(ExportError, match=r"PDF needs Chromium.*write \.html and print it"):
        told(snapshot(COUNTED), "report.pdf")


def test_a_chromium_that_fails_is_an_error(told, monkeypatch, tmp_path):
    broken = tmp_path / "chromium"
    broken.write_text("#!/bin/sh\nexit 7\n")
    broken.chmod(0o755)
    monkeypatch.setattr(printing.shutil, "which", lambda _: str(broken))
    with pytest.raises(ExportError, match=r"printed nothing \(status 7\)"):
        told(snapshot(COUNTED), "report.pdf")


def test_a_checkout_that_is_not_there_is_an_error(told, tmp_path):
    with pytest.raises(UnreachableError):
        told(snapshot(goroutines({"main.f": 3})), source_root=tmp_path / "absent")


@pytest.fixture(scope="module")
def hostile() -> gs.Dataset:
    label = ' {"<b>key": "</script><b>value"}'
    data = goroutines(dict.fromkeys(HOSTILE, 2), label)
    return snapshot(data + b"\ngoroutine 999 [<u>odd", 0, "<i>pod", "<s>dump|`.txt")


WRITTEN = ("</title><script>alert(9)</script>", "![x](http://evil.example/x.png)", "a|b `c` $d$ \ud800")


def test_hostile_names_stay_text_in_html(told, hostile):
    text = told(hostile, title=WRITTEN[0], notes=WRITTEN, authors=WRITTEN, actions=WRITTEN, keep=list(KINDS))
    page = Page(text)
    tags = {tag for tag, _ in page.tags}
    assert not tags & {"b", "i", "s", "u", "iframe", "object"}
    assert len([tag for tag, _ in page.tags if tag == "script"]) == 2
    assert all((of.get("src") or "").startswith("data:image/png") for tag, of in page.tags if tag == "img")
    assert page.of("h1") == [WRITTEN[0]]
    (data,) = [json.loads(one) for tag, one in page.texts if tag == "script" and one.startswith("{")]
    assert set(HOSTILE) <= set(data["names"])
    for name in ("<s>dump|`.txt", "a|b `c` $d$ \\ud800", WRITTEN[1]):
        assert name in page.text


def test_hostile_names_stay_text_in_markdown(told, hostile):
    text = told(hostile, "report.md", title=WRITTEN[0], notes=WRITTEN, actions=WRITTEN, keep=list(KINDS))
    fenced = re.sub(r"^(`{3,})text\n.*?^\1$", "", text, flags=re.MULTILINE | re.DOTALL)
    for sign in "<`$[":
        assert not re.search(rf"(?<!\\){re.escape(sign)}", re.sub(r"^!\[.*\]\(\S+\)$", "", fenced, flags=re.MULTILINE))
    for line in fenced.splitlines():
        if line.startswith("|"):
            assert len(re.findall(r"(?<!\\)\|", line)) == len(re.findall(r"(?<!\\)\|", _header(fenced, line)))


def _header(text: str, line: str) -> str:
    block = next(block for block in text.split("\n\n") if line in block.splitlines())
    return block.splitlines()[0]


@pytest.mark.parametrize("ending", ["html", "md"])
def test_nothing_secret_is_in_the_report(told_with_charts, drawn_texts, ending):
    text = told_with_charts(secret("before"), f"report.{ending}", after=secret("after"))
    drawn = "\n".join(drawn_texts)
    for name in SECRETS:
        assert not re.search(rf"(?<![a-z]){re.escape(name)}", text + drawn), name
    assert "host-" in drawn
    assert "Placeholders stand for 2 users, 5 hosts, 3 build folders, 1 label value and 2 unread lines." in unescape(
        text
    )


def test_a_value_is_called_the_same_before_and_after(told):
    table = gs.redactions(secret("before"), secret("after")).set_index("value")["placeholder"]
    both = gs.redact_together(secret("before"), secret("after"))
    assert both[0].snapshots["instance"].tolist() == [f"{table['build-host']}:6060"]
    assert table["build-host"] in both[1].snapshots["source"][0]
    assert both[1].snapshots["instance"].tolist() == [table["pod-9x7"]]
    assert table["pod-9x7"] != table["build-host"]
    text = told(secret("before"), after=secret("after"))
    assert f"{table['build-host']}.txt" in text


@pytest.mark.parametrize(
    ("kind", "shown"),
    [
        ("users", None),
        ("hosts", "git.acme-internal.example/push/hub.(*Hub).run"),
        ("build_paths", "/home/user-1/src/push/cmd/server/main.go"),
        ("labels", None),
        ("lines", "hunter2"),
    ],
)
def test_what_is_kept_is_shown_and_said(told, kind, shown):
    text = unescape(told(secret("before"), keep=[kind]))
    assert shown is None or shown in text
    assert f"Kept as they are, as its authors chose: {kind.replace('_', ' ')}." in text
    assert f"--keep {kind}" in text


def test_an_unknown_kind_is_an_error(told):
    with pytest.raises(ValueError, match="no kind 'names'"):
        told(snapshot(COUNTED), keep=["names"])


def test_the_checkout_of_the_author_is_not_told(told, tmp_path):
    checkout = tmp_path / "ada" / "checkout"
    checkout.mkdir(parents=True)
    text = told(snapshot(SECRET), source_root=checkout)
    assert "No such file in the checkout." in text
    assert str(tmp_path) not in text
