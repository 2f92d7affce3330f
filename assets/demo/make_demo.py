"""Makes the built-in talk: `talk.opus` (two minutes, espeak-ng voices) and `notes.json`.

    python assets/demo/make_demo.py

Needs espeak-ng. The same words give the same files: nothing in them depends on chance or the day.
"""

# ruff: noqa: E501 - each sentence of the talk stands in one line

from __future__ import annotations

import io
import json
import struct
import subprocess
from pathlib import Path

import numpy as np
import soundfile as sf

HERE = Path(__file__).parent
RATE = 48_000
TITLE = "Pens that listen: how notes learned to remember sound"
PLACE = "Lecture room 2"
SUMMARY = "How smart pens tied ink to sound, and what is left of the idea without the pen."

HOST = ("en-gb+f2", 158, 46, 1.0, 20_000)
SPEAKER = ("en-us+m3", 164, 42, 1.0, 20_000)
FRONT_ROW = ("en-gb-scotland+m5", 160, 52, 0.45, 3_400)
BACK_ROW = ("en-us+f4", 156, 50, 0.35, 2_800)
"""espeak-ng voice, words a minute, pitch, level, and the highest frequency the room lets by."""
SPEAKERS = {HOST: "Host", SPEAKER: "Speaker", FRONT_ROW: "Front row", BACK_ROW: "Back row"}

TALK: tuple[tuple[tuple[str, int, int, float, int], float, str], ...] = (
    (HOST, 1.0, "Good morning everybody, and welcome back."),
    (HOST, 0.4, "Our next talk is about pens that listen."),
    (SPEAKER, 1.3, "Thank you. Let me begin with a problem you all know."),
    (SPEAKER, 0.5, "You sit in a talk, you write a few words, and a week later you wonder: what did that mean?"),
    (SPEAKER, 0.9, "Around two thousand and eight, smart pens gave an answer."),
    (SPEAKER, 0.4, "A tiny camera in the tip watched the paper, and a microphone recorded the room."),
    (SPEAKER, 0.6, "The paper carried a pattern of dots, so fine that it only looks grey. From thirty six dots, the pen could tell where on which page it was."),
    (SPEAKER, 0.7, "So every stroke had two things. A place on the page, and a moment in the recording."),
    (SPEAKER, 0.8, "Now the clever part. You tap a word with the pen, and you hear what was being said while you wrote it."),
    (SPEAKER, 0.9, "People noticed something simple. They wrote less, and listened more. A few key words were enough, because the sound kept the rest."),
    (SPEAKER, 0.9, "It was not perfect. You needed special paper. You needed that pen. And when its maker lost interest, the pages fell silent."),
    (SPEAKER, 1.1, "So let us keep the idea, and drop the pen."),
    (SPEAKER, 0.5, "A laptop knows when each key was pressed. If it keeps the sound too, and both count the same clock, every word you type becomes a bookmark."),
    (SPEAKER, 0.8, "Two rules matter. Never lose a second of the recording. And never make anybody think about the tool while they listen."),
    (HOST, 1.4, "Thank you very much. There is time for two questions. Yes, in the front."),
    (FRONT_ROW, 1.2, "How far back should the replay begin? I always write a little too late."),
    (SPEAKER, 0.9, "About three seconds before the word. You type what you have just heard, so a short look back finds the start of the sentence."),
    (BACK_ROW, 1.5, "And should one always record?"),
    (SPEAKER, 0.8, "Ask first. And what is said in confidence stays off the record."),
    (HOST, 1.0, "A good note to end on. Coffee is next door."),
)  # fmt: skip
"""Who, after how many seconds of pause, says what."""

