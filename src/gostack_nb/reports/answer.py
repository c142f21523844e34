"""An answer of the guided incident: sentences, and the table behind them."""

from dataclasses import dataclass, field
from html import escape

import pandas as pd

# Colours of the notebook's theme where there is one, so that light and dark both work.
_BOX = (
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
    """

    sentences: tuple[str, ...]
    table: pd.DataFrame = field(default_factory=pd.DataFrame)

    def __str__(self) -> str:
        return " ".join(self.sentences)

    def __repr__(self) -> str:
        return "\n".join(self.sentences)

    def _repr_html_(self) -> str:
        """Show the sentences in a box and the table below. All text is escaped: it may come from a dump."""
        first, *others = (escape(sentence) for sentence in self.sentences)
        words = f"<strong>{first}</strong> " + " ".join(others)
        # The classes keep MathJax away: a dollar sign in a name is no formula.
        return f'<div class="tex2jax_ignore mathjax_ignore"><div style="{_BOX}">{words}</div>{self._table()}</div>'

    def _table(self) -> str:
        if not len(self.table):
            return ""
        return self.table.to_html(index=False, escape=True, na_rep="", border=0, max_rows=40)
