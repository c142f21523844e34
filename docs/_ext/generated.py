"""Reference pages made from the program itself: calls from docstrings, columns from the schema, commands from click."""

import inspect
from html import escape
from pathlib import Path
from pkgutil import resolve_name

import click
import matplotlib as mpl
from docutils import nodes
from sphinx.application import Sphinx
from sphinx.util.docutils import SphinxDirective

import gostack_nb as gs
from gostack_nb.cli import main
from gostack_nb.model import schema

CHECKOUT = Path(__file__).parents[2]
PACKAGE = "gostack_nb"
WIDTH = {"terminal_width": 80}


class Calls(SphinxDirective):
    """Document public names: a table of their first lines, then each with its docstring."""

    has_content = True
    optional_arguments = 1

    def run(self) -> list[nodes.Node]:
        """Return what autosummary and autodoc make of the names, one a line; the argument is their module."""
        module = self.arguments[0] if self.arguments else PACKAGE
        names = [name for line in self.content for name in line.split()]
        text = [f".. currentmodule:: {module}", "", ".. autosummary::", "   :nosignatures:", ""]
        text += [f"   {name}" for name in names]
        for name in names:
            text += ["", *documented(module, name)]
        return self.parse_text_to_nodes("\n".join(["```{eval-rst}", *text, "```"]))


def documented(module: str, name: str) -> list[str]:
    """Return the lines that let autodoc show one name.

    >>> documented("gostack_nb", "read")
    ['.. autofunction:: gostack_nb.read']
    """
    thing = resolve_name(f"{module}.{name}")
    if not inspect.isclass(thing):
        return [f".. autofunction:: {module}.{name}"]
    if issubclass(thing, Exception):
        return [f".. autoexception:: {module}.{name}"]
    return [f".. autoclass:: {module}.{name}", "   :members:"]


class Columns(SphinxDirective):
    """The columns of one table of a Dataset."""

    required_arguments = 1

    def run(self) -> list[nodes.Node]:
        """Return a table of name, dtype and meaning, as `model/schema.py` has them."""
        table: tuple[schema.Column, ...] = getattr(schema, self.arguments[0].upper())
        rows = [f"| `{column.name}` | {column.dtype} | {column.meaning} |" for column in table]
        return self.parse_text_to_nodes("\n".join(["| column | dtype | meaning |", "|---|---|---|", *rows]))


class Chart(SphinxDirective):
    """A chart of recorded dumps, drawn while the pages are built."""

    required_arguments = 2
    final_argument_whitespace = True
    has_content = True

    def run(self) -> list[nodes.Node]:
        """Return a picture: the arguments are the call that draws it and its sources, the content describes it."""
        name, *sources = " ".join(self.arguments).split()
        picture = f"{self.env.docname.replace('/', '-')}-{name}.svg"
        folder = Path(self.env.app.outdir) / "_images"
        folder.mkdir(parents=True, exist_ok=True)
        axes = getattr(gs, name)(*(gs.read(str(CHECKOUT / source)) for source in sources))
        axes.figure.savefig(folder / picture, metadata={"Date": None}, bbox_inches="tight")
        place = "../" * self.env.docname.count("/") + f"_images/{picture}"
        said = escape(" ".join(self.content))
        return [nodes.raw("", f'<img class="chart" src="{place}" alt="{said}">', format="html")]


class Commands(SphinxDirective):
    """The help of every command, as it is printed."""

    def run(self) -> list[nodes.Node]:
        """Return a section for `gostack-nb` itself and one for each of its commands."""
        whole = click.Context(main, info_name="gostack-nb", **WIDTH, **main.context_settings)
        parts = [section_of("gostack-nb", main.get_help(whole))]
        for name, command in sorted(main.commands.items()):
            context = click.Context(command, info_name=name, parent=whole, **WIDTH)
            parts.append(section_of(f"gostack-nb {name}", command.get_help(context)))
        return self.parse_text_to_nodes("\n\n".join(parts), allow_section_headings=True)


def section_of(title: str, text: str) -> str:
    """Return a heading and a block of text, as Markdown."""
    return f"## {title}\n\n```text\n{text}\n```"


def setup(app: Sphinx) -> dict[str, bool]:
    """Tell Sphinx about the directives."""
    mpl.use("Agg")
    app.add_directive("calls", Calls)
    app.add_directive("chart", Chart)
    app.add_directive("columns", Columns)
    app.add_directive("commands", Commands)
    return {"parallel_read_safe": False}
