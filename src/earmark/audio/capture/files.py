"""The files of a take that begins."""

from __future__ import annotations

from pathlib import Path

from earmark.audio.journal import FileLayer, JournalWriter
from earmark.audio.manifest import TakeManifest, write_manifest
from earmark.audio.peakfile import PeakWriter
from earmark.model.files import make_folder, sync_folder


class TakeFiles:
    """A new take's files: made in an order in which a death at any moment is understood.

    Journal (locked) and peaks first, then the manifest that names them: one without a lock is a
    take to finish. Raises OSError, having removed again what it made.
    """

    def __init__(
        self, library: Path, manifest: TakeManifest, layer: FileLayer | None = None
    ) -> None:
        self._library, self._manifest = library, manifest
        self._folder = library / manifest.folder
        self._made_folder = not self._folder.exists()
        self._journal_path = library / manifest.journal
        self._peaks_path = library / manifest.peaks
        self.journal: JournalWriter | None = None
        self.peaks: PeakWriter | None = None
        made: list[Path] = []
        try:
            make_folder(self._folder)
            self.journal = JournalWriter(
                self._journal_path, manifest.take, manifest.rate, manifest.channels, layer=layer
            )
            made.append(self._journal_path)
            made.append(self._peaks_path)
            self.peaks = PeakWriter(self._peaks_path, manifest.rate)
            sync_folder(self._folder)
            write_manifest(library, manifest)
        except OSError:
            self._remove(made)
            raise

    def close(self) -> None:
        """Lets the files and the journal's lock go."""
        for file in (self.peaks, self.journal):
            if file is not None:
                file.close()
        self.peaks = self.journal = None

    def undo(self) -> None:
        """Nothing was recorded: as if the take had never been asked for."""
        self._remove([self._manifest.path(self._library), self._peaks_path, self._journal_path])

    def _remove(self, made: list[Path]) -> None:
        for path in made:
            path.unlink(missing_ok=True)
        self.close()
        if self._made_folder and self._folder.is_dir() and not any(self._folder.iterdir()):
            self._folder.rmdir()
