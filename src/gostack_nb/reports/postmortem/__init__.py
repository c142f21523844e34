"""The postmortem: redacted datasets to one file that lasts."""

from collections.abc import Callable, Collection, Sequence
from os import PathLike
from pathlib import Path

from gostack_nb.analysis.redaction import KINDS, Kind, redact_together, redactions
from gostack_nb.analysis.snapshots import latest
from gostack_nb.analysis.suspects import suspects as find_suspects
from gostack_nb.errors import ExportError
from gostack_nb.model.calls import checked
from gostack_nb.model.dataset import Dataset
from gostack_nb.plots.export import write_bytes
from gostack_nb.reading.rereading import read_addresses
from gostack_nb.reports.postmortem.composing import Evidence, Told, compose
from gostack_nb.reports.postmortem.document import Document
from gostack_nb.reports.postmortem.markdown import render_markdown
from gostack_nb.reports.postmortem.page import render_html
from gostack_nb.reports.postmortem.printing import render_pdf
from gostack_nb.reports.postmortem.shared_folder import from_shared_folder

__all__ = ["report"]


@checked
def report(
    dataset: Dataset,
    path: str | PathLike[str],
    *,
    after: Dataset | None = None,
    title: str | None = None,
    service: str | None = None,
    authors: Sequence[str] = (),
    notes: Sequence[str] = (),
    actions: Sequence[str] = (),
    source_root: str | PathLike[str] | None = None,
    keep: Collection[Kind] = (),
) -> Path:
    """Write a postmortem: what leaked, since when, why, what the fix changed, and what that rests on.

    Parameters
    ----------
    dataset : Dataset
        The dumps, as `read` returns them.
    path : str or path
        The file. `.html` is one file that needs nothing else and asks nobody; `.md` is Markdown with its pictures in a
        folder beside it, named after it; `.pdf` needs an installed Chromium.
    after : Dataset, optional
        Dumps of the fixed build.
    title : str, optional
        Without it made from the service's name.
    service : str, optional
        What the service is called in the head; without it as the dumps say.
    authors, notes, actions : sequence of str
        Plain texts for the head, the beginning and the end.
    source_root : path, optional
        A checkout of the program: its lines are shown where it is blocked. They are not redacted.
    keep : collection of str
        What is not redacted: users, hosts, build_paths, labels, arguments, lines (`redactions` shows what would be
        hidden). By default all of it is. What you write yourself (title, notes ...) stays as it is.

    Returns
    -------
    Path
        The file. The same dumps and words give the same bytes, but for PDF.

    Raises
    ------
    ExportError
        If the file cannot be written, its ending is none of these, or a PDF cannot be made.
    ValueError
        If `keep` names no kind.
    UnreachableError
        If there is no folder `source_root`.

    Examples
    --------
    >>> gs.report(dataset, "postmortem.html", after=fixed, title="Push leaks ack loops").name
    'postmortem.html'
    """
    target = Path(path).expanduser()
    write = _WRITERS.get(target.suffix.lower())
    if write is None:
        msg = f"{target}: a report ends in {', '.join(_WRITERS)}. Hint: postmortem.html"
        raise ExportError(msg)
    told = Told(title, service, authors, notes, actions, source_root)
    write(compose(_evidence(dataset, after, keep), told), target)
    return target


def _evidence(dataset: Dataset, after: Dataset | None, keep: Collection[Kind]) -> Evidence:
    """Redact first, so that nothing of the original can get into the report."""
    datasets = (dataset,) if after is None else (dataset, after)
    redacted = from_shared_folder(redact_together(*datasets, keep=keep))
    return Evidence(
        dataset=redacted[0],
        suspects=find_suspects(redacted[0], addresses=read_addresses(latest(dataset))),
        after=None if after is None else redacted[1],
        hidden=redactions(*datasets, keep=keep)["kind"],
        kept=tuple(kind for kind in KINDS if kind in keep),
    )


def _write_html(document: Document, path: Path) -> None:
    write_bytes(path, render_html(document).encode("utf-8"))


def _write_markdown(document: Document, path: Path) -> None:
    folder = path.with_name(f"{path.stem}-charts")
    for part in document.parts:
        for picture in part.pictures:
            write_bytes(folder / f"{picture.name}.png", picture.png)
    write_bytes(path, render_markdown(document, folder.name).encode("utf-8"))


def _write_pdf(document: Document, path: Path) -> None:
    write_bytes(path, render_pdf(render_html(document), path))


_WRITERS: dict[str, Callable[[Document, Path], None]] = {
    ".html": _write_html,
    ".md": _write_markdown,
    ".pdf": _write_pdf,
}
