"""Which files may reach an engine: whole models, and nothing else."""

from __future__ import annotations

import io
import math
import os
import random
import struct
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from tinyfile import frames, tiny_model, with_number

from earmark.model import NotFound, UnusableMedia
from earmark.transcribe.ggml import Header, WrongFile, read_model
from earmark.transcribe.models import KNOWN, check_model
from earmark.transcribe.tensors import CODINGS, tensor_plan

FIELDS = 11


@pytest.fixture
def model(tmp_path: Path) -> Path:
    path = tmp_path / "ggml-tiny-test.bin"
    path.write_bytes(tiny_model())
    return path


def refused(path: Path, data: bytes | None = None) -> str:
    """The sentence with which the file is refused."""
    if data is not None:
        path.write_bytes(data)
    with pytest.raises(UnusableMedia) as raised:
        check_model(path)
    assert raised.value.what.endswith(".") and raised.value.remedy.endswith(".")
    assert path.name in raised.value.what
    return raised.value.what


def test_a_whole_model_is_known_for_what_it_is(model: Path):
    facts = check_model(model)
    assert facts.bytes == len(tiny_model())
    assert facts.coding == "q5_0"
    assert facts.languages == ("en",)
    assert (facts.mel_bands, facts.audio_layers, facts.text_layers) == (80, 4, 3)


def test_every_published_size_is_what_the_plan_of_tensors_makes():
    """The plan is right for the real models: all their sizes leave the same vocabulary."""
    shapes = {
        "tiny": (384, 6, 4, 4), "base": (512, 8, 6, 6), "small": (768, 12, 12, 12),
        "medium": (1024, 16, 24, 24), "large-v3-turbo": (1280, 20, 32, 4),
        "large-v3": (1280, 20, 32, 32),
    }  # fmt: skip
    forms = {"q5_0": 2008, "q5_1": 2009, "q8_0": 2007}
    rest = set()
    for row in KNOWN:
        if row.bytes is None:
            continue
        name, _dash, coding = row.name.rpartition("-")
        if coding not in forms:
            name, coding = row.name, "f16"
        d, heads, encoder, decoder = shapes[name]
        third = "v3" in name
        header = Header(
            51866 if third else 51865, 1500, d, heads, encoder, 448, d, heads, decoder,
            128 if third else 80, forms.get(coding, 1),
        )  # fmt: skip
        size = 48 + 8 + 4 * header.mel_bands * 201 + 4
        for tensor, (shape, kept) in tensor_plan(header).items():
            size += 12 + 4 * len(shape) + len(tensor) + kept.bytes_of(math.prod(shape))
        rest.add(row.bytes - size)
    assert rest == {508085}


def test_a_model_cut_anywhere_in_its_frame_is_refused():
    """Every cut in the first kilobytes, in the vocabulary, around each tensor's frame and end."""
    data = tiny_model()
    places = {*range(200), *range(64_300, 65_400), *(len(data) - n for n in range(1, 100))}
    for begin, inside, end in frames(data):
        places |= {begin - 1, begin, begin + 5, begin + 13, inside - 3, inside, end - 1}
    file = io.BytesIO(data)
    for size in sorted(places, reverse=True):
        file.truncate(size)
        file.seek(0)
        with pytest.raises(WrongFile):
            read_model(file, size)


@given(size=st.integers(0, len(tiny_model()) - 1))
def test_a_model_cut_at_any_byte_is_refused(size: int):
    with pytest.raises(WrongFile):
        read_model(io.BytesIO(tiny_model()[:size]), size)


@pytest.mark.parametrize("size", [0, 3, 40, 5000, 65_000, 100_000, len(tiny_model()) - 1])
def test_a_file_cut_off_is_said(model: Path, size: int):
    assert "cut off" in refused(model, tiny_model()[:size])


@pytest.mark.parametrize("more", [b"\0", b"lmgg", bytes(12), bytes(5000)])
def test_anything_after_the_last_tensor_is_refused(model: Path, more: bytes):
    refused(model, tiny_model() + more)


def test_a_tensor_twice_is_refused(model: Path):
    data = tiny_model()
    at = data.find(b"encoder.ln_post.bias") - 16
    assert at > 0
    refused(model, data + data[at : at + 16 + 20 + 4 * 64])


def test_the_wrong_magic_is_refused(model: Path):
    data = tiny_model()
    assert "no speech model" in refused(model, b"ggml" + data[4:])
    assert "GGUF" in refused(model, b"GGUF" + data[4:])
    assert "web page" in refused(model, b"<!doctype html><p>Not found")
    assert "pointer" in refused(model, b"version https://git-lfs.github.com/spec/v1\n")
    assert "cut off" in refused(model, b"lm")
    refused(model, b"")


def test_every_flipped_bit_of_the_header_is_refused(model: Path):
    """A header that says something else than the tensors do never reaches an engine."""
    data = tiny_model()
    for which in range(FIELDS):
        for bit in range(32):
            value = struct.unpack_from("<i", data, 4 + 4 * which)[0] ^ (1 << bit)
            value = struct.unpack("<i", struct.pack("<I", value & 0xFFFFFFFF))[0]
            model.write_bytes(with_number(data, which, value))
            with pytest.raises(UnusableMedia):
                check_model(model)


