"""The jobs by name."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

from earmark.model.errors import UnusableMedia
from earmark.model.i18n import _

from ..pcm import Progress
from .keep import keep
from .silence import silence

Job = Callable[[dict[str, Any], Progress], dict[str, Any]]


def bring_in(job: dict[str, Any], progress: Progress) -> dict[str, Any]:
    """A stranger's media file as a take of the session in `folder`."""
    from ..media import bring_in as bring

    came = bring(
        Path(job["source"]),
        Path(job["library"], job["folder"]),
        int(job["ordinal"]),
        job["take"],
        progress,
        job.get("track"),
    )
    return came.to_message(job["folder"])


def peaks(job: dict[str, Any], progress: Progress) -> dict[str, Any]:
    """Makes the peaks of a sound file of the library again."""
    import soundfile as sf

    from ..peak_maker import make_peaks

    library = Path(job["library"])
    try:
        frames = make_peaks(library / job["source"], library / job["target"], progress)
    except sf.LibsndfileError as error:
        raise UnusableMedia(
            _("This take's sound file cannot be read."),
            _("Bring the file back from a backup of the library."),
        ) from error
    return {"peaks": job["target"], "frames": frames}


def adopt(job: dict[str, Any], progress: Progress) -> dict[str, Any]:
    """Files that came with a share: each take's is decoded wholly, the others looked at."""
    from ..media import shared_sound as adopting

    folder = Path(job["library"], job["folder"])
    takes = job["takes"]
    total = max(1, sum(int(take["frames"]) for take in takes))
    made, done = [], 0
    for take in takes:
        frames = int(take["frames"])

        def tell(share: float, at: int = done, frames: int = frames) -> None:
            progress((at + share * frames) / total)

        codec = adopting.adopt(
            folder / take["source"],
            folder / take["peaks"],
            int(take["rate"]),
            int(take["channels"]),
            frames,
            tell,
        )
        made.append({"take": take["take"], "codec": codec})
        done += frames
    for name in job["others"]:
        adopting.check_sound(folder / name)
    return {"takes": made}


def cut_out(job: dict[str, Any], progress: Progress) -> dict[str, Any]:
    """The one stream of a shared page becomes a FLAC for each take."""
    from ..media import shared_sound as adopting

    folder = Path(job["library"], job["folder"])
    takes = [adopting.CutOut(**take) for take in job["takes"]]
    return {"takes": adopting.cut_out(folder / job["source"], folder, takes, progress)}


JOBS: dict[str, Job] = {
    "keep": keep,
    "import": bring_in,
    "peaks": peaks,
    "adopt": adopt,
    "cut-out": cut_out,
    "silence": silence,
}
