"""MP3, ADTS (raw AAC) and AMR files: nothing but coded packets in a row, found one by one here.

Nothing in such a file says where a packet stands in time: their count does. So each packet is
counted, whether it can be decoded or not; what two files joined have between them is left out;
and where bytes are no packets, how much sound they stood for is reckoned from the packets around.
"""

from __future__ import annotations

import struct
from collections.abc import Callable, Iterator
from typing import NamedTuple

from .views import FileBytes

_MPEG_RATES = {3: (44_100, 48_000, 32_000), 2: (22_050, 24_000, 16_000), 0: (11_025, 12_000, 8_000)}
"""By the header's version bits: MPEG 1, MPEG 2, MPEG 2.5."""
_KBITS = {
    (True, 1): (32, 64, 96, 128, 160, 192, 224, 256, 288, 320, 352, 384, 416, 448),
    (True, 2): (32, 48, 56, 64, 80, 96, 112, 128, 160, 192, 224, 256, 320, 384),
    (True, 3): (32, 40, 48, 56, 64, 80, 96, 112, 128, 160, 192, 224, 256, 320),
    (False, 1): (32, 48, 56, 64, 80, 96, 112, 128, 144, 160, 176, 192, 224, 256),
    (False, 2): (8, 16, 24, 32, 40, 48, 56, 64, 80, 96, 112, 128, 144, 160),
    (False, 3): (8, 16, 24, 32, 40, 48, 56, 64, 80, 96, 112, 128, 144, 160),
}
"""By whether it is MPEG 1, and layer."""
_ADTS_RATES = (
    *(96_000, 88_200, 64_000, 48_000, 44_100, 32_000, 24_000, 22_050, 16_000, 12_000, 11_025),
    *(8_000, 7_350),
)
_AMR_SIZES = {
    "amrnb": (13, 14, 16, 18, 20, 21, 27, 32, 6, 0, 0, 0, 0, 0, 0, 1),
    "amrwb": (18, 24, 33, 37, 41, 47, 51, 59, 61, 6, 0, 0, 0, 0, 1, 1),
}
"""Bytes of a packet, its first included, by its kind; 0: no such kind."""
_AMR_SPEECH = {"amrnb": 8, "amrwb": 9}
"""Kinds below this are speech; the others are pauses, of which little or nothing was sent."""
_AMR_RATES = {"amrnb": 8_000, "amrwb": 16_000}
_AMR_MAGIC = {b"#!AMR\n": "amrnb", b"#!AMR-WB\n": "amrwb"}
AMR_SECONDS = 0.02

_DECODER_DELAY = 529
"""Samples an MP3 decoder is late by, which the LAME tag does not count."""


class Packet(NamedTuple):
    """`form`: what packets of one kind of sound have in common."""

    size: int
    samples: int
    rate: int
    channels: int
    form: object
    kbits: int = 0


class Opening(NamedTuple):
    """What an MP3's Xing, Info or VBRI header says: packets to come, and the samples that encoder
    and decoder put before and after the sound. `bytes`: of header and packets; 0: it is not said.
    """

    packets: int
    bytes: int
    delay: int
    padding: int


class Run(NamedTuple):
    """Packets that lie end to end. `hole`: bytes before it that should have been packets."""

    start: int
    end: int
    packets: int
    samples: int
    rate: int
    channels: int
    hole: int
    opening: Opening | None
    even: bool
    """Whether all are of one form and bit rate."""

    @property
    def seconds(self) -> float:
        return self.samples / self.rate


