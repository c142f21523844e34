"""The postmortem as Markdown with pictures beside it, for a wiki."""

import os
from collections.abc import Iterator
from urllib.parse import quote

from gostack_nb.plots.names import markdown_text
from gostack_nb.reports.excerpts import Excerpt
from gostack_nb.reports.postmortem.document import Document, Part, Rows

_LEAST_FENCE = 3


def render_markdown(document: Document, pictures: str) -> str:
    """Write the document as Markdown (CommonMark with tables).

    Parameters
    ----------
    document : Document
        What is written.
    pictures : str
        The folder of the pictures, relative to the file.

    Returns
    -------
    str
        All texts are escaped: none of them is markup.
    """
    head = [f"# {_line(document.title)}", *(f"- {_line(name)}: {_line(value)}" for name, value in document.facts)]
    blocks = ["\n".join(head[:1]), "\n".join(head[1:]), *(f"> {_line(text)}" for text in document.summary)]
    for part in document.parts:
        blocks += _part(part, pictures)
    text = "\n\n".join(block for block in blocks if block) + "\n"
    return text.encode("utf-8", "backslashreplace").decode("utf-8")


def _part(part: Part, pictures: str) -> Iterator[str]:
    yield f"## {_line(part.heading)}"
    yield _led(part.sentences)
    yield "\n".join(f"- {_line(point)}" for point in part.points)
    yield "\n".join(f"- **{_line(heading)}**: {_line(text)}" for heading, text in part.sections)
    for excerpt in part.excerpts:
        yield from _excerpt(excerpt)
    yield from (_fenced(command) for command in part.commands)
    for picture in part.pictures:
        yield f"![{_line(picture.caption)}]({quote(os.fsencode(pictures))}/{picture.name}.png)"
        yield f"*{_line(picture.caption)}*"
    for table in part.tables:
        yield from _table(table)


def _led(sentences: tuple[str, ...]) -> str:
    """Write sentences as a paragraph; the first one, which answers the question, is strong."""
    first, *others = map(_line, sentences or ("",))
    return " ".join([f"**{first}**", *others]) if others else first


def _excerpt(excerpt: Excerpt) -> Iterator[str]:
    yield f"**{_line(excerpt.title)}** {_line(excerpt.note)}".rstrip()
    rows = [f"{'>' if number == excerpt.marked else ' '} {number:>5}  {text}" for number, text in excerpt.lines]
    yield _fenced("\n".join(rows)) if rows else ""


def _fenced(text: str) -> str:
    """Put a text between fences that are longer than any run of backticks in it."""
    longest = max((len(run) for run in _runs(text)), default=0)
    fence = "`" * max(_LEAST_FENCE, longest + 1)
    return f"{fence}text\n{text}\n{fence}"


def _runs(text: str) -> list[str]:
    return [run for run in "".join(sign if sign == "`" else " " for sign in text).split() if run]


def _table(table: Rows) -> Iterator[str]:
    yield f"**{_line(table.heading)}**" if table.heading else ""
    columns, cells = table.columns, table.cells
    if table.below:
        columns, cells = (*columns, ""), tuple((*row, text) for row, text in zip(cells, table.below, strict=True))
    rules = "| " + " | ".join("---" for _ in columns) + " |"
    yield "\n".join([_row(columns), rules, *map(_row, cells)])
    yield f"{table.left_out:,} more rows are not shown." if table.left_out else ""


def _row(cells: tuple[str, ...]) -> str:
    return "| " + " | ".join(map(_line, cells)) + " |"


def _line(text: str) -> str:
    return markdown_text(" ".join(text.split()))
