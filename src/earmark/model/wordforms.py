"""Words as they are compared: without case, accents and endings; how alike two of them are."""

from __future__ import annotations

import re
import unicodedata
from functools import lru_cache

_WORD = re.compile(r"[^\W_]+(?:['’][^\W_]+)?")
_UNSPACED = re.compile("[\u0e00-\u0eff\u1000-\u109f\u1780-\u17ff\u3040-\u30ff\u3400-\u9fff]")
"""Scripts that are written without spaces: their words are taken as pairs of characters."""
_ENDINGS = (
    "izations", "ization", "ations", "ation", "ingly", "edly", "ments", "ment", "ness", "ings",
    "ing", "ers", "ies", "ied", "est", "ed", "er", "en", "es", "ly", "s", "e", "n", "y",
)  # fmt: skip
_LEAST_STEM = 4
_STOP_WORDS = """
a about after again all also an and any are as at be been being but by can cannot could did do does
doing done down each even every few for from get gets getting go goes going gonna got had has have
having he her here hers him his how i if in into is it its just kind know let like lot made make
makes making many may me mean might more most much must my need no nor not now of off oh ok okay on
one only or other our out over own really right said same say says see she should so some something
sort still such take than that the their them then there these they thing things think this those
through to too two up us use used uses very want wants was way we well went were what when where
which while who whole why will with would yeah yes you your dont isnt its thats theres were youre
im ive lets
aber als am an auch auf aus bei bin bis da dann das dass dem den der des die doch du ein eine einem
einen einer es fur hat ich im in ist ja man mit nach nicht noch nur oder sich sie sind so uber um
und uns vom von war was wenn wie wir wird zu zum zur
au aux avec ce ces cette dans de des donc du elle en est et il ils je la le les leur mais meme ne
nous on ou par pas plus pour que qui sa se ses sur un une vous
al como con del el ella en es esta esto las lo los mas muy para pero por que se si sin su sus una y
che di e gli il non per sono
de een en het ik is maar met niet of op te van voor wij ze
"""
_STOP = frozenset(_STOP_WORDS.split())


@lru_cache(maxsize=65_536)
def _plain(word: str) -> str:
    folded = unicodedata.normalize("NFKD", word.casefold())
    return "".join(c for c in folded if c.isalnum())


@lru_cache(maxsize=65_536)
def stem(word: str) -> str:
    """The word's plain letters without one common ending; at least four stay."""
    plain = _plain(word)
    if plain.isdigit() or not plain.isascii():
        return plain
    for ending in _ENDINGS:
        if plain.endswith(ending) and len(plain) - len(ending) >= _LEAST_STEM:
            plain = plain[: -len(ending)]
            break
    if len(plain) > _LEAST_STEM and plain[-1] == plain[-2]:
        plain = plain[:-1]  # stopp(ing)
    return plain


@lru_cache(maxsize=16_384)
def terms(text: str) -> tuple[str, ...]:
    """The stems of the words that carry meaning, in order, repeats included."""
    found: list[str] = []
    for match in _WORD.finditer(text):
        word = match[0]
        if _UNSPACED.search(word):
            found += [word[i : i + 2] for i in range(max(1, len(word) - 1))]
            continue
        plain = _plain(word)
        if plain and plain not in _STOP and (len(plain) > 1 or plain.isdigit()):
            found.append(stem(word))
    return tuple(found)


def likeness(noted: str, said: str) -> float:
    """0..1: the same stem, one cut short by who noted it, or one with a slip of the keys in it."""
    if noted == said:
        return 1.0
    short, long = sorted((len(noted), len(said)))
    if not noted or not said or noted[0] != said[0] or noted.isdigit() or said.isdigit():
        return 0.0
    if short >= 3 and len(noted) < len(said) and said.startswith(noted):
        return min(0.9, 0.45 + 0.1 * short)
    if short >= 4 and len(noted) > len(said) and noted.startswith(said) and long - short <= 3:
        return 0.8
    if short >= 5 and long - short <= 1 and _one_slip(noted, said):
        return 0.75
    return 0.0


def _one_slip(one: str, other: str) -> bool:
    """One letter too many, too few or wrong, or two neighbours exchanged."""
    at = 0
    while at < min(len(one), len(other)) and one[at] == other[at]:
        at += 1
    if one[at + 1 :] == other[at:] or one[at:] == other[at + 1 :]:
        return True
    if one[at + 1 :] == other[at + 1 :]:
        return True
    return one[at : at + 2] == other[at : at + 2][::-1] and one[at + 2 :] == other[at + 2 :]