class Survey(NamedTuple):
    """All the runs of a file. `torn`: its end is no whole packet. `tail`: bytes there that are
    neither packets nor tags. `tags`: the tags between runs, which tell of files joined.
    """

    runs: list[Run]
    torn: bool
    tail: int
    tags: int

    @property
    def packets(self) -> int:
        return sum(run.packets for run in self.runs)

    @property
    def seconds(self) -> float:
        return sum(run.seconds for run in self.runs)

    @property
    def even(self) -> bool:
        """Whether it is one run of one form and bit rate, as long as it says: good to seek in."""
        if len(self.runs) != 1 or self.tail:
            return False
        run = self.runs[0]
        said = run.opening.packets if run.opening else 0
        return run.even and not self.cut and not run.hole and said in (0, run.packets)

    def missing(self, number: int) -> float:
        """Seconds of sound that should stand before a run, by the packets around the hole."""
        run = self.runs[number]
        if not run.hole:
            return 0.0
        holes = sum(1 for run in self.runs if run.hole)
        opening = self.runs[0].opening
        if opening and holes == 1 and number and self._all_bytes_of(opening):
            left = opening.packets - self.packets
            return max(0, left) * run.seconds / run.packets
        beside = self.runs[max(0, number - 1) : number + 1]
        size = sum(run.end - run.start for run in beside) / sum(run.packets for run in beside)
        return round(run.hole / size) * run.seconds / run.packets

    @property
    def cut(self) -> bool:
        """Whether it ends too early: by its opening where one counts all, else by a torn packet."""
        if not self.runs:
            return False
        opening = self.runs[0].opening
        if opening and opening.packets and not any(run.hole for run in self.runs):
            return self.packets < opening.packets - 1
        last = self.runs[-1]
        return self.torn or self.tail * last.seconds > _TAIL_SECONDS * (last.end - last.start)

    def _all_bytes_of(self, opening: Opening) -> bool:
        there = self.runs[-1].end - self.runs[0].start
        return bool(opening.bytes) and 0 <= opening.bytes - there <= _OPENING_AT_MOST


_TAIL_SECONDS = 0.25
_OPENING_AT_MOST = 2_000
"""Bytes of an opening: its own packet."""


def raw_kind(data: FileBytes, container: str) -> str | None:
    """The kind of packets in a container of FFmpeg's name; None where they are not known here."""
    if container == "amr":
        head = data.take(0, 9)
        return next((kind for magic, kind in _AMR_MAGIC.items() if head.startswith(magic)), None)
    return container if container in ("mp3", "aac") else None


def survey(data: FileBytes, kind: str) -> Survey:
    """Walks all of a file."""
    parse = _PARSERS[kind]
    chain = _CHAINS[kind]
    runs: list[Run] = []
    growing = _Growing()
    at = hole = tags = tail = 0
    torn = False
    while at < data.size:
        packet = parse(data, at)
        after = at + (packet.size if packet else 0)
        if packet is None:
            skip = _tag_size(data, at)
            if skip:
                growing.into(runs)
                tags += 1
                at += skip
                continue
        elif after > data.size:
            torn = True
            break
        elif (growing.packets or _leads_on(data, at, parse, chain)) and _goes_on(
            data, after, parse
        ):
            opening = _opening(data, at, packet) if kind == "mp3" else None
            if opening is not None:
                growing.into(runs)
                growing = _Growing(opening, growing.hole + hole)
            else:
                growing.add(at, packet, hole)
            hole = 0
            at = after
            continue
        found = _resync(data, at + 1, parse, chain)
        if found < 0:
            if packet is not None and growing.packets and not data.is_zero(after - 4, after):
                growing.add(at, packet, 0)  # whole, with something unknown behind it
                at = after
            tail = data.size - at
            break
        growing.into(runs)
        hole += found - at
        at = found
        if not runs and not growing.opening:
            hole = 0 if _is_unknown_tag(data) else hole
    growing.into(runs)
    return Survey(runs, torn, tail, tags)


def packets_of(data: FileBytes, kind: str, run: Run) -> Iterator[tuple[bytes, Packet]]:
    """The packets of a run and what their headers say."""
    parse = _PARSERS[kind]
    at = run.start
    while at < run.end:
        packet = parse(data, at)
        if packet is None:
            return
        yield data.take(at, packet.size), packet
        at += packet.size


def amr_packets(data: bytes, kind: str) -> Iterator[tuple[bytes, bool]]:
    """The packets in what a container took for one, and whether each is speech."""
    at = 0
    while at < len(data):
        number = data[at] >> 3 & 15
        size = _AMR_SIZES[kind][number]
        if not size:
            return
        yield data[at : at + size], number < _AMR_SPEECH[kind]
        at += size


