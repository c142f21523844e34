"""The public contract as text: names and signatures, commands and options, columns and dtypes, one to a line.

`make api` writes it to public_api.txt; each change of the contract shows in the diff of that file.
"""

import inspect
import re
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import click
import pandas as pd

import gostack_nb as gs
from gostack_nb.cli import main
from gostack_nb.model import schema
from gostack_nb.recording.stored import STORED
from tests.meta.public_tables import tables

FILE = Path(__file__).with_suffix(".txt")

HEAD = """\
The public contract of gostack_nb, made by `make api`: names and signatures, commands and options, columns and dtypes.
What docs/compatibility.md promises is about these lines. Review a change here like code.
"""

_MODULE = re.compile(r"(?<![\w.'/])(?:[a-zA-Z_]\w*\.)+(?=\w)")
_UNPACKED = re.compile(r"\*?<class '[\w.]*?(\w+)'>")
_OPTIONS = re.compile(r"Unpack\[(\w+)]")
_OPTIONAL = re.compile(r"Optional\[(Literal\[[^]]*])]")
_NAME = re.compile(r"[A-Z]\w+")


def render() -> str:
    """Write the contract down."""
    parts = {
        "gostack_nb": _namespace(gs, ""),
        "gostack_nb.fleet": _namespace(gs.fleet, "fleet."),
        "gostack_nb.incident": _namespace(gs.incident, "incident."),
        "what calls return, and options that they share": (
            line for one in _given_and_returned() for line in _members(one, "")
        ),
        "command line": _commands(main, "gostack-nb"),
        "tables of a Dataset": _columns({name.lower(): columns for name, columns in _schema().items()}),
        "tables of a recording, as Parquet": _columns(STORED),
        "tables that calls return": (line for name, table in tables() for line in _table(name, table)),
    }
    return HEAD + "".join(f"\n# {title}\n\n" + "".join(f"{line}\n" for line in part) for title, part in parts.items())


def _namespace(module: Any, prefix: str) -> Iterator[str]:
    for name in module.__all__:
        thing = getattr(module, name)
        if inspect.isclass(thing):
            yield from _class(thing, prefix)
        elif inspect.ismodule(thing):
            yield f"{prefix}{name}: module"
        else:
            yield f"{prefix}{name}{_signature(thing)}"


def _class(cls: type, prefix: str) -> Iterator[str]:
    """Write a class with what it is made of, and its members."""
    bases = ", ".join(base.__name__ for base in cls.__bases__ if base is not object)
    yield f"{prefix}{cls.__name__}({bases})" if issubclass(cls, Exception) else f"{prefix}{cls.__name__}{_made(cls)}"
    yield from _members(cls, prefix)


def _members(cls: type, prefix: str) -> Iterator[str]:
    """Write the public methods and attributes; of the bases only ours are looked into."""
    found: dict[str, str] = {}
    for owner in reversed([one for one in cls.__mro__ if one.__module__.startswith("gostack_nb")]):
        found |= {name: _written(told) for name, told in inspect.get_annotations(owner).items()}
        found |= {name: _member(value) for name, value in vars(owner).items() if name not in found}
    yield from (f"{prefix}{cls.__name__}.{name}{said}" for name, said in sorted(found.items()) if name[0] != "_")


def _made(cls: type) -> str:
    """Return what makes an object; a table is made by calls."""
    return "" if issubclass(cls, pd.DataFrame) else _signature(cls).removesuffix(" -> None")


def _member(value: Any) -> str:
    function = value.__func__ if isinstance(value, classmethod | staticmethod) else value
    if inspect.isfunction(function):
        kind = "" if function is value else f"  [{type(value).__name__}]"
        return f"{_signature(function)}{kind}"
    if isinstance(value, property):
        return _written(inspect.get_annotations(value.fget)["return"])
    return ""


def _written(annotation: object) -> str:
    return f": {_short(annotation)}"


def _signature(thing: Any) -> str:
    """Write a signature without the modules of types, and without `self`."""
    text = _short(inspect.signature(thing))
    return re.sub(r"^\((?:self|cls)(?:, )?", "(", text)


def _short(thing: object) -> str:
    shown = thing if isinstance(thing, str) else str(thing) if not inspect.isclass(thing) else thing.__name__
    plain = _OPTIONS.sub(r"\1", _MODULE.sub("", _UNPACKED.sub(r"\1", shown)))
    return _OPTIONAL.sub(r"\1 | None", plain).replace("NoneType", "None").replace("'", '"')


def _given_and_returned() -> list[type]:
    """Find the classes of this package that the signatures name and `__all__` does not."""
    listed = {getattr(module, name) for module in (gs, gs.fleet, gs.incident) for name in module.__all__}
    named = {cls for thing in listed if callable(thing) for cls in _named_by(thing)}
    return sorted(named - listed, key=lambda cls: cls.__name__)


def _named_by(thing: Any) -> Iterator[type]:
    """Yield the classes of this package in the signature of a call, or in those of the public methods of a class."""
    names = [name for name in vars(thing) if name[0] != "_" or name == "__init__"] if inspect.isclass(thing) else []
    for function in map(inspect.unwrap, filter(inspect.isroutine, [thing, *(getattr(thing, name) for name in names)])):
        for name in _NAME.findall(" ".join(map(str, inspect.get_annotations(function).values()))):
            cls = function.__globals__.get(name)
            if inspect.isclass(cls) and cls.__module__.startswith("gostack_nb"):
                yield cls


def _commands(group: click.Group, prefix: str) -> Iterator[str]:
    for name, command in sorted(group.commands.items()):
        arguments = [one for one in command.params if isinstance(one, click.Argument)]
        yield " ".join([prefix, name, *(one.make_metavar(click.Context(command)) for one in arguments)])
        yield from sorted(_option(f"{prefix} {name}", one) for one in command.params if isinstance(one, click.Option))


def _option(prefix: str, option: click.Option) -> str:
    value = "" if option.is_flag else f" {_choices(option)}"
    default = option.to_info_dict()["default"]
    told = f" = {default}" if isinstance(default, str | int | float | Path) and not option.is_flag else ""
    many = " [may be given several times]" if option.multiple else ""
    return f"{prefix} {', '.join(sorted(option.opts))}{value}{told}{many}"


def _choices(option: click.Option) -> str:
    return (
        "|".join(option.type.choices) if isinstance(option.type, click.Choice) else option.metavar or option.type.name
    )


def _schema() -> dict[str, tuple[schema.Column, ...]]:
    return {name: value for name, value in vars(schema).items() if name.isupper() and isinstance(value, tuple)}


def _columns(tables_by_name: Any) -> Iterator[str]:
    for name, columns in tables_by_name.items():
        yield from (f"{name}.{column.name}: {column.dtype}" for column in columns)


def _table(name: str, table: pd.DataFrame) -> Iterator[str]:
    for column, dtype in table.dtypes.items():
        yield f"{name}.{column}: {dtype}"


if __name__ == "__main__":
    FILE.write_text(render(), encoding="utf-8")
    sys.stderr.write(f"wrote {FILE.name}\n")
