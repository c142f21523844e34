"""An answer of the guided incident: sentences, and what they were computed from."""

from dataclasses import dataclass, field
from html import escape

import pandas as pd

from gostack_nb.analysis.catalogue.wording import Section
from gostack_nb.reports.excerpts import Excerpt

# Colours of the notebook's theme where there is one, so that light and dark both work.
BOX = (
    "border-left:4px solid #0072B2;padding:.4em .9em;margin:.3em 0 .8em;max-width:60em;line-height:1.5;"
    "background:var(--jp-layout-color2,#f3f6f9);color:var(--jp-content-font-color1,#1a1a1a)"
)


@dataclass(frozen=True, slots=True)
class Answer:
    """What one question of the incident comes to.

    Attributes
    ----------
    sentences : tuple of str
        Plain words with their numbers; the first one answers the question.
    table : DataFrame
        What the sentences were computed from; may be empty.
    points : tuple of str
        Sentences that stand below each other: the reasons of a verdict.
    sections : tuple of (str, str)
        Headings and their paragraphs.
    excerpts : tuple of Excerpt
        Lines of source code.
    """

    sentences: tuple[str, ...]
    table: pd.DataFrame = field(default_factory=pd.DataFrame)
    points: tuple[str, ...] = ()
    sections: tuple[Section, ...] = ()
    excerpts: tuple[Excerpt, ...] = ()

    def __str__(self) -> str:
        return " ".join([*self.sentences, *self.points])

    def __repr__(self) -> str:
        points = [f"- {point}" for point in self.points]
        sections = [f"  {heading}: {text}" for heading, text in self.sections]
        return "\n".join([*self.sentences, *points, *sections, *map(str, self.excerpts)])

    def _repr_html_(self) -> str:
        """Show the words in a box, code and table below. All text is escaped: it may come from a dump."""
        first, *others = (escape(sentence) for sentence in self.sentences)
        words = f"<strong>{first}</strong> " + " ".join(others)
        points = "".join(f"<li>{escape(point)}</li>" for point in self.points)
        listed = f'<ul style="margin:.3em 0">{points}</ul>' if points else ""
        box = f'<div style="{BOX}">{words}{listed}{sections_as_html(self.sections)}</div>'
        code = "".join(excerpt.as_html() for excerpt in self.excerpts)
        # The classes keep MathJax away: a dollar sign in a name is no formula.
        return f'<div class="tex2jax_ignore mathjax_ignore">{box}{code}{self._table()}</div>'

    def _table(self) -> str:
        if not len(self.table):
            return ""
        return self.table.to_html(index=False, escape=True, na_rep="", border=0, max_rows=40)


def sections_as_html(sections: tuple[Section, ...]) -> str:
    """Return headings and paragraphs as HTML, escaped; nothing without sections."""
    rows = (f"<b>{escape(heading)}:</b> {escape(text)}" for heading, text in sections)
    return "".join(f'<div style="margin:.4em 0">{row}</div>' for row in rows)