class _Growing:
    """A run while it is being found."""

    def __init__(self, opening: Opening | None = None, hole: int = 0) -> None:
        self.opening = opening
        self.hole = hole
        self._clear()

    def _clear(self) -> None:
        self.packets = self._samples = self._start = self._end = self._rate = self._channels = 0
        self._forms: set[object] = set()
        self._seconds = 0.0

    def add(self, at: int, packet: Packet, hole: int) -> None:
        if not self.packets:
            self._start, self._rate = at, packet.rate
            self.hole += hole
        self.packets += 1
        self._samples += packet.samples
        self._seconds += packet.samples / packet.rate
        self._rate = max(self._rate, packet.rate)
        self._channels = max(self._channels, packet.channels)
        self._end = at + packet.size
        if len(self._forms) < 2:
            self._forms.add((packet.form, packet.kbits))

    def into(self, runs: list[Run]) -> None:
        """Ends it: what comes after begins anew."""
        if not self.packets:
            return
        runs.append(
            Run(
                self._start,
                self._end,
                self.packets,
                round(self._seconds * self._rate),
                self._rate,
                self._channels,
                self.hole,
                self.opening,
                len(self._forms) == 1,
            )
        )
        self.opening, self.hole = None, 0
        self._clear()


_Parser = Callable[[FileBytes, int], "Packet | None"]


def _goes_on(data: FileBytes, at: int, parse: _Parser) -> bool:
    """Whether what lies here may follow a whole packet."""
    if at + 4 > data.size:
        return True
    return parse(data, at) is not None or bool(_tag_size(data, at))


def _leads_on(data: FileBytes, at: int, parse: _Parser, chain: int) -> bool:
    """Whether so many packets lie end to end here, or all up to the file's end."""
    for _n in range(chain):
        if at >= data.size:
            return True
        packet = parse(data, at)
        if packet is None:
            return bool(_n and _tag_size(data, at))
        at += packet.size
    return True


def _resync(data: FileBytes, at: int, parse: _Parser, chain: int) -> int:
    while at < data.size:
        if parse is not _amr_nb and parse is not _amr_wb:
            sync = data.find(b"\xff", at)
            tag = data.find(b"ID3", at, sync if sync >= 0 else None)
            if tag >= 0 and _tag_size(data, tag):
                return tag
            if sync < 0:
                return -1
            at = sync
        if (parse(data, at) is not None and _leads_on(data, at, parse, chain)) or (
            data.take(at, 2) == b"#!" and _tag_size(data, at)
        ):
            return at
        at += 1
    return -1


def _tag_size(data: FileBytes, at: int) -> int:
    """Bytes of a tag or of another file's magic; 0 where there is none."""
    head = data.take(at, 32)
    if head[:3] == b"ID3" and len(head) >= 10 and not any(byte & 128 for byte in head[6:10]):
        size = 0
        for byte in head[6:10]:
            size = size << 7 | byte
        return 10 + size + (10 if head[5] & 16 else 0)
    if head[:3] == b"TAG":
        return 227 if head[3:4] == b"+" else 128
    if head[:8] == b"APETAGEX" and len(head) >= 24:
        size, _items, flags = struct.unpack("<III", head[12:24])
        return int(size) + 32 if flags & 1 << 29 else 32
    if head[:11] == b"LYRICSBEGIN":
        end = data.find(b"LYRICS200", at, at + (1 << 20))
        return end + 9 - at if end >= 0 else 0
    return next((len(magic) for magic in _AMR_MAGIC if head.startswith(magic)), 0)


def _is_unknown_tag(data: FileBytes) -> bool:
    """Whether what stands before all sound is anything but a hole."""
    return data.take(0, 3) == b"ID3"


