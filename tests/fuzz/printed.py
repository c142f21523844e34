"""The bytes choose a dump that Go could print: the parser and the one that is only obvious agree on it."""

from hypothesis import HealthCheck, given, settings

from gostack_nb.formats.debug2 import parse_debug2
from tests.property.printed_dumps import dumps_among_junk
from tests.property.reference_debug2 import first_occurrences, read_dump
from tests.property.side_by_side import rows_of_columns, rows_of_reference


@settings(database=None, deadline=None, suppress_health_check=list(HealthCheck))
@given(dumps_among_junk())
def _agree(text: str) -> None:
    data = text.encode()
    rows = [row for dump in parse_debug2(data) for row in rows_of_columns(dump)]
    assert rows == rows_of_reference(first_occurrences(read_dump(data)))


def both_parsers_agree(data: bytes) -> None:
    """Let the bytes make the choices of the strategy."""
    _agree.hypothesis.fuzz_one_input(data)
