"""The file form of whisper.cpp's models, checked to the last byte without any engine.

Engines crash on wrong files, and load one that is cut in the middle without a word: so nothing
reaches them that did not pass here. Little endian throughout: magic, 11 numbers, mel filters,
vocabulary, then tensors to the end, each with its shape, encoding and name before its data.
Data is passed over, not read: a file of 3 GB takes as long as one of 3 MB.
"""

from __future__ import annotations

import math
import struct
from array import array
from dataclasses import dataclass
from typing import BinaryIO

from .tensors import CODINGS, Coding, Plan, tensor_plan

MAGIC = struct.pack("<I", 0x67676D6C)
_BINS = 201
_MAX_TOKEN = 1024
_MAX_NAME = 128
_QUANTISATIONS = 2
"""The newest version of the quantised encodings (the file's `ftype` holds it times 1000)."""
_HEADS = (32, 64, 128)
"""Numbers per head; 64 in OpenAI's models. No tensor's shape tells it: a flipped bit would pass."""
_VOCABULARIES = {51864: 1, 51865: 99, 51866: 100}
"""Rows of the token table: English only, the multilingual layout, and that of large-v3."""


class WrongFile(Exception):
    """What is wrong, as a reason that ends a sentence; `kind` says what the file is instead."""

    def __init__(self, why: str, kind: str = "broken") -> None:
        super().__init__(why)
        self.why = why
        self.kind = kind


@dataclass(frozen=True, slots=True)
class Header:
    """The 11 numbers, in the file's order."""

    vocabulary: int
    audio_positions: int
    audio_width: int
    audio_heads: int
    audio_layers: int
    text_positions: int
    text_width: int
    text_heads: int
    text_layers: int
    mel_bands: int
    form: int

    @property
    def coding(self) -> Coding | None:
        """How the matrices are encoded; None for what Earmark does not know."""
        return next((one for one in CODINGS.values() if one.form == self.form % 1000), None)

    @property
    def languages(self) -> int:
        """How many languages it knows; one is English."""
        return _VOCABULARIES[self.vocabulary]


class _Reader:
    """Reads exactly what is asked for, and says where the file ended too early."""

    def __init__(self, file: BinaryIO, size: int) -> None:
        self._file = file
        self._size = size
        self.at = 0

    @property
    def left(self) -> int:
        return self._size - self.at

    def take(self, count: int, part: str) -> bytes:
        if count > self.left:
            raise _cut(part)
        data = self._file.read(count)
        if len(data) != count:
            raise _cut(part)
        self.at += count
        return data

    def numbers(self, count: int, part: str) -> tuple[int, ...]:
        return struct.unpack(f"<{count}i", self.take(4 * count, part))

    def skip(self, count: int, part: str) -> None:
        if count > self.left:
            raise _cut(part)
        self.at += count
        self._file.seek(self.at)


def _cut(part: str) -> WrongFile:
    return WrongFile(part, "cut")


def read_model(file: BinaryIO, size: int) -> Header:
    """Goes through the whole file of `size` bytes. Raises WrongFile; the header if all is well."""
    reader = _Reader(file, size)
    _magic(reader.take(min(4, size), "magic"))
    header = _header(reader)
    _filters(reader, header)
    _vocabulary(reader, header)
    _tensors(reader, header)
    return header


def _magic(data: bytes) -> None:
    if data == MAGIC:
        return
    if data == b"GGUF":
        raise WrongFile("gguf", "gguf")
    if data[:1] == b"<" or data == b"vers":  # a page, or a pointer that stands for a large file
        raise WrongFile("page", "page")
    if len(data) < 4 and MAGIC.startswith(data):
        raise _cut("magic")
    raise WrongFile("magic", "foreign")


def _header(reader: _Reader) -> Header:
    start = reader.take(min(44, reader.left), "header")
    if b"silero" in start[:32]:
        raise WrongFile("silero", "silero")
    if len(start) < 44:
        raise _cut("header")
    header = Header(*struct.unpack("<11i", start))
    sane = (
        header.vocabulary in _VOCABULARIES
        and header.audio_positions == 1500
        and 32 <= header.audio_width <= 4096
        and header.audio_width % 32 == 0
        and header.text_width == header.audio_width
        and header.text_heads == header.audio_heads
        and header.audio_width in [header.audio_heads * size for size in _HEADS]
        and 1 <= header.audio_layers <= 64
        and 1 <= header.text_layers <= 64
        and 16 <= header.text_positions <= 4096
        and header.mel_bands in (80, 128)
        and 0 <= header.form < 1000 * (_QUANTISATIONS + 1)
    )
    if not sane:
        raise WrongFile("header")
    if header.form % 1000 == 0:
        raise WrongFile("f32", "f32")
    if header.coding is None:
        raise WrongFile(str(header.form), "coding")
    return header


def _filters(reader: _Reader, header: Header) -> None:
    if reader.numbers(2, "filters") != (header.mel_bands, _BINS):
        raise WrongFile("filters")
    values = array("f", reader.take(4 * header.mel_bands * _BINS, "filters"))
    if struct.pack("=i", 1) != struct.pack("<i", 1):
        values.byteswap()
    # the sum tells of any that is no number, as the least and the greatest do not
    if not math.isfinite(sum(values)) or min(values) < 0 or not 0 < max(values) < 1e3:
        raise WrongFile("filters")


def _vocabulary(reader: _Reader, header: Header) -> None:
    (count,) = reader.numbers(1, "vocabulary")
    if not 1 <= count <= header.vocabulary:
        raise WrongFile("vocabulary")
    blank = False
    for _token in range(count):
        (length,) = reader.numbers(1, "vocabulary")
        if not 0 <= length <= _MAX_TOKEN:
            raise WrongFile("vocabulary")
        blank |= reader.take(length, "vocabulary") == b" "
    if not blank:  # the engine looks it up without asking whether it is there
        raise WrongFile("vocabulary")


def _tensors(reader: _Reader, header: Header) -> None:
    plan = tensor_plan(header)
    seen: set[str] = set()
    while reader.left:
        name = _tensor(reader, plan)
        if name in seen:
            raise WrongFile("tensors")
        seen.add(name)
    if len(seen) != len(plan):
        raise _cut("tensors")


def _tensor(reader: _Reader, plan: Plan) -> str:
    """One tensor passed over; its name."""
    dimensions, length, kind = reader.numbers(3, "tensors")
    if not 1 <= dimensions <= 4 or not 1 <= length <= _MAX_NAME:
        raise WrongFile("tensors")
    shape = reader.numbers(dimensions, "tensors")
    name = reader.take(length, "tensors").decode("ascii", "replace")
    expected = plan.get(name)
    coding = CODINGS.get(kind)
    if expected is None or coding is None or expected != (shape, coding):
        raise WrongFile("tensors")
    reader.skip(coding.bytes_of(math.prod(shape)), "tensors")
    return name