NOTES: tuple[tuple[str, str, dict[str, object]], ...] = (
    ("about pens", "Pens that listen", {"kind": "heading1"}),
    ("a week later", "the problem: a week later, what did my note mean?", {"kind": "bullet"}),
    ("smart pens gave", "How smart pens worked", {"kind": "heading2"}),
    ("microphone", "camera in the tip + microphone", {"kind": "bullet"}),
    ("pattern of dots", "paper with a fine pattern of dots", {"kind": "bullet", "indent": 1}),
    ("thirty six", "36 of them tell page and place", {"kind": "bullet", "indent": 1}),
    (
        "a moment in",
        "every stroke: a place on the page AND a moment in the sound",
        {"kind": "bullet", "marks": ["star"]},
    ),
    ("you hear what", "tap a word → hear what was said", {"kind": "bullet", "marks": ["star"]}),
    ("listened more", "people wrote less, listened more", {"kind": "bullet"}),
    (
        "fell silent",
        "special paper, that one pen: who keeps the pages readable?",
        {"kind": "bullet", "marks": ["question"]},
    ),
    ("drop the pen", "Without the pen", {"kind": "heading2"}),
    ("was pressed", "keys and sound count the same clock", {"kind": "bullet"}),
    ("a bookmark", "try this in the next seminar", {"kind": "check", "marks": ["todo"]}),
    (
        "Never lose",
        "two rules: lose no second, never make anybody think about the tool",
        {"kind": "bullet", "marks": ["star"]},
    ),
    ("two questions", "Questions", {"kind": "heading2"}),
    ("should the replay", "how far back? about 3 s before the word", {"kind": "bullet"}),
    ("Ask first", "ask before recording", {"kind": "check", "checked": True}),
    ("off the record", "in confidence = off the record", {"kind": "bullet", "indent": 1}),
    ("next door", "coffee!", {"kind": "plain"}),
)
"""Words of the talk that make the listener write, what is written, and its form."""

REACTION_S = 1.1
KEYS_PER_SECOND = 7.5
BETWEEN_LINES_S = 0.35


