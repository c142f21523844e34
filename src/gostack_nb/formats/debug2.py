"""Go tracebacks (debug=2, runtime.Stack, panics, signals) to columns: the fast path.

The text is taken in chunks that stay in the processor's cache. One `re.sub` takes the arguments out of a chunk; what is
left of a goroutine is its header and a body that all goroutines on the same stack share to the byte, so that a body is
read once and found in a dictionary ever after. State, labels and body are looked up apart: their product would explode.
A block that is not exactly one well-formed goroutine goes to `scanner`, which reads line by line and reports what it
passes over.
"""

from gostack_nb.formats.body import read_body
from gostack_nb.formats.columns import UNKNOWN_NUMBER, Columns, Stack
from gostack_nb.formats.dumps import split_dumps
from gostack_nb.formats.grammar import ADDRESSES, ARGUMENTS, HEADER
from gostack_nb.formats.labels import parse_header_labels
from gostack_nb.formats.records import Records
from gostack_nb.formats.scanner import CUT_BODY, Region, scan_region

CHUNK_BYTES = 1 << 18
"""Chunks of 4 MiB measured 40 % slower: they leave the second-level cache."""

_MARK = b"goroutine "
_SEPARATOR = b"\n\ngoroutine "
_LONGEST_ID = 18


def parse_debug2(text: bytes) -> list[Columns]:
    """Read every dump in a text of Go tracebacks, in the order of the text.

    Parameters
    ----------
    text : bytes
        Plain text as Go prints it, with LF line ends; lines of other origin may stand between.

    Returns
    -------
    list of Columns
        One per dump: a text may hold several, one after the other. Empty if the text holds neither a goroutine
        nor the first line of a crash.
    """
    records = Records()
    start = 0
    while start < len(text):
        end = _chunk_end(text, start)
        _read_chunk(records, text, start, end)
        start = end
    _note_missing_stack(records, text)
    return split_dumps(records, text)


def _note_missing_stack(records: Records, text: bytes) -> None:
    """Notice a text that ends behind a header."""
    if records.stack and records.stacks[records.stack[-1]] == Stack(()) and text.endswith((b"]:", b"]:\n", b"}:\n")):
        records.cut = True
        at = text.rfind(_MARK)
        records.find(CUT_BODY, at, text[at:])


def _chunk_end(text: bytes, start: int) -> int:
    """Find the end of a chunk: behind a blank line before a header, or the end of the text."""
    wanted = start + CHUNK_BYTES
    if wanted >= len(text):
        return len(text)
    cut = text.rfind(_SEPARATOR, start + 1, wanted)
    if cut < 0:
        cut = text.find(_SEPARATOR, wanted - len(_SEPARATOR))
    return len(text) if cut < 0 else cut + 2


class _RawBlocks:
    """The blocks of a chunk as printed, with their arguments; made only if one of them is odd."""

    __slots__ = ("_blocks", "_chunk", "_offsets", "_start", "_text_end")

    def __init__(self, chunk: bytes, start: int, text_end: int) -> None:
        self._chunk, self._start, self._text_end = chunk, start, text_end
        self._blocks: list[bytes] = []
        self._offsets: list[int] = []

    def region(self, index: int) -> Region:
        """Return the block with its header's first word, and where it begins in the text."""
        if not self._blocks:
            self._split()
        block, offset = self._blocks[index], self._offsets[index]
        if index:
            block, offset = _MARK + block, offset - len(_MARK)
        return Region(block, offset, is_last=offset + len(block) >= self._text_end)

    def _split(self) -> None:
        self._blocks = self._chunk.split(_SEPARATOR)
        offset = self._start
        for block in self._blocks:
            self._offsets.append(offset)
            offset += len(block) + len(_SEPARATOR)


def _read_chunk(records: Records, text: bytes, start: int, end: int) -> None:
    """Read one chunk: well-formed goroutines by dictionary, everything else in the scanner."""
    chunk = text[start:end]
    plain = chunk
    if b"p=0x" in chunk:
        plain, found = ADDRESSES.subn(b"", chunk)
        records.level2 = records.level2 or found > 0
    blocks = ARGUMENTS.sub(b"(\n", plain).split(_SEPARATOR)
    raw = _RawBlocks(chunk, start, len(text))
    if blocks[0].startswith(_MARK):
        blocks[0] = blocks[0][len(_MARK) :]
    else:
        scan_region(records, raw.region(0))
        blocks[0] = b""
    unfinished = end == len(text) and blocks.pop() if not chunk.endswith(b"\n") else b""
    _read_blocks(records, blocks, raw)
    if unfinished:
        scan_region(records, raw.region(len(blocks)))


def _read_blocks(records: Records, blocks: list[bytes], raw: _RawBlocks) -> None:
    """Append the goroutine of each block. The loop is long because it is hot: a call costs a tenth of its body."""
    statuses, label_sets, bodies = records.status_codes, records.label_codes, records.body_codes
    add_id, add_status, add_labels = records.goroutine_id.append, records.status.append, records.labels.append
    add_stack, add_creator = records.stack.append, records.creator_id.append
    for index, block in enumerate(blocks):
        ident, _, rest = block.partition(b" [")
        bracket, _, rest = rest.partition(b"]")
        printed, colon, body = rest.partition(b":\n")
        before, marker, creator = body.rpartition(b" in goroutine ")
        key: bytes | tuple[bytes, bytes] = body
        if marker:
            creator, _, behind = creator.partition(b"\n")
            if creator.isdigit() and len(creator) <= _LONGEST_ID:
                key = before, behind
            else:
                marker = b""
        status, labels, stack = statuses.get(bracket), label_sets.get(printed), bodies.get(key)
        if status is None or labels is None or stack is None or not ident.isdigit() or len(ident) > _LONGEST_ID:
            if not block:
                continue
            if not colon or not ident.isdigit() or not _learn(records, block, bracket, printed, key):
                scan_region(records, raw.region(index))
                continue
            status, labels, stack = statuses[bracket], label_sets[printed], bodies[key]
        add_id(int(ident))
        add_status(status)
        add_labels(labels)
        add_stack(stack)
        add_creator(int(creator) if marker else UNKNOWN_NUMBER)


def _learn(records: Records, block: bytes, bracket: bytes, printed: bytes, key: bytes | tuple[bytes, bytes]) -> bool:
    """Put the parts of a block that are new into the dictionaries; False if the block is not plainly one goroutine."""
    header, _, body = block.partition(b"\n")
    if HEADER.match(_MARK + header) is None or b" labels:" in bracket:
        return False
    if bracket not in records.status_codes:
        records.learn_status(bracket)
    if printed not in records.label_codes and not _learn_labels(records, printed):
        return False
    return key in records.body_codes or _learn_body(records, body, key)


def _learn_labels(records: Records, printed: bytes) -> bool:
    labels = parse_header_labels(printed.strip())
    if labels is None:
        return False
    records.learn_labels(printed, labels)
    return True


def _learn_body(records: Records, text: bytes, key: bytes | tuple[bytes, bytes]) -> bool:
    """Read a body that was not seen before, and keep it if nothing but the creator's id tells it from its equals."""
    body = read_body(text.split(b"\n"))
    named = isinstance(key, tuple)
    if not body.clean or (body.creator_id == UNKNOWN_NUMBER) is named or (named and body.creator is None):
        return False
    records.body_codes[key] = records.stack_code(body.stack())
    return True
