"""Which tensors a Whisper model has, in which shape and encoding, by its header."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING, TypeAlias

if TYPE_CHECKING:
    from .ggml import Header


@dataclass(frozen=True, slots=True)
class Coding:
    """How numbers are kept: `block` of them in `bytes` bytes. `form` is what a file's header
    calls it."""

    name: str
    form: int
    block: int
    bytes: int

    def bytes_of(self, count: int) -> int:
        return count // self.block * self.bytes


CODINGS = {
    0: Coding("f32", 0, 1, 4),
    1: Coding("f16", 1, 1, 2),
    2: Coding("q4_0", 2, 32, 18),
    3: Coding("q4_1", 3, 32, 20),
    6: Coding("q5_0", 8, 32, 22),
    7: Coding("q5_1", 9, 32, 24),
    8: Coding("q8_0", 7, 32, 34),
}
"""By the number a tensor calls it."""

Plan: TypeAlias = dict[str, tuple[tuple[int, ...], Coding]]
"""Name → shape (the fastest first) and encoding."""


def tensor_plan(header: Header) -> Plan:
    """Every tensor of a model with this header, and no other."""
    d, full, half = header.audio_width, CODINGS[0], CODINGS[1]
    coding = header.coding
    assert coding is not None, "checked with the header"
    plan: Plan = {
        "encoder.positional_embedding": ((d, header.audio_positions), full),
        "encoder.conv1.weight": ((3, header.mel_bands, d), half),
        "encoder.conv1.bias": ((1, d), full),
        "encoder.conv2.weight": ((3, d, d), half),
        "encoder.conv2.bias": ((1, d), full),
        "decoder.positional_embedding": ((d, header.text_positions), full),
        "decoder.token_embedding.weight": ((d, header.vocabulary), coding),
    }
    for name in ("encoder.ln_post", "decoder.ln"):
        plan.update(_pair(name, (d,), full, d, full))
    for side, layers in (("encoder", header.audio_layers), ("decoder", header.text_layers)):
        for layer in range(layers):
            at = f"{side}.blocks.{layer}"
            plan.update(_attention(f"{at}.attn", d, coding))
            if side == "decoder":
                plan.update(_attention(f"{at}.cross_attn", d, coding))
            plan.update(_pair(f"{at}.mlp_ln", (d,), full, d, full))
            plan.update(_pair(f"{at}.mlp.0", (d, 4 * d), coding, 4 * d, full))
            plan.update(_pair(f"{at}.mlp.2", (4 * d, d), coding, d, full))
    return plan


def _pair(
    name: str, shape: tuple[int, ...], coding: Coding, bias: int, full: Coding
) -> Iterator[tuple[str, tuple[tuple[int, ...], Coding]]]:
    yield f"{name}.weight", (shape, coding)
    yield f"{name}.bias", ((bias,), full)


def _attention(
    name: str, d: int, coding: Coding
) -> Iterator[tuple[str, tuple[tuple[int, ...], Coding]]]:
    full = CODINGS[0]
    yield from _pair(f"{name}_ln", (d,), full, d, full)
    yield f"{name}.key.weight", ((d, d), coding)
    for part in ("query", "value", "out"):
        yield from _pair(f"{name}.{part}", (d, d), coding, d, full)