def spoken(text: str, voice: tuple[str, int, int, float, int]) -> np.ndarray:
    """A sentence at 48 kHz, of about the level the voice has in the room."""
    name, speed, pitch, level, brightness = voice
    made = subprocess.run(
        ["espeak-ng", "-v", name, "-s", str(speed), "-p", str(pitch), "--stdout", text],
        check=True,
        capture_output=True,
    ).stdout
    sound, rate = sf.read(io.BytesIO(made), dtype="float64")
    loud = np.flatnonzero(np.abs(sound) > 0.01)
    sound = sound[loud[0] : loud[-1] + 1]
    spectrum = np.fft.rfft(sound)
    count = len(sound) * RATE // rate
    wide = np.zeros(count // 2 + 1, complex)
    wide[: len(spectrum)] = spectrum[: len(wide)]
    frequencies = np.arange(len(wide)) * RATE / count
    wide /= np.sqrt(1 + (frequencies / brightness) ** 8)
    sound = np.fft.irfft(wide, count)
    return sound * (0.09 * level / np.sqrt(np.mean(sound**2)))


def room(frames: int) -> np.ndarray:
    """The quiet of a room: noise that falls with frequency, at about −62 dBFS."""
    chance = np.random.default_rng(2008)
    spectrum = np.fft.rfft(chance.standard_normal(frames))
    frequencies = np.fft.rfftfreq(frames, 1 / RATE)
    noise = np.fft.irfft(spectrum / np.sqrt(frequencies + 60), frames)
    return noise * (0.0008 / np.sqrt(np.mean(noise**2)))


def echoed(sound: np.ndarray) -> np.ndarray:
    """A few early reflections: a small lecture room."""
    wet = sound.copy()
    for delay_ms, share in ((17, 0.20), (29, 0.14), (43, 0.10), (71, 0.06)):
        frames = delay_ms * RATE // 1000
        wet[frames:] += share * sound[:-frames]
    return wet


def talk() -> tuple[np.ndarray, list[tuple[str, float, float]]]:
    """The sound, and each sentence with its start and end in seconds."""
    said: list[tuple[str, float, float]] = []
    pieces: list[np.ndarray] = []
    at = 0
    for voice, pause, text in TALK:
        sentence = spoken(text, voice)
        pieces += [np.zeros(round(pause * RATE)), sentence]
        start = at + round(pause * RATE)
        at = start + len(sentence)
        said.append((text, start / RATE, at / RATE))
    pieces.append(np.zeros(2 * RATE))
    sound = echoed(np.concatenate(pieces))
    sound += room(len(sound))
    return np.clip(sound, -0.99, 0.99), said


def moment_of(words: str, said: list[tuple[str, float, float]]) -> float:
    """When these words have been said, going by their place in their sentence."""
    for text, start, end in said:
        place = text.find(words)
        if place >= 0:
            return start + (end - start) * (place + len(words)) / len(text)
    raise ValueError(f"nobody says {words!r}")


def notes(said: list[tuple[str, float, float]], frames: int) -> list[dict[str, object]]:
    """The lines with a run for each word, typed at a steady hand after what was heard."""
    lines: list[dict[str, object]] = []
    free = 0.0
    for trigger, text, form in NOTES:
        start = max(moment_of(trigger, said) + REACTION_S, free)
        offsets = [0, *(i + 1 for i, c in enumerate(text) if c == " ")]
        stamps = [
            min(round((start + offset / KEYS_PER_SECOND) * RATE), frames - 1) for offset in offsets
        ]
        free = start + len(text) / KEYS_PER_SECOND + BETWEEN_LINES_S
        runs = [
            {"offset": offset, "frame": frame}
            for offset, frame in zip(offsets, stamps, strict=True)
        ]
        anchor = {"frame": stamps[0], "ms": round(stamps[0] * 1000 / RATE)}
        lines.append(
            {"checked": False, "indent": 0, "marks": [], **form, "text": text, "anchor": anchor}
            | {"runs": runs}
        )
    return lines


def segments(said: list[tuple[str, float, float]]) -> list[dict[str, object]]:
    """The sentences as passages of a transcript; a word's time goes by its place in them."""
    passages: list[dict[str, object]] = []
    for (voice, _pause, _text), (text, start, end) in zip(TALK, said, strict=True):
        words: list[list[object]] = []
        place = 0
        for word in text.split(" "):
            begin, place = place, place + len(word) + 1
            times = (start + (end - start) * at / len(text) for at in (begin, begin + len(word)))
            words.append([word, *(round(time * RATE) for time in times)])
        frames = {"start_frame": round(start * RATE), "end_frame": round(end * RATE)}
        passages.append({"text": text, "speaker": SPEAKERS[voice], **frames, "words": words})
    return passages


def write_opus(path: Path, sound: np.ndarray) -> None:
    """Ogg Opus with a fixed serial number, so that the same sound gives the same file."""
    samples = np.round(sound * 32767).astype(np.int16)
    with sf.SoundFile(path, "w", RATE, 1, "OPUS", format="OGG", compression_level=0.87) as file:
        for start in range(0, len(samples), RATE):
            file.write(samples[start : start + RATE])
    data = bytearray(path.read_bytes())
    at = 0
    while at < len(data):
        pieces = data[at + 26]
        size = 27 + pieces + sum(data[at + 27 : at + 27 + pieces])
        struct.pack_into("<I", data, at + 14, 2008)
        struct.pack_into("<I", data, at + 22, 0)
        struct.pack_into("<I", data, at + 22, page_crc(data[at : at + size]))
        at += size
    path.write_bytes(data)


def page_crc(page: bytes) -> int:
    """The checksum of an Ogg page (RFC 3533): CRC-32 of 0x04C11DB7, unreflected, from zero."""
    crc = 0
    for byte in page:
        crc = (crc << 8 & 0xFFFFFFFF) ^ CRC_TABLE[crc >> 24 ^ byte]
    return crc


def crc_table() -> list[int]:
    table = []
    for byte in range(256):
        value = byte << 24
        for _bit in range(8):
            value = value << 1 ^ (0x04C11DB7 if value & 0x80000000 else 0)
        table.append(value & 0xFFFFFFFF)
    return table


CRC_TABLE = crc_table()


def one_per_line(form: dict[str, object]) -> str:
    """The form as JSON with a text line for each of its values, and for each element of lists."""
    parts = []
    for name, value in form.items():
        elements = value if isinstance(value, list) else None
        dumped = [json.dumps(e, ensure_ascii=False) for e in elements or ()]
        inside = "[\n  " + ",\n  ".join(dumped) + "\n ]" if elements else json.dumps(value)
        parts.append(f" {json.dumps(name)}: {inside}")
    return "{\n" + ",\n".join(parts) + "\n}\n"


def main() -> None:
    sound, said = talk()
    write_opus(HERE / "talk.opus", sound)
    form = {
        "title": TITLE,
        "place": PLACE,
        "summary": SUMMARY,
        "audio": "talk.opus",
        "sample_rate": RATE,
        "frames": len(sound),
        "lines": notes(said, len(sound)),
        "segments": segments(said),
    }
    (HERE / "notes.json").write_text(one_per_line(form), encoding="utf-8")


if __name__ == "__main__":
    main()
