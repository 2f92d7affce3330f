"""Where the sound lies in a WAV, RF64, W64, AIFF, CAF or AU file, and where it truly ends.

A declared length is the end only where the file ends there too, or goes on with more chunks:
recorders that were killed leave an old length or none, and files get joined.
"""

from __future__ import annotations

import os
import struct
from collections.abc import Iterator
from pathlib import Path
from typing import BinaryIO, NamedTuple

_MAX_CHUNKS = 10_000
_MAX_FILES = 10_000
_PCM, _EXTENSIBLE = 1, 0xFFFE
_PLACEHOLDERS = (0x7F000000, 0x7FFFFFFF, 0xFFFFFFFF)
"""About what a writer puts for a length it does not know, to a pipe for example."""
_ABOUT = 0x10000
_RIFF_MAGIC, _W64_MAGIC = b"RIFF", b"riff\x2e\x91\xcf\x11\xa5\xd6\x28\xdb\x04\xc1\x00\x00"
_W64_TAIL = b"\xf3\xac\xd3\x11\x8c\xd1\x00\xc0\x4f\x8e\xdb\x8a"
_PIECE = 1 << 20


class Span(NamedTuple):
    """Bytes `[start, end)` of a file."""

    start: int
    end: int


class Sound(NamedTuple):
    """The sound of a WAV file: where it begins, how many bytes are there and how many should be.

    `declared` is None where the writer never came to write it; where it is less than `size` it is
    old. `pcm16`: little-endian 16-bit PCM.
    """

    offset: int
    size: int
    declared: int | None
    rate: int
    channels: int
    pcm16: bool


class ChunkedSound(NamedTuple):
    """The sound of a file (or of one of several joined) that begins at `begin`.

    `field` is the place of the number that declares its length, of the form `number`; `extra` is
    what that number counts besides the sound. `last`: nothing but other chunks follows.
    """

    begin: int
    offset: int
    size: int
    declared: int | None
    last: bool
    field: int
    number: str
    extra: int
    form: bytes
    magic: bytes

    def pieces(self) -> tuple[Span | bytes, ...]:
        """The file from its beginning to the end of its sound, with the true length."""
        field, size = self.field, self._corrected()
        end = self.offset + self.size
        begin: tuple[Span | bytes, ...] = (Span(self.begin, field),)
        if self.magic == b"FORM":  # FFmpeg counts the whole of an AIFF down by its first length
            whole = struct.pack(">I", min(end - self.begin - 8, 0xFFFFFFFF))
            begin = (Span(self.begin, self.begin + 4), whole, Span(self.begin + 8, field))
        return (*begin, size, Span(field + len(size), end))

    def _corrected(self) -> bytes:
        """The field's bytes with the true length; its largest number where it does not fit.

        Even, as a padding byte is looked for after an odd one.
        """
        width = struct.calcsize(self.number)
        value = min((self.size + self.extra) & ~1, (1 << 8 * width - self.number[1].islower()) - 1)
        return struct.pack(self.number, value)


class _Chunk(NamedTuple):
    name: bytes
    start: int
    size: int
    field: int


class _Form(NamedTuple):
    """How a container writes its chunks. `whole`: sizes count the chunk's own header too."""

    magic: bytes
    kind_at: int
    kinds: tuple[bytes, ...]
    first: int
    name: int
    number: str
    align: int
    sound: bytes
    whole: bool = False
    skip: int = 0
    """Bytes of the sound chunk before the sound."""


_FORMS = (
    _Form(b"RIFF", 8, (b"WAVE",), 12, 4, "<I", 2, b"data"),
    _Form(b"RF64", 8, (b"WAVE",), 12, 4, "<I", 2, b"data"),
    _Form(b"BW64", 8, (b"WAVE",), 12, 4, "<I", 2, b"data"),
    _Form(b"FORM", 8, (b"AIFF", b"AIFC"), 12, 4, ">I", 2, b"SSND", skip=8),
    _Form(b"caff", 4, (b"\0\1",), 8, 4, ">q", 1, b"data", skip=4),
    _Form(_W64_MAGIC, 24, (b"wave" + _W64_TAIL,), 40, 16, "<Q", 8, b"data" + _W64_TAIL, whole=True),
)


def wav_sound(path: Path) -> Sound | None:
    """The sound of a RIFF/WAVE file; None for anything else, RF64 included."""
    with path.open("rb") as file:
        length = os.fstat(file.fileno()).st_size
        form = _form_of(file, 0)
        if form is None or form.magic != _RIFF_MAGIC:
            return None
        found = _sound_at(file, 0, length, form)
        if found is None or not found.form:
            return None
        rate, channels, pcm16 = _wave_form(found.form)
        if not rate or not channels:
            return None
        return Sound(found.offset, found.size, found.declared, rate, channels, pcm16)


def chunked_sounds(path: Path) -> list[ChunkedSound]:
    """The sound of each file in a file of such a container; none of any other."""
    found: list[ChunkedSound] = []
    with path.open("rb") as file:
        length = os.fstat(file.fileno()).st_size
        begin = 0
        while len(found) < _MAX_FILES and begin < length:
            form = _form_of(file, begin)
            sound = _au(file, begin, length) if form is None else None
            if form is not None:
                sound = _sound_at(file, begin, length, form)
            if sound is None:
                break
            found.append(sound)
            if sound.last:
                break
            begin = _joined_at(file, sound, length, form)
    return found


