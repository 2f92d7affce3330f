"""Whether a file is a whole speech model, told in one sentence; no engine is involved."""

from __future__ import annotations

import stat
from dataclasses import dataclass
from pathlib import Path

from earmark.model import EarmarkError, UnusableMedia
from earmark.model.given import no_file
from earmark.model.i18n import _

from .ggml import WrongFile, read_model
from .languages import languages_of


@dataclass(frozen=True, slots=True)
class ModelFacts:
    """What a model's file says of itself. `coding`: f16, q5_0 and the like."""

    bytes: int
    coding: str
    languages: tuple[str, ...]
    mel_bands: int
    vocabulary: int
    audio_layers: int
    text_layers: int
    text_positions: int


def check_model(path: Path) -> ModelFacts:
    """Reads magic, header, filters, vocabulary and the frame of every tensor to the last byte.

    Raises NotFound where there is no file, UnusableMedia for everything else that is wrong.
    """
    try:
        found = path.stat()
        if not stat.S_ISREG(found.st_mode):
            raise WrongFile("no file", "foreign")
        with path.open("rb") as file:
            header = read_model(file, found.st_size)
    except (FileNotFoundError, NotADirectoryError) as error:
        raise no_file(path, _("Choose the model's file again.")) from error
    except WrongFile as wrong:
        raise _unusable(path.name, wrong) from wrong
    except (OSError, ValueError) as error:
        reason = getattr(error, "strerror", None) or str(error)
        raise UnusableMedia(
            _("“{name}” cannot be read: {reason}.").format(name=path.name, reason=reason),
            _("Look at its permissions and its disk."),
        ) from error
    assert header.coding is not None, "checked with the header"
    return ModelFacts(
        found.st_size,
        header.coding.name,
        languages_of(header.languages),
        header.mel_bands,
        header.vocabulary,
        header.audio_layers,
        header.text_layers,
        header.text_positions,
    )


def _unusable(name: str, wrong: WrongFile) -> EarmarkError:
    """The sentence for what is wrong with the file."""
    remedy = _("Download the model again, or choose another file.")
    match wrong.kind:
        case "cut":
            what = _("“{name}” is cut off: the end of the model is missing.")
        case "gguf":
            what = _("“{name}” is a GGUF file, which the speech engine cannot read.")
            remedy = _("Choose a Whisper model in the form of whisper.cpp: “ggml-….bin”.")
        case "page":
            what = _("“{name}” is a web page or a pointer to a model, not the model itself.")
        case "silero":
            what = _("“{name}” only tells speech from silence (Silero); it knows no words.")
            remedy = _("Choose a Whisper model: “ggml-base.bin”, for example.")
        case "f32":
            what = _("“{name}” is a model in full precision (f32), which ends the engine at once.")
            remedy = _("Choose its f16 or its quantised form.")
        case "coding":
            what = _("“{name}” is quantised in a way that Earmark does not know.")
            remedy = _("Choose its f16 form, or q4_0, q4_1, q5_0, q5_1 or q8_0.")
        case "foreign":
            what = _("“{name}” is no speech model.")
            remedy = _("Choose a Whisper model in the form of whisper.cpp: “ggml-….bin”.")
        case _:
            what = _("“{name}” is a broken speech model.")
    return UnusableMedia(what.format(name=name), remedy)