def test_a_flipped_bit_in_the_heads_of_the_real_models_is_refused():
    """They are the only numbers that no tensor depends on."""
    for d, heads in ((384, 6), (512, 8), (768, 12), (1024, 16), (1280, 20)):
        right = [51865, 1500, d, heads, 4, 448, d, heads, 4, 80, 1]
        for which in (3, 7):
            for bit in range(31):
                wrong = list(right)
                wrong[which] ^= 1 << bit
                both = list(wrong)
                both[3] = both[7] = wrong[which]
                for numbers in (wrong, both):
                    file = io.BytesIO(b"lmgg" + struct.pack("<11i", *numbers))
                    with pytest.raises(WrongFile) as raised:
                        read_model(file, 48)
                    assert raised.value.why == "header"
        with pytest.raises(WrongFile) as raised:
            read_model(io.BytesIO(b"lmgg" + struct.pack("<11i", *right)), 48)
        assert raised.value.why == "filters"


@pytest.mark.parametrize("which", range(FIELDS))
@pytest.mark.parametrize("value", [0, -1, 2**31 - 1, -(2**31), 7])
def test_a_senseless_header_is_refused(model: Path, which: int, value: int):
    refused(model, with_number(tiny_model(), which, value))


def test_full_precision_is_refused_because_it_ends_the_engine(model: Path):
    assert "full precision" in refused(model, with_number(tiny_model(), 10, 0))


def test_a_quantisation_earmark_does_not_know_is_said(model: Path):
    assert "quantised" in refused(model, with_number(tiny_model(), 10, 2012))


def test_a_voice_detector_is_no_speech_model(model: Path):
    silero = b"lmgg" + struct.pack("<i", 10) + b"silero-16k" + struct.pack("<4i", 5, 1, 2, 512)
    assert "Silero" in refused(model, silero + bytes(800_000))


def test_a_vocabulary_without_the_blank_is_refused(model: Path):
    """The engine looks for it without asking whether it is there."""
    data = tiny_model()
    lone = data.find(struct.pack("<i", 1) + b" " + struct.pack("<i", 5))
    assert lone > 0
    refused(model, data[: lone + 4] + b"x" + data[lone + 5 :])


def test_wrong_filters_are_refused(model: Path):
    data = tiny_model()
    refused(model, data[:48] + struct.pack("<2i", 128, 201) + data[56:])
    refused(model, data[:56] + struct.pack("<f", math.nan) + data[60:])
    refused(model, data[:56] + bytes(4 * 80 * 201) + data[56 + 4 * 80 * 201 :])


@pytest.mark.parametrize("step", [12, pytest.param(1, marks=pytest.mark.nightly)])
def test_a_flipped_bit_in_a_tensors_frame_is_refused(step: int):
    """One bit of each byte of each frame; in the weights only the checksum sees it."""
    data = tiny_model()
    dice = random.Random(4)
    file = io.BytesIO(data)
    for begin, inside, _end in frames(data)[::step]:
        for at in range(begin, inside):
            with file.getbuffer() as kept:
                kept[at] ^= 1 << dice.randrange(8)
            file.seek(0)
            with pytest.raises(WrongFile):
                read_model(file, len(data))
            with file.getbuffer() as kept:
                kept[at] = data[at]
    file.seek(0)
    assert read_model(file, len(data))


def test_what_is_no_file_is_refused(tmp_path: Path):
    with pytest.raises(NotFound):
        check_model(tmp_path / "nothing.bin")
    refused(tmp_path)
    os.mkfifo(tmp_path / "pipe.bin")
    refused(tmp_path / "pipe.bin")


def test_a_file_of_gigabytes_is_passed_over_not_read(tmp_path: Path):
    """A sparse model as large as large-v3: its data is never touched."""
    path = tmp_path / "ggml-huge.bin"
    header = Header(51866, 1500, 1280, 20, 32, 448, 1280, 20, 32, 128, 1)
    with path.open("wb") as file:
        file.write(b"lmgg" + struct.pack("<11i", *(getattr(header, f) for f in Header.__slots__)))
        file.write(struct.pack("<2i", 128, 201) + struct.pack("<f", 0.5) * (128 * 201))
        file.write(struct.pack("<2i", 1, 1) + b" ")
        kinds = {coding: number for number, coding in CODINGS.items()}
        for name, (shape, coding) in tensor_plan(header).items():
            file.write(struct.pack("<3i", len(shape), len(name), kinds[coding]))
            file.write(struct.pack(f"<{len(shape)}i", *shape) + name.encode())
            file.seek(coding.bytes_of(math.prod(shape)), os.SEEK_CUR)
        file.truncate(file.tell())
    assert path.stat().st_size > 3_000_000_000

    class Counting:
        def __init__(self) -> None:
            self.file = path.open("rb")
            self.read_bytes = 0

        def read(self, count: int) -> bytes:
            self.read_bytes += count
            return self.file.read(count)

        def seek(self, at: int) -> int:
            return self.file.seek(at)

    counting = Counting()
    with counting.file:
        read_model(counting, path.stat().st_size)  # type: ignore[arg-type]
    assert counting.read_bytes < 300_000
    assert len(check_model(path).languages) == 100
