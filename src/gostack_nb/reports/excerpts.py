"""Frames and a checkout -> the lines of source around them, to show and to print."""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from html import escape
from urllib.parse import unquote

from gostack_nb.reports.words import listed
from gostack_nb.sources.checkout import Checkout, Fit

AROUND = 5
"""Lines before and after the one that is meant."""

MOST_READ = 20
"""Files of the same name that are opened to see whether they hold the function."""

_SHOWN_OTHERS = 3

# cmd/compile/internal/ir/func.go, closureName, go1.23: f.func1, f.func1.2, f.gowrap1, f.deferwrap1, f-range1;
# before go1.21 glob..func1 for a closure outside of functions; g inlined into f gives f.g.func1, in the file of g.
_CLOSURE = re.compile(r"func\d+|\d+|gowrap\d+|deferwrap\d+")
# A method value is (*T).Run-fm; go1.17 wrapped what `go` and `defer` call as f·dwrap·1.
_SUFFIX = re.compile(r"(?:-(?:fm|range\d{1,9})|\u00b7dwrap\u00b7\d{1,9}){1,9}$")

# The clause after comments only; possessive, so that no text makes it slow.
_PACKAGE = re.compile(r"\ufeff?(?:\s|//[^\n]*+|/\*(?s:.*?)\*/)*+package[ \t]+(\w+)")
_GAP = r"[ \t]*+"
_MAJOR = re.compile(r"v\d+")
_GOPKG_MAJOR = re.compile(r"\.v\d+$")  # gopkg.in/yaml.v3

_CODE = (
    "font-family:var(--jp-code-font-family,monospace);line-height:1.4;overflow-x:auto;"
    "background:var(--jp-layout-color2,#f3f6f9);padding:.5em .9em;margin:.2em 0 .8em"
)
_MARK = "background:#F0E442;color:#1a1a1a"  # readable on light and dark


@dataclass(frozen=True, slots=True)
class Excerpt:
    """Lines of a source file.

    Attributes
    ----------
    title : str
        What is shown, and of which file.
    lines : tuple of (int, str)
        Numbered lines; none if the file was not found.
    marked : int
        The number of the line that is meant.
    note : str
        What the reader should know: not found, several found, another version.
    """

    title: str
    lines: tuple[tuple[int, str], ...] = ()
    marked: int = 0
    note: str = ""

    def __str__(self) -> str:
        rows = [f"{'>' if number == self.marked else ' '} {number:>5}  {text}" for number, text in self.lines]
        return "\n".join([self.title, *filter(None, [self.note]), *rows])

    def as_html(self) -> str:
        """Return title, note and lines as HTML.

        Returns
        -------
        str
            All text in it is escaped.
        """
        note = f" {escape(self.note)}" if self.note else ""
        rows = "\n".join(_row(number, text, marked=number == self.marked) for number, text in self.lines)
        code = f'<pre style="{_CODE}">{rows}</pre>' if rows else ""
        return f'<p style="margin:.6em 0 .2em"><b>{escape(self.title)}</b>{note}</p>{code}'


@dataclass(frozen=True, slots=True)
class _Meant:
    """The function whose text a frame is in.

    Attributes
    ----------
    package : str
        Its import path, or `main`.
    receiver : str
        The type of a method; empty for a function.
    name : str
        Empty if any function of the package may be meant.
    may_be_inlined : bool
        `T.g.func1` is a closure of the method g of T, or of the function g inlined into T.
    """

    package: str
    receiver: str = ""
    name: str = ""
    may_be_inlined: bool = False


def _row(number: int, text: str, *, marked: bool) -> str:
    row = f"{number:>5}  {escape(text)}"
    return f'<mark style="{_MARK}">{row}</mark>' if marked else row


