"""Go tracebacks (debug=2, runtime.Stack, panics, signals) to records, piece by piece: the fast path.

The text comes in pieces that stay in the processor's cache. One `re.split` takes the arguments out of a piece; what is
left of a goroutine is its header and a body that all goroutines on the same stack share to the byte, so that a body is
read once and found in a dictionary ever after. State, attributes, labels and body are looked up apart: their product
would explode. Where nearly all bodies are new, they are taken apart without being looked up or remembered as a whole
(`plain_body`). A block that is not exactly one well-formed goroutine goes to `scanner`, which reads line by line and
reports what it passes over.
"""

import re
from collections.abc import Iterable, Sequence
from typing import Any

from gostack_nb.formats.body import read_body
from gostack_nb.formats.chunks import LONGEST_BLOCK, MARK, SEPARATOR, Chunk, RawBlocks, chunks_of, may_be_stack
from gostack_nb.formats.frames import UNKNOWN_INDEX
from gostack_nb.formats.grammar import ADDRESSES, ARGUMENTS, HEADER, HEADER_BEGUN
from gostack_nb.formats.header import parse_attributes, parse_word
from gostack_nb.formats.labels import parse_header_labels
from gostack_nb.formats.plain_body import LENGTHS, LONGEST_LINE, PlainBodies, are_numbers, columns_of
from gostack_nb.formats.records import NO_LINE, Records
from gostack_nb.formats.scanner import CUT_BODY, CUT_HEADER, Region, scan_region

PIECE_BYTES = 1 << 18
"""What is best read at once: pieces of 4 MiB measured 40 % slower, they leave the second-level cache."""

_CREATOR = b" in goroutine "
_NO_CREATOR = b"0"  # nobody's parent: a 0 is not printed. runtime/traceback.go printcreatedby1
_MISSING = [b""] * 4
_MOSTLY_NEW = 0.9  # so many of a piece's bodies are new: then those of the next pieces are not looked up as a whole
_BY_PARTS = 16  # so many pieces
_LONGEST_ID = 18
_LEVEL2_BYTES = 4096

_Row = tuple[bytes, int, int, int, bytes, int]
"""Of one goroutine: its id as printed, the codes of word, attributes and labels, its creator's id, its stack's code."""

_ROW_WIDTH, _APART_WIDTH = 6, 13
"""Apart: a row without the code of its stack, then the parts of the stack and what follows the line numbers."""

_Bodies = dict[bytes | int, tuple[bytes, int]]
"""Bodies with the codes of their stacks: all by their text, the first of each length by that."""

_Columns = Sequence[Sequence[Any]]
"""The rows of some blocks, as columns."""

_Found = tuple[_Columns, list[int]]
"""The columns of the blocks that are plain, and the places of the others."""


def read_tracebacks(pieces: Iterable[bytes], *, offset: int = 0, ends_text: bool = True) -> Records:
    """Read the goroutines of a text.

    Parameters
    ----------
    pieces : iterable of bytes
        The text, cut anywhere, best every `PIECE_BYTES`: as Go prints it, with LF line ends; lines of other origin may
        stand between.
    offset : int
        Where the pieces begin in the text.
    ends_text : bool
        Whether the text ends with them. If not, they must end before a blank line and a header.

    Returns
    -------
    Records
        The goroutines of all dumps in the text, and what was found between them.
    """
    return TracebackReader().read(pieces, offset=offset, ends_text=ends_text)


class _Attributes(dict[bytes, int]):
    """Numbers for what stands in a header behind the word; the labels of go1.26 are another thing: a KeyError."""

    def __init__(self, records: Records) -> None:
        self._numbers = records.attributes

    def __missing__(self, printed: bytes) -> int:
        if b"{" in printed or b"\n" in printed:
            raise KeyError(printed)
        number = self[printed] = self._numbers[parse_attributes(printed)]
        return number


