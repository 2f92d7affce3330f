"""The languages Whisper models know, as codes, in the order of the models' own tokens."""

from __future__ import annotations

ENGLISH: tuple[str, ...] = ("en",)
"""What models whose name ends in ".en" know."""
MULTILINGUAL: tuple[str, ...] = (
    "en", "zh", "de", "es", "ru", "ko", "fr", "ja", "pt", "tr", "pl", "ca", "nl", "ar", "sv", "it",
    "id", "hi", "fi", "vi", "he", "uk", "el", "ms", "cs", "ro", "da", "hu", "ta", "no", "th", "ur",
    "hr", "bg", "lt", "la", "mi", "ml", "cy", "sk", "te", "fa", "lv", "bn", "sr", "az", "sl", "kn",
    "et", "mk", "br", "eu", "is", "hy", "ne", "mn", "bs", "kk", "sq", "sw", "gl", "mr", "pa", "si",
    "km", "sn", "yo", "so", "af", "oc", "ka", "be", "tg", "sd", "gu", "am", "yi", "lo", "uz", "fo",
    "ht", "ps", "tk", "nn", "mt", "sa", "lb", "my", "bo", "tl", "mg", "as", "tt", "haw", "ln", "ha",
    "ba", "jw", "su",
)  # fmt: skip
"""All 99 of the first multilingual models."""
MULTILINGUAL_V3 = (*MULTILINGUAL, "yue")
"""large-v3 and what was made from it know Cantonese too."""


def languages_of(count: int) -> tuple[str, ...]:
    """The languages of a model that knows `count` of them."""
    if count <= 1:
        return ENGLISH
    return MULTILINGUAL_V3[:count]
