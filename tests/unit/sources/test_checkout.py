"""A checkout: which file a printed path means, and that nothing outside is read."""

from pathlib import Path, PurePosixPath

import pytest

from gostack_nb.errors import UnreachableError
from gostack_nb.sources.checkout import MOST_BYTES, open_checkout

FILES = {
    "go.mod": "module example.com/push\n\ngo 1.21\n",
    "main.go": "package main\n",
    "cmd/load/main.go": "package main\n",
    "hub/hub.go": "package hub\n",
    "tools/go.mod": "module example.com/tools\n",
    "tools/hub/hub.go": "package hub\n",
    "vendor/github.com/BurntSushi/toml/decode.go": "package toml\n",
    ".git/hub.go": "package git\n",
    "notes.txt": "secret\n",
}


@pytest.fixture
def root(tmp_path: Path) -> Path:
    for name, text in FILES.items():
        path = tmp_path / "app" / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)
    return tmp_path / "app"


@pytest.mark.parametrize(
    ("printed", "path", "parts"),
    [
        ("/srv/app/main.go", "main.go", 2),
        ("/srv/app/cmd/load/main.go", "cmd/load/main.go", 4),
        ("example.com/push/main.go", "main.go", 3),
        ("example.com/push/hub/hub.go", "hub/hub.go", 4),
        ("example.com/tools/hub/hub.go", "tools/hub/hub.go", 4),
        ("/go/pkg/mod/example.com/push@v1.2.3/hub/hub.go", "hub/hub.go", 4),
        ("/go/pkg/mod/github.com/!burnt!sushi/toml@v1.2.3/decode.go", "vendor/github.com/BurntSushi/toml/decode.go", 4),
        ("C:\\build\\app\\cmd\\load\\main.go", "cmd/load/main.go", 4),
    ],
)
def test_the_longest_common_end_wins(root: Path, printed: str, path: str, parts: int) -> None:
    best = open_checkout(root).fits(printed)[0]
    assert (best.path, best.parts) == (PurePosixPath(path), parts)


@pytest.mark.parametrize("printed", ["/srv/app/other.go", "/srv/notes.txt", "/etc/passwd", "", "/", "hub.go/.."])
def test_what_is_not_there_does_not_fit(root: Path, printed: str) -> None:
    assert open_checkout(root).fits(printed) == []


def test_hidden_folders_are_left_out(root: Path) -> None:
    assert {fit.path.parts[0] for fit in open_checkout(root).fits("/x/hub.go")} == {"hub", "tools"}


def test_text(root: Path) -> None:
    assert open_checkout(root).text(PurePosixPath("main.go")) == "package main\n"


def test_nothing_outside_is_read(root: Path) -> None:
    outside = root.parent / "outside"
    outside.mkdir()
    (outside / "secret.go").write_text("package secret\n")
    (root / "link.go").symlink_to(outside / "secret.go")
    (root / "folder").symlink_to(outside)
    (root / "circle.go").symlink_to(root / "circle.go")
    checkout = open_checkout(root)
    for name in ("link.go", "folder/secret.go", "../outside/secret.go", str(outside / "secret.go"), "circle.go"):
        assert checkout.text(PurePosixPath(name)) is None
    assert checkout.fits("/srv/secret.go") == []


def test_what_is_no_readable_file_is_none(root: Path) -> None:
    (root / "big.go").write_text("x" * (MOST_BYTES + 1))
    (root / "folder.go").mkdir()
    for name in ("big.go", "folder.go", "gone.go"):
        assert open_checkout(root).text(PurePosixPath(name)) is None


def test_there_must_be_a_folder(tmp_path: Path) -> None:
    with pytest.raises(UnreachableError, match="no folder with source code"):
        open_checkout(tmp_path / "gone")