class TracebackReader:
    """Reads text after text; remembers every part of a goroutine's text that it has seen, and its number."""

    def __init__(self) -> None:
        self.records = Records()
        self._words: dict[bytes, int] = {}
        self._attributes = _Attributes(self.records)
        self._labels: dict[bytes, int] = {b":": UNKNOWN_INDEX}  # by all that follows the brackets
        self._bodies: dict[bytes | None, _Bodies] = {}  # by the creator's location, then by the rest
        self._plain_bodies = PlainBodies(self.records)
        self._by_parts = 0  # so many of the next pieces
        self._odd_bodies: dict[bytes, tuple[int, bytes]] = {}

    def read(self, pieces: Iterable[bytes], *, offset: int = 0, ends_text: bool = True) -> Records:
        """Read as `read_tracebacks` does; the numbers of what earlier texts held too are the same."""
        for chunk in chunks_of(pieces):
            self._read(Chunk(chunk.text, chunk.offset + offset, chunk.is_last and ends_text))
        records, self.records = self.records, self.records.begun_anew()
        return records

    def _read(self, chunk: Chunk) -> None:
        """Read one chunk: well-formed goroutines by dictionary, everything else in the scanner."""
        blocks = b"(\n".join(ARGUMENTS.split(self._without_addresses(chunk.text))).split(SEPARATOR)
        raw = RawBlocks(chunk)
        if blocks[0].startswith(MARK):
            blocks[0] = blocks[0][len(MARK) :]
        else:
            self._scan(raw.region(0))
            blocks[0] = b""
        unfinished = b""
        if chunk.is_last:
            last = blocks.pop()
            if chunk.text.endswith(b"\n"):
                blocks.append(last.removesuffix(b"\n"))
            else:
                unfinished = last
        self._read_blocks(blocks, raw)
        if unfinished:
            self._scan(raw.region(len(blocks)))
        self._note_end(chunk)

    def _without_addresses(self, text: bytes) -> bytes:
        """Take out what level 2 adds: it stands in the first goroutine if it stands in any, but for text before it."""
        looked_at = text[:_LEVEL2_BYTES] if text.startswith(MARK) else text
        if b"p=0x" not in looked_at:
            return text
        plain, found = ADDRESSES.subn(b"", text)
        if plain.count(SEPARATOR) != text.count(SEPARATOR):  # broken lines: the blocks would not be those of the text
            return text
        self.records.level2 = self.records.level2 or found > 0
        return plain

    def _read_blocks(self, blocks: list[bytes], raw: RawBlocks) -> None:
        """Append the goroutine of each block; what is none, or is mixed with other text, goes to the scanner."""
        if self._by_parts and max(map(len, blocks), default=0) <= LONGEST_BLOCK:
            columns, odd = self._columns_by_parts(blocks)
            self._by_parts -= 1
            if not (self._by_parts or odd) and self._remember_all(blocks, columns[-1]) > _MOSTLY_NEW * len(blocks):
                self._by_parts = _BY_PARTS
        else:
            stacks = len(self.records.stacks)
            columns, odd = self._columns_by_body(blocks)
            self._by_parts = _BY_PARTS if len(self.records.stacks) - stacks > _MOSTLY_NEW * len(blocks) else 0
        if odd or not self._extend(columns):
            self._append_with_odd(columns, odd, blocks, raw)

    def _append_with_odd(self, columns: _Columns, odd: list[int], blocks: list[bytes], raw: RawBlocks) -> None:
        """Append goroutines that blocks stand between which are none, or are not plain."""
        rows: list[_Row | None] = list(zip(*columns, strict=True))
        for index in odd:
            rows.insert(index, None)
        first = 0  # the rows are not yet appended from here on
        for index in odd:
            rows[index] = self._learn_odd(blocks[index])
            if rows[index] is None:
                self._append(rows[first:index], raw, first)
                if blocks[index]:
                    self._scan(raw.region(index))
                first = index + 1
        self._append(rows[first:] if first else rows, raw, first)

    def _columns_by_body(self, blocks: list[bytes]) -> _Found:
        """Look up the parts of each block, its body as a whole.

        The loop is long because it is hot: a call costs a tenth of its body.
        """
        words, attributes, label_sets, bodies = self._words, self._attributes, self._labels, self._bodies
        found: list[Any] = []
        odd: list[int] = []
        add = found.extend  # not `append`: a tuple that is kept costs more than its six entries
        behind: bytes | None
        for index, block in enumerate(blocks):
            head, _, body = block.partition(b"\n")
            ident, _, status = head.partition(b" [")
            status, _, labels = status.partition(b"]")
            word, _, extra = status.partition(b", ")
            before, marker, creator = body.rpartition(_CREATOR)
            if marker:
                creator, _, behind = creator.partition(b"\n")
            else:
                before, creator, behind = body, _NO_CREATOR, None
            try:
                own = bodies[behind]
                known, stack = own[len(before)]
                if known != before:  # to compare takes a third of the time that a hash does
                    stack = own[before][1]
                add((ident, words[word], attributes[extra], label_sets[labels], creator, stack))
            except KeyError:
                row = self._learn(word, extra, labels, before, behind) if may_be_stack(block) else None
                if row is None:
                    odd.append(index)
                else:
                    add((ident, *row[:3], creator, row[3]))
        return columns_of(found, _ROW_WIDTH), odd

    def _columns_by_parts(self, blocks: list[bytes]) -> _Found:
        """Look up the parts of each block, and those of its body.

        Where most bodies are new this is hot too: the first lines of `_columns_by_body` again, for the same reason.
        """
        words, attributes, label_sets, plain = self._words, self._attributes, self._labels, self._plain_bodies
        functions, files, called, created = plain.functions, plain.files, plain.called, plain.created
        likely = created.likely
        found: list[Any] = []
        odd: list[int] = []
        add = found.extend
        for index, block in enumerate(blocks):
            try:
                head, call, location, rest = block.split(b"\n", 3)
            except ValueError:
                head, call, location, rest = (block.split(b"\n") + _MISSING)[:4]
            ident, _, status = head.partition(b" [")
            status, _, labels = status.partition(b"]")
            word, _, extra = status.partition(b", ")
            file, _, line = location.rpartition(b":")
            line, _, offset = line.partition(b" ")
            before, marker, creator = rest.rpartition(_CREATOR)
            try:
                if marker:
                    creator, _, behind = creator.partition(b"\n")
                    file2, _, line2 = behind.rpartition(b":")
                    line2, _, offset2 = line2.partition(b" ")
                    known, below = likely[len(before) % LENGTHS]
                    below, code2 = below if known == before else created[before], files[file2]
                else:
                    below, code2, line2, offset2, creator = called[rest], UNKNOWN_INDEX, NO_LINE, b"", _NO_CREATOR
                leaf, file1 = functions[call], files[file]
            except KeyError:
                odd.append(index)
                continue
            try:
                state, others, label_set = words[word], attributes[extra], label_sets[labels]
            except KeyError:
                return self._columns_by_body(blocks)
            add((ident, state, others, label_set, creator, leaf, file1, line, below, code2, line2, offset, offset2))
        columns = self._columns_of_parts(found)
        return self._columns_by_body(blocks) if columns is None else (columns, odd)

    def _columns_of_parts(self, found: list[Any]) -> _Columns | None:
        """Append the stacks of goroutines that were taken apart; None if a line is not plain after all."""
        *head, function, file, line, below, file2, line2, offset, offset2 = columns_of(found, _APART_WIDTH)
        plain = are_numbers(line, LONGEST_LINE) and are_numbers(line2, LONGEST_LINE)
        if not (plain and self._plain_bodies.are_offsets(offset) and self._plain_bodies.are_offsets(offset2)):
            return None
        return [*head, self.records.stacks.extend(function, file, line, below, file2, line2)]

    def _append(self, rows: Sequence[_Row | None], raw: RawBlocks, first: int) -> None:
        """Append the rows of neighbouring blocks; the ids must still be looked at."""
        if not rows:
            return
        if self._extend(list(zip(*rows, strict=True))):
            return
        if len(rows) == 1:
            self._scan(raw.region(first))
        else:
            for index, row in enumerate(rows):
                self._append([row], raw, first + index)

    def _extend(self, columns: _Columns) -> bool:
        """Append goroutines, unless the id of one is none."""
        goroutine_ids, words, attributes, labels, creator_ids, stacks = columns
        plain = are_numbers(goroutine_ids, _LONGEST_ID) and are_numbers(creator_ids, _LONGEST_ID)
        if plain:
            self.records.rows.extend(goroutine_ids, words, attributes, labels, stacks, creator_ids)
        return plain

    def _scan(self, region: Region) -> None:
        self.records.keep_odd(region.text)
        scan_region(self.records, region)

    def _learn(
        self, word: bytes, extra: bytes, labels: bytes, before: bytes, behind: bytes | None
    ) -> tuple[int, int, int, int] | None:
        """Return the codes of a header's parts and a body; None if the block must be looked at as a whole."""
        try:
            stack = self._stack(before, behind)
            return self._words[word], self._attributes[extra], self._labels[labels], stack
        except KeyError:
            return None

    def _stack(self, before: bytes, behind: bytes | None) -> int:
        """Return the code of a plain body; it is read when it is met first."""
        known = self._bodies.setdefault(behind, {}).get(before)
        if known is not None:
            return known[1]
        code = self.records.stacks.append(self._plain_bodies.parts(before, behind))
        self._remember(before, behind, code)
        return code

    def _remember_all(self, blocks: Sequence[bytes], stacks: Sequence[int]) -> int:
        """Remember the bodies of goroutines that were taken apart; return how many were not known."""
        new = 0
        for block, stack in zip(blocks, stacks, strict=True):
            before, _, behind = _split_creator(block.partition(b"\n")[2])
            if before not in self._bodies.setdefault(behind, {}):
                self._remember(before, behind, stack)
                new += 1
        return new

    def _remember(self, before: bytes, behind: bytes | None, stack: int) -> None:
        """Find this body again, as long as this reader is used."""
        own = self._bodies.setdefault(behind, {})
        own[before] = body = before, stack
        own.setdefault(len(before), body)

    def _learn_odd(self, block: bytes) -> _Row | None:
        """Read a block with new words or labels, those of go1.26 in its brackets, ancestors, C or elided frames.

        Returns None if it is not one goroutine and nothing else.
        """
        if not may_be_stack(block):
            return None
        header, _, body = block.partition(b"\n")
        found = HEADER.match(MARK + header)
        labels = None if found is None else self._learn_labels(found)
        if found is None or labels is None:
            return None
        stack = self._plain_stack(body) or self._learn_odd_body(body)
        if stack is None:
            return None
        word, _, extra = found["bracket"].partition(b", ")
        if word not in self._words:
            self._words[word] = self.records.words[parse_word(word)]
        code, creator = stack
        return found["id"], self._words[word], self._attributes[extra], labels, creator, code

    def _learn_labels(self, header: re.Match[bytes]) -> int | None:
        printed = header["labels26"] or header["labels27"]
        key = b" %b:" % printed if printed else b":"
        known = self._labels.get(key)
        if known is None:
            labels = parse_header_labels(printed)
            if labels is None:
                return None
            known = self._labels[key] = self.records.label_sets[labels]
        return known

    def _plain_stack(self, body: bytes) -> tuple[int, bytes] | None:
        """Return the code of a body's stack and its creator's id; None if the body is not plain."""
        before, creator, behind = _split_creator(body)
        try:
            return self._stack(before, behind), creator
        except KeyError:
            return None

    def _learn_odd_body(self, text: bytes) -> tuple[int, bytes] | None:
        """Read a body line by line; None if a line of it is not understood.

        It is kept under its parts if nothing but the creator's id tells it from its equals, else as a whole.
        """
        if text in self._odd_bodies:
            return self._odd_bodies[text]
        body = read_body(text.split(b"\n"))
        if not body.clean:
            return None
        code, parent = self.records.stack_code(body.stack()), b"%d" % max(body.creator_id, 0)
        before, creator, behind = _split_creator(text)
        if creator == parent and _CREATOR not in before:
            self._remember(before, behind, code)
        else:
            self._odd_bodies[text] = code, parent
        return code, parent

    def _note_end(self, chunk: Chunk) -> None:
        """Notice where the text ends, and whether that is behind a header."""
        records = self.records
        records.size = chunk.offset + len(chunk.text)
        records.ends_with_line = chunk.text.endswith(b"\n")
        at = chunk.text.rfind(b"\n", 0, len(chunk.text) - 1) + 1
        last = chunk.text[at:].rstrip(b"\n")
        if not chunk.is_last or records.cut:
            return
        if HEADER.match(last):
            records.cut = True
            records.find(CUT_BODY, chunk.offset + at, last)
        elif last.startswith(MARK[:-1]) and HEADER_BEGUN.match(last) and not records.ends_with_line:
            records.cut = True
            records.find(CUT_HEADER, chunk.offset + at, last)


def _split_creator(body: bytes) -> tuple[bytes, bytes, bytes | None]:
    r"""Take the creator's id out of a body: what stands before it, the id, the creator's location or None.

    >>> _split_creator(b"main.f(\n\t/a.go:1\ncreated by main.main in goroutine 7\n\t/a.go:9 +0x1")
    (b'main.f(\n\t/a.go:1\ncreated by main.main', b'7', b'\t/a.go:9 +0x1')
    """
    before, marker, creator = body.rpartition(_CREATOR)
    if not marker:
        return body, _NO_CREATOR, None
    creator, _, behind = creator.partition(b"\n")
    return before, creator, behind