def _form_of(file: BinaryIO, at: int) -> _Form | None:
    file.seek(at)
    head = file.read(40)
    for form in _FORMS:
        kind = head[form.kind_at : form.kind_at + len(form.kinds[0])]
        if head.startswith(form.magic) and kind in form.kinds:
            return form
    return None


def _sound_at(file: BinaryIO, begin: int, length: int, form: _Form) -> ChunkedSound | None:
    wave = b""
    wide: _Chunk | None = None
    for chunk in _chunks(file, begin + form.first, length, form):
        if chunk.name[:4] == b"fmt ":
            file.seek(chunk.start)
            wave = file.read(min(max(chunk.size, 0), 40))
        elif chunk.name == b"ds64" and form.magic in (b"RF64", b"BW64"):
            wide = chunk
        elif chunk.name == form.sound:
            return _sound_of(file, begin, length, form, chunk, wide, wave)
    return None


def _sound_of(
    file: BinaryIO,
    begin: int,
    length: int,
    form: _Form,
    chunk: _Chunk,
    wide: _Chunk | None,
    wave: bytes,
) -> ChunkedSound:
    field, number, extra = chunk.field, form.number, form.skip
    told = chunk.size
    if form.whole:
        extra += form.name + struct.calcsize(number)
    if wide is not None and length - wide.start >= 16:
        field, number = wide.start + 8, "<Q"
        file.seek(field)
        (told,) = struct.unpack(number, file.read(8))
    offset = min(chunk.start + form.skip, length)
    there = length - offset
    declared = _declared(told, form.skip, there)
    size, last = there, True
    if declared is not None and declared <= there:
        after = offset + declared
        if any(_form_of(file, after + pad) for pad in (0, -after % form.align)):
            size, last = declared, False
        elif _ends(file, after, length, form):
            size = declared
    if declared == 0 and size:
        declared = None
    return ChunkedSound(begin, offset, size, declared, last, field, number, extra, wave, form.magic)


def _declared(size: int, skip: int, there: int) -> int | None:
    """The length a header means; None where it means that it does not know."""
    size -= skip
    if size > there and any(abs(size - number) < _ABOUT for number in _PLACEHOLDERS):
        return None
    if size < 0 or size >= 1 << 60:
        return None
    return size


def _ends(file: BinaryIO, at: int, length: int, form: _Form) -> bool:
    """Whether the file ends here, or after whole chunks, a tag or padding."""
    if at >= length - 1:
        return True
    file.seek(at)
    head = file.read(4)
    if (head[:3] == b"TAG" and length - at == 128) or head[:3] == b"ID3":
        return True
    return any(_chunks_end(file, at + pad, length, form) for pad in {0, -at % form.align}) or (
        _all_zero(file, at, length)
    )


def _chunks_end(file: BinaryIO, at: int, length: int, form: _Form) -> bool:
    count = 0
    for chunk in _chunks(file, at, length, form):
        if not all(32 <= byte < 127 for byte in chunk.name[:4]) or chunk.size < 0:
            return False
        at = chunk.start + chunk.size
        count += 1
        if at > length or count >= _MAX_CHUNKS:
            return False
    return bool(count) and at >= length - max(form.align, 8)


def _all_zero(file: BinaryIO, at: int, length: int) -> bool:
    file.seek(at)
    while at < length:
        piece = file.read(_PIECE)
        if not piece or piece.count(0) < len(piece):
            return not piece
        at += len(piece)
    return True


def _joined_at(file: BinaryIO, sound: ChunkedSound, length: int, form: _Form | None) -> int:
    end = sound.offset + sound.size
    align = form.align if form else 1
    return next((end + pad for pad in (0, -end % align) if _form_of(file, end + pad)), length)


def _chunks(file: BinaryIO, at: int, length: int, form: _Form) -> Iterator[_Chunk]:
    head = form.name + struct.calcsize(form.number)
    for _n in range(_MAX_CHUNKS):
        if at + head > length:
            return
        file.seek(at)
        raw = file.read(head)
        (size,) = struct.unpack(form.number, raw[form.name :])
        if form.whole:
            size -= head
        chunk = _Chunk(raw[: form.name], at + head, size, at + form.name)
        yield chunk
        if size < 0:
            return
        at += head + size
        at += -at % form.align if form.whole else size % form.align


def _au(file: BinaryIO, begin: int, length: int) -> ChunkedSound | None:
    file.seek(begin)
    head = file.read(12)
    if begin or len(head) < 12 or head[:4] != b".snd":
        return None
    offset, size = struct.unpack(">II", head[4:])
    if offset > length:
        return None
    there = length - offset
    declared = _declared(size, 0, there)
    return ChunkedSound(0, offset, there, declared, True, 8, ">I", 0, b"", head[:4])


def _wave_form(raw: bytes) -> tuple[int, int, bool]:
    """Rate, channels (0 where they cannot be read) and whether it is 16-bit PCM."""
    if len(raw) < 16:
        return 0, 0, False
    tag, channels, rate, _bytes, _align, bits = struct.unpack("<HHIIHH", raw[:16])
    if tag == _EXTENSIBLE and len(raw) >= 26:
        tag = struct.unpack("<H", raw[24:26])[0]
    return rate, channels, tag == _PCM and bits == 16
