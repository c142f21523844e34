"""The fenced blocks of a Markdown page, and how they are run: commands by click or a shell, Python in one namespace.

A block is not run where a line above it says why: `<!-- not run: needs a cluster -->`. Its commands are parsed all the
same. `<!-- file: team.toml -->` above a block writes it to that file, `<!-- seen: 401 -->` names the situation in which
it is printed. A `text` or `output` block right under a Python block is what that prints; `...` stands for anything.
"""

import ast
import contextlib
import doctest
import io
import re
import shlex
import subprocess
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path

import click
from click.testing import CliRunner

from gostack_nb.cli import main

SHELL_SECONDS = 600
SHELL_WORDS = frozenset({"cat", "curl", "for", "gostack-nb", "ls", "mkdir", "sleep"})
"""What a shell runs here; any other program needs the mark above its block."""

_FENCE = re.compile(r"(?P<indent> *)(?P<fence>`{3,}|:{3,})(?P<language>[^\s`]*)")
_MARK = re.compile(r"\s*<!-- (?P<kind>not run|file|seen): (?P<text>.+) -->")
_ASSIGNED = re.compile(r"\w+=")
_COMMAND = re.compile(r"(?:^|[|;&(] ?|\.venv/bin/)gostack-nb (?P<rest>[^|;>&]*(?:'[^']*'[^|;>&]*)*)", re.MULTILINE)


@dataclass(frozen=True, slots=True)
class Block:
    """One fenced block.

    Attributes
    ----------
    line : int
        Of its opening fence, from 1.
    language : str
        As written; `{...}` for a directive of MyST.
    text : str
        Its lines, without the fence's indent.
    not_run : str or None
        Why not.
    file : str or None
        Where to write it.
    seen : str or None
        In which situation it is printed.
    printed : str or None
        The `text` or `output` block right under it.
    """

    line: int
    language: str
    text: str
    not_run: str | None = None
    file: str | None = None
    seen: str | None = None
    printed: str | None = None


def blocks_of(text: str) -> list[Block]:
    r"""Find the fenced blocks of a page.

    >>> [(b.language, b.text, b.printed) for b in blocks_of("```python\n1 + 1\n```\n```text\n2\n```\n")]
    [('python', '1 + 1\n', '2\n'), ('text', '2\n', None)]
    """
    found: list[Block] = []
    near: Block | None = None
    marks: dict[str, str] = {}
    lines = iter(enumerate(text.splitlines(), 1))
    for number, line in lines:
        if fence := _FENCE.match(line):
            block = _block(number, fence, lines, marks)
            if near and near.language == "python" and block.language in {"text", "output"}:
                found[-1] = replace(near, printed=block.text)
            found.append(block)
            near, marks = block, {}
        elif mark := _MARK.match(line):
            marks[mark["kind"]] = mark["text"]
        elif line.strip():
            near, marks = None, {}
    return found


def _block(number: int, fence: re.Match[str], lines: Iterator[tuple[int, str]], marks: Mapping[str, str]) -> Block:
    held = []
    for _, line in lines:
        if line.strip() == fence["fence"]:
            break
        held.append(line.removeprefix(fence["indent"]) + "\n")
    return Block(number, fence["language"], "".join(held), marks.get("not run"), marks.get("file"), marks.get("seen"))


@dataclass(frozen=True, slots=True)
class Step:
    """A command of a console block, and what is printed under it."""

    command: str
    printed: str


def steps_of(text: str) -> list[Step]:
    r"""Take a console block apart.

    >>> steps_of("$ ls \\\n  -a\n.\n..\n$ ls b  # nothing\n")
    [Step(command='ls \\\n  -a', printed='.\n..\n'), Step(command='ls b', printed='')]
    """
    steps: list[Step] = []
    lines = iter(text.splitlines())
    for line in lines:
        if not line.startswith("$ "):
            last = steps[-1]
            steps[-1] = replace(last, printed=f"{last.printed}{line}\n")
            continue
        command = line[2:]
        while command.endswith("\\"):
            command += f"\n{next(lines)}"
        steps.append(Step(re.sub(r"\s+# .*$", "", command), ""))
    return steps


def commands_in(text: str) -> list[list[str]]:
    """List the arguments of each call of gostack-nb in a command or block.

    >>> commands_in("$ curl -s 'h?debug=2' | gostack-nb show - --by state  # words")
    [['show', '-', '--by', 'state']]
    """
    plain = re.sub(r"\s+# .*$", "", text.replace("\\\n", " ").replace("$ ", ""), flags=re.MULTILINE)
    return [shlex.split(found["rest"].partition("\n")[0]) for found in _COMMAND.finditer(plain)]