def excerpt(checkout: Checkout, what: str, function: str, file: str, line: int) -> Excerpt:
    """Return the lines around a frame, or why there are none.

    Parameters
    ----------
    checkout : Checkout
        Where the source lies.
    what : str
        Begins the title: `Blocked here`.
    function, file : str
        As the dump prints them.
    line : int
        The line of the frame.

    Returns
    -------
    Excerpt
        Of the file whose path agrees most and that declares the function. Where only the name of the file agrees,
        its package must agree, too. Without lines if there is no such file; the note says why.
    """
    fits = checkout.fits(file)
    title = f"{what}: {file}:{line}"
    read = _texts(checkout, fits)
    holding = [(fit, text) for fit, text in read if _belongs(fit, text, function)]
    if not holding:
        return Excerpt(title, note=_none(checkout, read, len(fits), function))
    best, text = holding[0]
    lines = _lines(text)
    if line > len(lines):
        return Excerpt(title, note=f"{best.path} has {len(lines):,} lines only: it is another version.")
    first = max(line - AROUND, 1)
    shown = tuple((n, _printable(lines[n - 1])) for n in range(first, min(line + AROUND, len(lines)) + 1))
    return Excerpt(f"{what}: {best.path}:{line}", shown, line, _several([fit for fit, _ in holding]))


def _texts(checkout: Checkout, fits: Sequence[Fit]) -> list[tuple[Fit, str]]:
    read = ((fit, checkout.text(fit.path)) for fit in fits[:MOST_READ])
    return [(fit, text) for fit, text in read if text is not None]


def _lines(text: str) -> list[str]:
    r"""Return the lines as Go counts them: only a newline ends one.

    >>> _lines("a\x0cb\u2028c\r\nd\n")
    ['a\x0cb\u2028c', 'd']
    """
    return [line.removesuffix("\r") for line in text.removesuffix("\n").split("\n")]


def names_function(text: str, function: str) -> bool:
    """Tell whether a source file declares the function of a frame; of a closure, the function around it.

    Parameters
    ----------
    text : str
        The text of the file.
    function : str
        As the dump prints it.

    Returns
    -------
    bool
        The type of the receiver must agree, whether pointer or not. Package initialisers (`init`, `glob..func1`) may
        stand in any file.

    Examples
    --------
    >>> names_function("func (s *server) run() {", "app/push.(*server).run.func1")
    True
    >>> names_function("func (s *session) run() {", "app/push.(*server).run")
    False
    """
    meant = _meant(function)
    return _declares(text, meant.receiver, meant.name) or (meant.may_be_inlined and _declares(text, "", meant.name))


def _belongs(fit: Fit, text: str, function: str) -> bool:
    """Tell whether a file is the one of a frame; where only its name agrees, package and receiver must."""
    if fit.parts > 1:
        return names_function(text, function)
    meant = _meant(function)
    certain = _declares(text, meant.receiver, meant.name) or (
        meant.may_be_inlined and all(_declares(text, "", name) for name in (meant.receiver, meant.name))
    )
    return certain and _clause(text) in _clauses(meant.package)


def _meant(function: str) -> _Meant:
    """Return the function around a frame's function; of what was inlined, the innermost.

    >>> _meant("github.com/a/b.Map[github.com/c/d.T].func1.2")
    _Meant(package='github.com/a/b', receiver='', name='Map', may_be_inlined=False)
    >>> _meant("main.(*Tree[...]).Walk-fm")
    _Meant(package='main', receiver='Tree', name='Walk', may_be_inlined=False)
    """
    folder, slash, rest = _without_brackets(function).rpartition("/")
    package, *printed = rest.split(".")
    names = [_SUFFIX.sub("", name) for name in printed]
    *outer, name = _innermost(names) or [""]
    receiver = outer[-1] if outer else ""
    is_closure = names != [*outer, name] or any("-range" in part for part in printed)
    inlined = is_closure and receiver != "" and not receiver.startswith("(")
    return _Meant(unquote(f"{folder}{slash}{package}"), receiver.strip("(*)"), name, inlined)


