"""Samples of any sound file as 16 bits."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
import soundfile as sf

from earmark.samples import read_int16

SHAPE = np.array([0.0, 0.5, -0.5, 0.25, -1.0], np.float64)
AS_16_BITS = [0, 16384, -16384, 8192, -32768]


@pytest.mark.parametrize("subtype", ["PCM_16", "PCM_24", "PCM_32", "FLOAT", "DOUBLE"])
def test_full_scale_is_full_scale_in_every_form(tmp_path: Path, subtype: str) -> None:
    path = tmp_path / "a.wav"
    sf.write(path, SHAPE, 8000, subtype=subtype)
    with sf.SoundFile(path) as file:
        assert read_int16(file, 3)[:, 0].tolist() == AS_16_BITS[:3]
        assert read_int16(file, 99)[:, 0].tolist() == AS_16_BITS[3:]
        assert len(read_int16(file, 99)) == 0


def test_what_is_too_loud_is_clipped_and_what_is_no_number_is_silent(tmp_path: Path) -> None:
    path = tmp_path / "a.wav"
    sf.write(path, np.array([1.5, -7.0, np.nan, np.inf, -np.inf]), 8000, subtype="DOUBLE")
    with sf.SoundFile(path) as file:
        assert read_int16(file, 9)[:, 0].tolist() == [32767, -32768, 0, 32767, -32768]