def check_arguments(arguments: list[str]) -> None:
    """Let click read arguments, without running anything; a UsageError says what does not exist."""
    if not arguments or arguments[0].startswith("-"):
        return
    command = main.commands.get(arguments[0])
    if command is None:
        msg = f"no such command: {arguments[0]}"
        raise click.UsageError(msg)
    context = click.Context(command, info_name=arguments[0])
    given, _, _ = command.make_parser(context).parse_args(arguments[1:])
    for parameter in command.params:
        if isinstance(parameter.type, click.Choice | click.IntRange) and parameter.name in given:
            parameter.type_cast_value(context, given[parameter.name])


@dataclass(slots=True)
class Page:
    """One page that is run, in a folder.

    Attributes
    ----------
    folder : Path
        The current folder of all of it.
    changes : mapping
        What is written on the page, and what stands for it here: addresses, and spans that no test can wait for.
    environment : mapping
        Of the shell.
    """

    folder: Path
    changes: Mapping[str, str]
    environment: Mapping[str, str]
    names: dict[str, object] = field(default_factory=dict)
    status: int = 0

    def run(self, block: Block) -> Iterator[tuple[str, str, str]]:
        """Run a block; yields for each step what was run, what the page says, and what was printed."""
        if block.file:
            (self.folder / block.file).write_text(block.text, "utf-8")
        elif block.language == "python":
            yield block.text, block.printed or "", self.back(self.python(self.here(block.text)))
        elif block.language == "console":
            for step in steps_of(block.text):
                yield step.command, step.printed, self.back(self.command(self.here(step.command)))

    def here(self, text: str) -> str:
        """Put what stands for something here in its place."""
        for written, meant in self.changes.items():
            text = text.replace(written, meant)
        return text

    def back(self, text: str) -> str:
        """Write what was printed as the page has it."""
        for written, meant in self.changes.items():
            text = text.replace(meant, written)
        return text

    def python(self, code: str) -> str:
        """Run lines; returns what they print, and the value of the last one as a notebook shows it."""
        tree = ast.parse(code)
        last = tree.body.pop() if isinstance(tree.body[-1], ast.Expr) else None
        printed = io.StringIO()
        with contextlib.redirect_stdout(printed):
            exec(compile(tree, "<page>", "exec"), self.names)  # noqa: S102 - the page's own code is what is tested
            if isinstance(last, ast.Expr):
                value = eval(compile(ast.Expression(last.value), "<page>", "eval"), self.names)  # noqa: S307 - as above
                if value is not None:
                    print(repr(value))  # noqa: T201 - into the text that is compared
        return printed.getvalue()

    def command(self, command: str) -> str:
        """Run one command line; returns what it prints."""
        words = shlex.split(command, comments=True)
        if words[0] == "make":
            return ""  # a test of its own asks whether there is such a target
        if words == ["echo", "$?"]:
            return f"{self.status}\n"
        if words[0] == "gostack-nb" and not set(words) & {"|", ">", "2>", "&&", "||"}:
            done = CliRunner().invoke(main, words[1:], catch_exceptions=False)
            self.status = done.exit_code
            return done.output
        if words[0] not in SHELL_WORDS and not _ASSIGNED.match(words[0]):
            msg = f"{words[0]} is not run here. Hint: <!-- not run: WHY --> above the block"
            raise AssertionError(msg)
        shell = ["bash", "-c", command]
        ran = subprocess.run(
            shell,
            cwd=self.folder,
            env=self.environment,
            capture_output=True,
            text=True,
            check=False,
            timeout=SHELL_SECONDS,
        )
        self.status = ran.returncode
        return ran.stdout + ran.stderr


def agree(said: str, printed: str) -> bool:
    r"""Tell whether a page's words are what was printed; `...` stands for anything, blanks at line ends for nothing.

    >>> agree("a ... z\n", "a b\nc z \n"), agree("a\n", "a\nb\n")
    (True, False)
    """
    return doctest.OutputChecker().check_output(_trimmed(said), _trimmed(printed), doctest.ELLIPSIS)


def _trimmed(text: str) -> str:
    return "\n".join(line.rstrip() for line in text.strip("\n").splitlines()) + "\n"
