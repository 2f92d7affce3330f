"""The speech models Earmark knows: OpenAI's Whisper in the form of whisper.cpp, pinned.

Sizes in bytes and SHA-256 sums are those under which several public projects pin the same files;
where only the sum is known, `bytes` is None and the sum alone decides. Nothing here is guessed:
a model without a known SHA-256 is not in the table.
"""

from __future__ import annotations

from dataclasses import dataclass

from earmark.model.i18n import _

from .languages import ENGLISH, MULTILINGUAL, MULTILINGUAL_V3

HOST = "https://huggingface.co"
_REVISION = "5359861c739e955e79d9a303bcbc70fb988958b1"
_PLACE = f"/ggerganov/whisper.cpp/resolve/{_REVISION}/ggml-{{name}}.bin"


@dataclass(frozen=True, slots=True)
class KnownModel:
    """One row. `mib`: the published size in MiB, rounded; `use`: live, after, best or empty."""

    name: str
    mib: int
    sha256: str
    languages: tuple[str, ...]
    bytes: int | None = None
    use: str = ""
    licence: str = "MIT"

    @property
    def address(self) -> str:
        """The path of its file on the host, with the pinned revision."""
        return _PLACE.format(name=self.name)

    @property
    def url(self) -> str:
        return HOST + self.address

    @property
    def room(self) -> int:
        """Bytes it takes, or about that where only the rounded size is known."""
        return self.bytes if self.bytes is not None else (self.mib + 1) << 20

    @property
    def good_for(self) -> str:
        """What it is good for, in the person's language."""
        if self.use == "live":
            return _("recommended while recording")
        if self.use == "after":
            return _("recommended after the talk")
        if self.use == "best":
            return _("the best words; slow without a strong computer")
        if self.name.startswith("tiny"):
            return _("weak computers; makes many mistakes")
        if self.name.startswith("base"):
            return _("while recording")
        if self.name.startswith("small"):
            return _("after the talk")
        return _("after the talk, on a strong computer")


def _row(name: str, mib: int, sha256: str, size: int | None = None, *, use: str = "") -> KnownModel:
    languages: tuple[str, ...] = MULTILINGUAL_V3 if "v3" in name else MULTILINGUAL
    if name.split("-")[0].endswith(".en"):
        languages = ENGLISH
    return KnownModel(name, mib, sha256, languages, size, use)


KNOWN: tuple[KnownModel, ...] = (
    _row(
        "tiny",
        75,
        "be07e048e1e599ad46341c8d2a135645097a538221678b7acdd1b1919c6e1b21",
        77691713,
    ),
    _row("tiny-q5_1", 31, "818710568da3ca15689e31a743197b520007872ff9576237bda97bd1b469c3d7"),
    _row("tiny.en", 75, "921e4cf8686fdd993dcd081a5da5b6c365bfde1162e72b08d75ac75289920b1f"),
    _row(
        "base",
        142,
        "60ed5bc3dd14eea856493d334349b405782ddcaf0028d4b5df4088345fba2efe",
        147951465,
        use="live",
    ),
    _row("base-q5_1", 57, "422f1ae452ade6f30a004d7e5c6a43195e4433bc370bf23fac9cc591f01a8898"),
    _row("base.en", 142, "a03779c86df3323075f5e796cb2ce5029f00ec8869eee3fdfb897afe36c6d002"),
    _row(
        "small",
        466,
        "1be3a9b2063867b937e64e2ec7483364a79917e157fa98c5d94b5c1fffea987b",
        487601967,
        use="after",
    ),
    _row("small-q5_1", 181, "ae85e4a935d7a567bd102fe55afc16bb595bdb618e11b2fc7591bc08120411bb"),
    _row("small.en", 466, "c6138d6d58ecc8322097e0f987c32f1be8bb0a18532a3f88f734d1bbf9c41e5d"),
    _row(
        "medium",
        1463,
        "6c14d5adee5f86394037b4e4e8b59f1673b6cee10e3cf0b11bbdbee79c156208",
        1533763059,
    ),
    _row("medium-q5_0", 514, "19fea4b380c3a618ec4723c3eef2eb785ffba0d0538cf43f8f235e7b3b34220f"),
    _row(
        "large-v3",
        2952,
        "64d182b440b98d5203c4f9bd541544d84c605196c4f7b845dfa11fb23594d1e2",
        3095033483,
    ),
    _row(
        "large-v3-q5_0",
        1031,
        "d75795ecff3f83b5faa89d1900604ad8c780abd5739fae406de19f23ecd98ad1",
        1081140203,
    ),
    _row(
        "large-v3-turbo",
        1549,
        "1fc70f774d38eb169993ac391eea357ef47c88757ef72ee5943879b7e8e2bc69",
        1624555275,
        use="best",
    ),
    _row(
        "large-v3-turbo-q5_0",
        547,
        "394221709cd5ad1f40c46e6031ca61bce88931e6e088c188294c6d5a55ffa7e2",
        574041195,
        use="best",
    ),
    _row(
        "large-v3-turbo-q8_0",
        834,
        "317eb69c11673c9de1e1f0d459b253999804ec71ac4c23c17ecf5fbe24e259a1",
        874188075,
    ),
)


def known(name: str) -> KnownModel | None:
    """The row of that name."""
    return next((one for one in KNOWN if one.name == name), None)


def known_by_sum(sha256: str | None) -> KnownModel | None:
    """The row whose file has this SHA-256."""
    return next((one for one in KNOWN if one.sha256 == sha256), None)