def _mpeg(data: FileBytes, at: int) -> Packet | None:
    raw = data.take(at, 4)
    word = int.from_bytes(raw, "big")
    version, layer = word >> 19 & 3, 4 - (word >> 17 & 3)
    bits, rate, padding = word >> 12 & 15, word >> 10 & 3, word >> 9 & 1
    if len(raw) < 4 or word >> 21 != 0x7FF or layer == 4 or version == 1 or rate == 3:
        return None
    if bits in (0, 15) or word & 3 == 2:
        return None
    first = version == 3
    kbits, hertz = _KBITS[first, layer][bits - 1], _MPEG_RATES[version][rate]
    if layer == 1:
        samples, size = 384, (12_000 * kbits // hertz + padding) * 4
    else:
        samples = 1152 if first or layer == 2 else 576
        size = samples // 8 * 1000 * kbits // hertz + padding
    mono = (word >> 6 & 3) == 3
    return Packet(size, samples, hertz, 1 if mono else 2, (version, layer, rate, mono), kbits)


def _adts(data: FileBytes, at: int) -> Packet | None:
    raw = data.take(at, 7)
    if len(raw) < 7 or raw[0] != 0xFF or raw[1] & 0xF6 != 0xF0:
        return None
    index = raw[2] >> 2 & 15
    size = (raw[3] & 3) << 11 | raw[4] << 3 | raw[5] >> 5
    channels = (raw[2] & 1) << 2 | raw[3] >> 6
    if index >= len(_ADTS_RATES) or size < (7 if raw[1] & 1 else 9):
        return None
    samples = 1024 * ((raw[6] & 3) + 1)
    return Packet(size, samples, _ADTS_RATES[index], channels or 2, (raw[1], index, channels))


def _amr(data: FileBytes, at: int, kind: str) -> Packet | None:
    raw = data.take(at, 1)
    if not raw or raw[0] & 0x83:
        return None
    number = raw[0] >> 3 & 15
    size = _AMR_SIZES[kind][number]
    if not size or (raw == b"\0" and not any(data.take(at, size))):
        return None
    rate = _AMR_RATES[kind]
    return Packet(size, round(AMR_SECONDS * rate), rate, 1, kind)


def _amr_nb(data: FileBytes, at: int) -> Packet | None:
    return _amr(data, at, "amrnb")


def _amr_wb(data: FileBytes, at: int) -> Packet | None:
    return _amr(data, at, "amrwb")


_PARSERS: dict[str, _Parser] = {"mp3": _mpeg, "aac": _adts, "amrnb": _amr_nb, "amrwb": _amr_wb}
_CHAINS = {"mp3": 3, "aac": 3, "amrnb": 8, "amrwb": 8}
"""Packets that must lie end to end before the first one is believed."""


def _opening(data: FileBytes, at: int, packet: Packet) -> Opening | None:
    """What an MP3 packet says that holds no sound but words about the sound."""
    raw = data.take(at, min(packet.size, 192))
    mpeg1 = packet.samples == 1152
    side = (17 if mpeg1 else 9) if packet.channels == 1 else (32 if mpeg1 else 17)
    start = 4 + side + (0 if raw[1] & 1 else 2)
    if raw[36:40] == b"VBRI" and len(raw) >= 54:
        size, packets = struct.unpack(">II", raw[46:54])
        return Opening(packets, size, 0, 0)
    if raw[start : start + 4] not in (b"Xing", b"Info"):
        start = 4 + side
        if raw[start : start + 4] not in (b"Xing", b"Info"):
            return None
    raw = raw[start:].ljust(160, b"\0")
    (flags,) = struct.unpack(">I", raw[4:8])
    place, packets, size = 8, 0, 0
    if flags & 1:
        (packets,) = struct.unpack(">I", raw[place : place + 4])
        place += 4
    if flags & 2:
        (size,) = struct.unpack(">I", raw[place : place + 4])
        place += 4
    place += (100 if flags & 4 else 0) + (4 if flags & 8 else 0)
    if raw[place : place + 4] not in (b"LAME", b"Lavf", b"Lavc"):
        return Opening(packets, size, 0, 0)
    delays = int.from_bytes(raw[place + 21 : place + 24], "big")
    padding = max(0, (delays & 0xFFF) - _DECODER_DELAY)
    return Opening(packets, size, (delays >> 12) + _DECODER_DELAY, padding)