def _without_brackets(function: str) -> str:
    """Drop type arguments, which may hold brackets, dots and slashes themselves.

    >>> _without_brackets("main.Map[[]github.com/a/b.T].func1")
    'main.Map.func1'
    """
    kept, depth = [], 0
    for one in function:
        depth += one == "["
        if not depth:
            kept.append(one)
        depth -= one == "]" and depth > 0
    return "".join(kept)


def _innermost(names: Sequence[str]) -> list[str]:
    """Return the names between the last closures; none if they stand outside of functions.

    >>> _innermost(["(*T)", "Run", "func1", "2"]), _innermost(["f", "func1", "g", "2"]), _innermost(["init", "0"])
    (['(*T)', 'Run'], ['g'], [])
    """
    initialises = 1 if names[:1] == ["init"] else 2 if list(names[:2]) == ["glob", ""] else 0
    found: list[str] = []
    current: list[str] = []
    for index in range(initialises, len(names)):
        if index and _CLOSURE.fullmatch(names[index]) and not names[index - 1].startswith("("):
            found, current = current or found, []
        else:
            current.append(names[index])
    return current or found


def _declares(text: str, receiver: str, name: str) -> bool:
    """Tell whether a text has `func (r *receiver) name(`, or without receiver `func name(`; no name is in any text."""
    method = rf"\({_GAP}(?:\w++{_GAP})?\*?{_GAP}\b{re.escape(receiver)}{_GAP}(?:\[[^\]\n]*\])?{_GAP}\){_GAP}"
    of = method if receiver else ""
    declaration = rf"^{_GAP}func\b{_GAP}{of}{re.escape(name)}{_GAP}[(\[]"
    return not name or re.search(declaration, text, re.MULTILINE) is not None


def _clause(text: str) -> str:
    found = _PACKAGE.match(text)
    return found[1] if found else ""


def _clauses(package: str) -> set[str]:
    """Return what the package clause may be: the last element of the path, without what Go programmers leave out.

    >>> sorted(_clauses("github.com/redis/go-redis/v9")), sorted(_clauses("main"))
    (['go', 'go-redis', 'redis'], ['main'])
    """
    *front, last = package.split("/")
    element = front[-1] if front and _MAJOR.fullmatch(last) else last
    plain = _GOPKG_MAJOR.sub("", element)
    return {plain, *re.split(r"[-.]", plain)}


def _none(checkout: Checkout, read: Sequence[tuple[Fit, str]], named: int, function: str) -> str:
    """Say why no file is shown."""
    if not named:
        return f"No such file in {checkout.root}."
    for fit, text in read:
        if names_function(text, function) and _clause(text) not in _clauses(_meant(function).package):
            package = f"package {_clause(text)}" if _clause(text) else "of no package"
            return (
                f"{fit.path} in {checkout.root} has that name, but it is {package}, and nothing else of its path "
                f"agrees: {function} is from another file."
            )
    files = (
        f"{read[0][0].path} in {checkout.root} has"
        if named == len(read) == 1
        else f"{named} files in {checkout.root} have"
    )
    return f"{files} that name, but none that can be read holds {function}: it may be another version or another file."


def _several(fits: Sequence[Fit]) -> str:
    """Say which other files fit as well as the one that is shown."""
    equal = [str(fit.path) for fit in fits[1:] if fit.parts == fits[0].parts]
    if not equal:
        return ""
    more = [f"{len(equal) - _SHOWN_OTHERS:,} more"] if len(equal) > _SHOWN_OTHERS else []
    return f"{listed([*equal[:_SHOWN_OTHERS], *more])} would fit as well."


def _printable(line: str) -> str:
    """Expand tabs, and show what steers a terminal or turns the direction of text as a replacement character."""
    return "".join(one if one.isprintable() else "\ufffd" for one in line.expandtabs(4))
