"""Imports point down the ladder only: bytes become tables, tables become tables, then charts and reports."""

import ast
from collections.abc import Iterator
from pathlib import Path

PACKAGE = Path(__file__).parents[2] / "src" / "gostack_nb"

LADDER = (
    {"errors"},
    {"sources", "formats"},
    {"model"},
    {"reading"},
    {"capturing"},
    {"recording"},
    {"analysis"},
    {"fleet"},
    {"plots"},
    {"widgets", "reports"},
    {"magic"},
    {"__init__"},
    {"cli", "__main__"},
)
"""Lowest first. A room imports from lower steps; rooms of one step never import each other."""

FORBIDDEN = {("model", "sources"), *(("analysis", room) for room in ("reading", "capturing", "recording"))}
"""Downward, but the model does not know where bytes come from, and analysis reads nothing."""

STEP = {room: step for step, rooms in enumerate(LADDER) for room in rooms}


def imported_rooms(tree: ast.AST) -> Iterator[tuple[int, str]]:
    """Yield line and room of every import from the package, also those inside functions."""
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            names = [alias.name for alias in node.names]
        elif isinstance(node, ast.ImportFrom) and node.level:
            yield node.lineno, "a relative import"
            continue
        elif isinstance(node, ast.ImportFrom) and node.module == "gostack_nb":
            names = [f"gostack_nb.{alias.name}" for alias in node.names]
        elif isinstance(node, ast.ImportFrom):
            names = [node.module or ""]
        else:
            continue
        for top, *rest in (name.split(".") for name in names):
            if top == "gostack_nb":
                yield node.lineno, rest[0] if rest and rest[0] in STEP else "__init__"


def find_upward_imports(room: str, code: str) -> list[str]:
    """Say which imports of a module in `room` do not point down."""
    return [
        f"line {line}: {room} imports {other}"
        for line, other in imported_rooms(ast.parse(code))
        if other != room and (STEP.get(other, len(LADDER)) >= STEP[room] or (room, other) in FORBIDDEN)
    ]


def room_of(path: Path) -> str:
    return path.relative_to(PACKAGE).parts[0].removesuffix(".py")


def test_every_module_stands_in_a_known_room() -> None:
    rooms = {room_of(path) for path in PACKAGE.rglob("*.py")}
    assert rooms <= STEP.keys(), "a new room: place it in the ladder, and say why in docs/adr"


def test_imports_point_down() -> None:
    found = [
        f"{path.relative_to(PACKAGE)} {problem}"
        for path in sorted(PACKAGE.rglob("*.py"))
        for problem in find_upward_imports(room_of(path), path.read_text("utf-8"))
    ]
    assert not found, "\n".join(found)


def test_the_check_can_fail() -> None:
    upward = {
        "sources": "from gostack_nb.formats.registry import parse_dumps",
        "formats": "import gostack_nb.sources.blob",
        "model": "from gostack_nb.sources.blob import Blob",
        "reading": "def f():\n    from gostack_nb.analysis import growth",
        "analysis": "from gostack_nb.reading.rereading import read_addresses",
        "reports": "from gostack_nb import widgets",
        "plots": "from gostack_nb import suspects",
        "errors": "from . import model",
    }
    for room, code in upward.items():
        assert len(find_upward_imports(room, code)) == 1, (room, code)
    downward = "import numpy\nfrom gostack_nb.formats.columns import Columns\nfrom gostack_nb.model import schema"
    assert not find_upward_imports("model", downward)
