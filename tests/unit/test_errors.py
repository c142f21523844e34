"""What a notebook shows of an error."""

import pytest

import gostack_nb as gs


def shown(error: gs.GostackError) -> list[str]:
    return error._render_traceback_()


def test_a_notebook_shows_the_readers_line_and_the_sentence() -> None:
    with pytest.raises(gs.SourceError) as caught:
        gs.read("no-such-folder")
    own, message = shown(caught.value)
    assert own.endswith('gs.read("no-such-folder")')
    assert "UnreachableError" in message
    assert "no-such-folder: no such file or folder" in message


def test_an_error_that_was_never_raised_is_its_sentence() -> None:
    assert shown(gs.FormatError("no dump")) == ["\x1b[31mFormatError\x1b[0m: no dump"]


def test_wrong_arguments_are_type_and_value_errors() -> None:
    with pytest.raises(TypeError):
        gs.group(3)  # type: ignore[arg-type]
    with pytest.raises(ValueError, match="no snapshot"):
        gs.only(gs.read(b"goroutine 1 [running]:\nmain.f()\n\t/a.go:1 +0x1\n"), "x")
