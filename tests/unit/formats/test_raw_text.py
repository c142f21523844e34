import pytest

from gostack_nb.formats.raw_text import LONGEST_BYTES, goroutine_blocks

TWO = (
    b"goroutine 7 [select]:\nmain.f()\n\t/a.go:1\n\n"
    b"goroutine 77 [select]:\nmain.g()\n"
    b"goroutine 8 [running]:\nmain.h()\n"
)


@pytest.mark.parametrize(
    ("number", "blocks"),
    [
        (7, [b"goroutine 7 [select]:\nmain.f()\n\t/a.go:1"]),
        (77, [b"goroutine 77 [select]:\nmain.g()"]),
        (8, [b"goroutine 8 [running]:\nmain.h()\n"]),
        (1, []),
    ],
)
def test_blocks(number: int, blocks: list[bytes]) -> None:
    assert goroutine_blocks(TWO, number) == blocks


def test_a_header_of_a_crash_and_an_id_printed_twice() -> None:
    text = b"goroutine 1 gp=0xc000002380 m=0 mp=0x1 [running]:\nmain.f()\n\n"
    assert goroutine_blocks(text * 2, 1) == [text.strip()] * 2


def test_a_block_has_an_end() -> None:
    [block] = goroutine_blocks(b"goroutine 1 [running]:\n" + b"x" * (2 * LONGEST_BYTES), 1)
    assert len(block) < LONGEST_BYTES + 100
