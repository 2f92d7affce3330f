"""Fetching one model: into `*.part`, resumed where it broke off, verified before it counts."""

from __future__ import annotations

import contextlib
import http.client
import os
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any, BinaryIO
from urllib.error import HTTPError

from earmark.model import Busy, EarmarkError, UnusableMedia
from earmark.model.files import FILE_MODE
from earmark.model.i18n import _

from .connection import Connection
from .known import KnownModel
from .model_storage import Cancelled, DownloadCancelled, Progress, check_room, disk_error, sum_of

try:
    import fcntl
except ImportError:  # Windows: two downloads of one model at once end in the check of the sum
    fcntl = None  # type: ignore[assignment]

CHUNK = 1 << 17
_MOST = 8 << 30
"""Bytes, where the size is not known."""
_TRIES = 4
"""How often in a row a connection may break off without bringing anything."""
_RANGE = re.compile(r"bytes (\d+)-\d+/(?:\d+|\*)", re.ASCII)
_LENGTH = re.compile(r"bytes \*/(\d+)", re.ASCII)


def download(
    model: KnownModel, part: Path, base: str | None, progress: Progress, cancelled: Cancelled
) -> None:
    """Makes `part` the model's whole, verified file, durable on disk.

    `progress` is told 0…1. Raises DownloadCancelled, DiskFull, Busy, UnusableMedia (another file
    came: `part` is gone) and EarmarkError (the network: `part` is kept, the next time goes on).
    """
    with _held(part) as file:
        url = model.url if base is None else base + model.address
        transfer = _Transfer(model, part, file, url, base is not None, progress, cancelled)
        transfer.run()
        try:
            os.fsync(file.fileno())
            size = file.seek(0, os.SEEK_END)
            right = size == (model.bytes or size) and sum_of(file, cancelled) == model.sha256
            if not right:
                part.unlink()
        except OSError as error:
            raise disk_error(error) from error
        if not right:
            raise UnusableMedia(
                _("What came is not the model “{name}”: its checksum is wrong.").format(
                    name=model.name
                ),
                _("It was thrown away. Download it again."),
            )


@contextlib.contextmanager
def _held(part: Path) -> Iterator[BinaryIO]:
    """The part file, unbuffered, for nobody else. An empty one is not left behind."""
    try:
        fd = os.open(part, os.O_RDWR | os.O_CREAT, FILE_MODE)
    except OSError as error:
        raise disk_error(error) from error
    with os.fdopen(fd, "r+b", buffering=0) as file:
        if fcntl is not None:
            try:
                fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except OSError as error:
                raise Busy(
                    _("This model is being downloaded already."), _("Wait until it is there.")
                ) from error
        try:
            yield file
        finally:
            if os.fstat(file.fileno()).st_size == 0:
                part.unlink(missing_ok=True)


class _Transfer:
    """Brings the missing bytes; after a break it goes on where it was."""

    def __init__(
        self,
        model: KnownModel,
        part: Path,
        file: BinaryIO,
        url: str,
        local: bool,
        progress: Progress,
        cancelled: Cancelled,
    ) -> None:
        self._model = model
        self._part = part
        self._file = file
        self._url = url
        self._connection = Connection(local=local)
        self._progress = progress
        self._cancelled = cancelled

    def run(self) -> None:
        """All bytes are there, or it raises."""
        size = self._model.bytes
        if (at := self._end()) > (size or _MOST):
            at = self._begin_anew()
        if at == size:
            return
        check_room(self._part.parent, self._model.room - at)
        tries = 0
        with self._connection.cancel_when(self._cancelled):
            while True:
                self._look()
                whole, trouble = self._attempt(at)
                self._look()
                if whole:
                    return
                came, at = self._end() > at, self._end()
                tries = 0 if came else tries + 1
                if tries >= _TRIES:
                    raise _network_error(trouble) from trouble

    def _attempt(self, at: int) -> tuple[bool, Exception | None]:
        """One request; whether everything is there now, and else what went wrong."""
        try:
            with contextlib.closing(self._connection.open(self._url, at)) as response:
                return self._receive(response, at), None
        except HTTPError as error:
            error.close()
            if error.code == http.HTTPStatus.REQUESTED_RANGE_NOT_SATISFIABLE and at:
                length = _LENGTH.fullmatch(error.headers.get("Content-Range", ""))
                if length is not None and int(length[1]) == at:
                    return True, None
                self._begin_anew()
            elif error.code < 500:
                raise _answer_error(error.code) from error
            return False, error
        except (OSError, http.client.HTTPException) as error:
            return False, error

    def _receive(self, response: Any, at: int) -> bool:
        """Writes what comes; whether all of it came."""
        if at and not _goes_on(response, at):
            at = self._begin_anew()  # a server that knows no ranges
        size = self._model.bytes
        length = response.headers.get("Content-Length") or ""
        total = at + int(length) if length.isdecimal() else None
        if size is not None and total not in (None, size):
            raise EarmarkError(
                _("The server has another file under the name of “{name}”.").format(
                    name=self._model.name
                ),
                _("Download it later, or add the model from a file."),
            )
        whole = size or total
        if whole is not None:
            check_room(self._part.parent, whole - at)
        most = whole or _MOST
        while at < most:
            data = response.read1(min(CHUNK, most - at))
            self._look()
            if not data:
                break
            at = self._write(data, at)
            self._progress(min(1.0, at / (whole or self._model.room)))
        return at == (whole or at)

    def _write(self, data: bytes, at: int) -> int:
        try:
            self._file.seek(at)
            rest = memoryview(data)
            while rest:
                rest = rest[self._file.write(rest) :]
        except OSError as error:
            raise disk_error(error) from error
        return at + len(data)

    def _begin_anew(self) -> int:
        self._file.truncate(0)
        return 0

    def _end(self) -> int:
        return self._file.seek(0, os.SEEK_END)

    def _look(self) -> None:
        if self._cancelled():
            raise DownloadCancelled


def _goes_on(response: Any, at: int) -> bool:
    """Whether the answer is the part of the file that was asked for."""
    given = _RANGE.fullmatch(response.headers.get("Content-Range") or "")
    partial = response.status == http.HTTPStatus.PARTIAL_CONTENT
    return partial and given is not None and int(given[1]) == at


def _answer_error(code: int) -> EarmarkError:
    if code in (404, 410):
        return EarmarkError(
            _("The server no longer has this model."),
            _("Get its file another way and add it: “earmark models add FILE”."),
        )
    return EarmarkError(
        _("The server refuses to give the model (answer {code}).").format(code=code),
        _("Try again later, or add the model from a file."),
    )


def _network_error(trouble: Exception | None) -> EarmarkError:
    reason = getattr(trouble, "reason", None) or trouble
    if isinstance(trouble, HTTPError):
        reason = _("answer {code}").format(code=trouble.code)
    return EarmarkError(
        _("The download broke off: {reason}.").format(
            reason=str(reason).rstrip(".") if trouble is not None else _("no data came")
        ),
        _("Look at the network and download it again: it goes on where it stopped."),
    )
