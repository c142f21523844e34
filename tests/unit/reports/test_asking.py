"""Options of the command line that open a door: no secret among the arguments."""

import io
from pathlib import Path
from typing import Any

import pytest

from gostack_nb.errors import UnreachableError
from gostack_nb.reports import asking
from gostack_nb.reports.asking import access_options
from gostack_nb.sources.access import AccessOptions


def given(options: AccessOptions) -> dict[str, Any]:
    return {name: value for name, value in options.items() if value is not None}


@pytest.fixture(autouse=True)
def no_variables(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in (asking.PASSWORD_VARIABLE, asking.BEARER_VARIABLE):
        monkeypatch.delenv(name, raising=False)


def test_nothing_given_is_nothing() -> None:
    assert given(access_options()) == {}


def test_the_password_is_in_the_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(asking.PASSWORD_VARIABLE, "pw")
    assert given(access_options(user="me")) == {"auth": ("me", "pw")}


def test_the_password_is_asked_for_at_a_terminal(monkeypatch: pytest.MonkeyPatch) -> None:
    asked: list[str] = []
    terminal = io.StringIO()
    monkeypatch.setattr(terminal, "isatty", lambda: True)
    monkeypatch.setattr("sys.stdin", terminal)
    monkeypatch.setattr("getpass.getpass", lambda prompt: asked.append(prompt) or "typed")
    assert given(access_options(user="me")) == {"auth": ("me", "typed")}
    assert asked == ["Password of me: "]


def test_the_token_is_in_a_file_or_in_the_environment(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv(asking.BEARER_VARIABLE, "from-env")
    (tmp_path / "token").write_text("from-file\n")
    assert given(access_options()) == {"bearer": "from-env"}
    assert given(access_options(bearer_file=tmp_path / "token")) == {"bearer": "from-file"}


def test_headers_are_arguments_or_lines_of_a_file(tmp_path: Path) -> None:
    (tmp_path / "headers").write_text("X-Key: abc:d\n\nX-More:1\n")
    found = given(access_options(headers=["X-Scope-OrgID: team-a", f"@{tmp_path / 'headers'}"]))
    assert found == {"headers": {"X-Scope-OrgID": "team-a", "X-Key": "abc:d", "X-More": "1"}}


def test_certificates_and_ways(tmp_path: Path) -> None:
    cert, key = tmp_path / "c.pem", tmp_path / "k.pem"
    assert given(access_options(cert=cert)) == {"cert": cert}
    assert given(access_options(cert=cert, key=key, ca=cert, proxy="http://p:1", unix_socket=key)) == {
        "cert": (cert, key),
        "verify": cert,
        "proxy": "http://p:1",
        "unix_socket": key,
    }


@pytest.mark.parametrize(
    ("options", "words"),
    [
        ({"user": "me"}, "--user: no password, and no terminal to ask for it. Hint: set GOSTACK_NB_PASSWORD"),
        ({"user": "me:s3cret"}, "--user: a name cannot hold a colon"),
        ({"headers": ["s3cret"]}, "--header: not of the form 'Name: value'"),
        ({"headers": ["@/none/s"]}, "/none/s: cannot be read"),
        ({"bearer_file": Path("/none/token")}, "/none/token: cannot be read"),
        ({"key": Path("k.pem")}, "--key: a key without its certificate"),
    ],
)
def test_what_cannot_be_used(options: dict[str, Any], words: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("sys.stdin", io.StringIO())
    with pytest.raises(UnreachableError) as caught:
        access_options(**options)
    assert words in str(caught.value)
    assert "s3cret" not in str(caught.value)


def test_a_token_that_is_no_text(tmp_path: Path) -> None:
    (tmp_path / "token").write_bytes(b"\xff\xfe")
    with pytest.raises(UnreachableError, match="not text"):
        access_options(bearer_file=tmp_path / "token")
