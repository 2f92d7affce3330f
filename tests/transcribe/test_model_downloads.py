"""Models from a server on this computer: whole and verified, or one sentence and nothing else."""

from __future__ import annotations

import gc
import hashlib
import http.server
import shutil
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest
from modelserver import ModelServer, model_server
from tinyfile import SHA256, tiny_model

import earmark.transcribe.models as models_module
from earmark.model import Busy, DiskFull, EarmarkError, NotFound, UnusableMedia
from earmark.transcribe import download as download_module
from earmark.transcribe.connection import check_base, is_loopback
from earmark.transcribe.download import download
from earmark.transcribe.known import KNOWN, KnownModel
from earmark.transcribe.models import DownloadCancelled, Models

TINY = KnownModel("tiny-test", 3, SHA256, ("en",), len(tiny_model()))
FILE = "ggml-tiny-test.bin"


@pytest.fixture(autouse=True)
def table(monkeypatch: pytest.MonkeyPatch):
    """The tiny model stands in the table, too."""
    monkeypatch.delenv("EARMARK_MODELS", raising=False)
    monkeypatch.delenv("EARMARK_MODEL_HOST", raising=False)
    for name in ("known", "known_by_sum"):
        there = getattr(models_module, name)
        key = "tiny-test" if name == "known" else SHA256
        monkeypatch.setattr(
            models_module, name, lambda v, key=key, there=there: TINY if v == key else there(v)
        )


@pytest.fixture
def server() -> Iterator[ModelServer]:
    with model_server(tiny_model()) as server:
        yield server


@pytest.fixture
def models(tmp_path: Path) -> Models:
    return Models(tmp_path / "models")


def part(models: Models) -> Path:
    return models.folder / f"{FILE}.part"


def stopping_after(fraction: float, seen: list[float | None]):
    """Progress and cancelled: cancels once so much is there."""

    def progress(done: float | None) -> None:
        seen.append(done)

    return progress, lambda: bool(seen) and (seen[-1] or 0) >= fraction


def test_a_model_comes_whole_and_verified(models: Models, server: ModelServer):
    seen: list[float | None] = []
    info = models.get("tiny-test", seen.append, base_url=server.url)
    assert info.installed and info.known and info.sha256 == SHA256
    assert info.path is not None and info.path.read_bytes() == tiny_model()
    assert seen[-1] == 1.0 and seen == sorted(seen) and len(seen) > 3
    assert server.asked == [(TINY.address, None)]
    assert sorted(p.name for p in models.folder.iterdir()) == [FILE, f"{FILE}.json"]
    assert info.path.stat().st_mode & 0o777 == 0o600
    assert models.path("tiny-test") == info.path


def test_one_that_is_there_is_not_fetched_again(models: Models, server: ModelServer):
    models.get("tiny-test", base_url=server.url)
    assert models.get("tiny-test", base_url=server.url).installed
    assert len(server.asked) == 1


def test_a_cancelled_download_goes_on_where_it_stopped(models: Models, server: ModelServer):
    seen: list[float | None] = []
    with pytest.raises(DownloadCancelled):
        models.get("tiny-test", *stopping_after(0.3, seen), base_url=server.url)
    came = part(models).stat().st_size
    assert 0 < came < len(tiny_model())
    assert models.info("tiny-test").part == came
    assert not models.info("tiny-test").installed
    assert models.get("tiny-test", base_url=server.url).installed
    assert server.asked[-1] == (TINY.address, f"bytes={came}-")
    assert not part(models).exists()


@pytest.mark.parametrize("mode", ["no_range", "odd_range"])
def test_a_server_without_ranges_begins_anew(models: Models, server: ModelServer, mode: str):
    with pytest.raises(DownloadCancelled):
        models.get("tiny-test", *stopping_after(0.3, []), base_url=server.url)
    server.mode = mode
    info = models.get("tiny-test", base_url=server.url)
    assert info.path is not None and info.path.read_bytes() == tiny_model()


def test_a_part_of_something_else_ends_in_the_checksum(models: Models, server: ModelServer):
    models.folder.mkdir()
    part(models).write_bytes(b"x" * 1000)
    with pytest.raises(UnusableMedia):
        models.get("tiny-test", base_url=server.url)
    assert not part(models).exists()
    assert models.get("tiny-test", base_url=server.url).installed


def test_a_part_that_is_too_long_is_begun_anew(models: Models, server: ModelServer):
    models.folder.mkdir()
    part(models).write_bytes(tiny_model() + b"more")
    assert models.get("tiny-test", base_url=server.url).installed
    assert server.asked == [(TINY.address, None)]


def test_a_whole_part_only_needs_verifying(models: Models, server: ModelServer):
    models.folder.mkdir()
    part(models).write_bytes(tiny_model())
    assert models.get("tiny-test", base_url=server.url).installed
    assert server.asked == []


def test_a_connection_that_breaks_off_is_taken_up_again(models: Models, server: ModelServer):
    server.mode = "flaky"
    assert models.get("tiny-test", base_url=server.url).installed
    assert len(server.asked) >= 3
    assert all(asked[1] is not None for asked in server.asked[1:])


def test_a_flipped_bit_is_refused_and_nothing_is_kept(models: Models, server: ModelServer):
    server.mode = "flipped"
    with pytest.raises(UnusableMedia, match="checksum"):
        models.get("tiny-test", base_url=server.url)
    assert list(models.folder.iterdir()) == []
    assert not models.info("tiny-test").installed


def test_every_flipped_byte_is_refused(tmp_path: Path, server: ModelServer):
    """Any one byte of a (small) file: it is the sum that decides, whatever the file is."""
    data = bytes(range(256)) * 2
    model = KnownModel("tiny-test", 1, hashlib.sha256(data).hexdigest(), ("en",), len(data))
    target = tmp_path / "x.part"
    for at in range(0, len(data), 7):
        server.data = data[:at] + bytes([data[at] ^ 0x10]) + data[at + 1 :]
        with pytest.raises(UnusableMedia):
            download(model, target, server.url, lambda _f: None, lambda: False)
        assert not target.exists()


def test_a_server_that_ends_early_for_good_keeps_the_part(models: Models, server: ModelServer):
    server.mode = "short"
    with pytest.raises(EarmarkError, match="broke off"):
        models.get("tiny-test", base_url=server.url)
    assert part(models).stat().st_size == len(tiny_model()) // 2
    server.mode = "fine"
    assert models.get("tiny-test", base_url=server.url).installed


def test_a_file_of_another_size_is_refused_before_it_comes(models: Models, server: ModelServer):
    server.mode = "silent_short"
    with pytest.raises(EarmarkError, match="another file"):
        models.get("tiny-test", base_url=server.url)
    assert list(models.folder.iterdir()) == []


def test_without_a_known_size_the_checksum_decides(models: Models, server, monkeypatch):
    unsized = KnownModel("tiny-test", 3, SHA256, ("en",))
    monkeypatch.setattr(models_module, "known", lambda _name: unsized)
    server.mode = "silent_short"
    with pytest.raises(UnusableMedia):
        models.get("tiny-test", base_url=server.url)
    server.mode = "flaky"
    assert models.get("tiny-test", base_url=server.url).installed


@pytest.mark.parametrize(
    ("mode", "words"), [("missing", "no longer"), ("error", "broke off"), ("away", "broke off")]
)
def test_what_the_server_answers_is_one_sentence(models, server, mode: str, words: str):
    server.mode = mode
    with pytest.raises(EarmarkError, match=words) as raised:
        models.get("tiny-test", base_url=server.url)
    assert raised.value.remedy
    assert list(models.folder.iterdir()) == []


def test_no_server_is_one_sentence(models: Models):
    with model_server(b"") as gone:
        url = gone.url
    with pytest.raises(EarmarkError, match="broke off"):
        models.get("tiny-test", base_url=url)


def test_a_redirect_on_the_same_ground_is_followed(models: Models, server: ModelServer):
    server.mode = "redirect"
    assert models.get("tiny-test", base_url=server.url).installed


def test_a_server_that_hangs_is_left_at_once(models: Models, server: ModelServer):
    server.mode = "hang"
    with pytest.raises(DownloadCancelled):
        models.get("tiny-test", cancelled=server.going.is_set, base_url=server.url)
    assert not server.over.is_set()


def test_only_this_computer_stands_in_for_the_pinned_host():
    for url in ("http://127.0.0.1:1", "http://localhost:8000/", "http://[::1]:3"):
        assert is_loopback(url)
        assert check_base(url) == url.rstrip("/")
    for url in (
        "http://example.org", "https://example.org", "ftp://127.0.0.1", "file:///etc/passwd",
        "http://127.0.0.1.example.org", "http://localhost@example.org", "", "http://[", "x",
    ):  # fmt: skip
        with pytest.raises(EarmarkError):
            check_base(url)


def test_the_pinned_addresses_are_https_with_a_revision():
    assert len({row.name for row in KNOWN}) == len(KNOWN)
    assert len({row.sha256 for row in KNOWN}) == len(KNOWN)
    for row in KNOWN:
        assert row.url.startswith("https://huggingface.co/ggerganov/whisper.cpp/resolve/5359861c")
        assert row.url.endswith(f"/ggml-{row.name}.bin")
        assert len(row.sha256) == 64
        if row.bytes is not None:
            assert abs(row.bytes / (1 << 20) - row.mib) < 1
        assert row.good_for and row.licence == "MIT"
        assert row.languages == ("en",) or len(row.languages) in (99, 100)
    assert [row.name for row in KNOWN if row.use == "live"] == ["base"]
    assert [row.name for row in KNOWN if row.use == "after"] == ["small"]


# Python before 3.11.3 leaves the answer open when a proxy refuses a tunnel (http.client._tunnel).
@pytest.mark.filterwarnings("ignore:unclosed <socket:ResourceWarning")
def test_the_persons_proxy_is_used(models: Models, monkeypatch: pytest.MonkeyPatch):
    """The pinned host is asked for through it (which refuses: nothing leaves this computer)."""
    asked: list[str] = []

    class Proxy(http.server.BaseHTTPRequestHandler):
        def do_CONNECT(self) -> None:
            asked.append(self.path)
            self.send_error(403)

        def log_message(self, *_words: object) -> None:
            pass

    with http.server.HTTPServer(("127.0.0.1", 0), Proxy) as proxy:
        thread = threading.Thread(target=proxy.serve_forever, kwargs={"poll_interval": 0.01})
        thread.start()
        for name in ("https_proxy", "HTTPS_PROXY"):
            monkeypatch.setenv(name, f"http://127.0.0.1:{proxy.server_address[1]}")
        for name in ("no_proxy", "NO_PROXY"):
            monkeypatch.delenv(name, raising=False)
        try:
            with pytest.raises(EarmarkError, match="broke off"):
                models.get("tiny-test")
        finally:
            proxy.shutdown()
            thread.join()
    assert asked and set(asked) == {"huggingface.co:443"}
    gc.collect()


def test_a_full_disk_is_told_before_anything_is_asked(models, server, monkeypatch):
    usage = shutil.disk_usage("/")
    monkeypatch.setattr(shutil, "disk_usage", lambda _p: usage._replace(free=10_000_000))
    with pytest.raises(DiskFull, match="MB"):
        models.get("tiny-test", base_url=server.url)
    assert server.asked == []


def test_a_disk_that_fills_up_meanwhile_keeps_the_part(models, server, monkeypatch):
    """The device that is always full stands for the disk."""
    real = download_module._Transfer._write

    def write(self: download_module._Transfer, data: bytes, at: int) -> int:
        if at > 1_000_000:
            self._file = _Full(self._file)  # type: ignore[assignment]
        return real(self, data, at)

    monkeypatch.setattr(download_module._Transfer, "_write", write)
    with pytest.raises(DiskFull):
        models.get("tiny-test", base_url=server.url)
    assert part(models).stat().st_size > 1_000_000


class _Full:
    """A file whose disk has become full."""

    def __init__(self, file: object) -> None:
        self._file = file

    def __getattr__(self, name: str) -> object:
        return getattr(self._file, name)

    def write(self, data: bytes) -> int:
        with Path("/dev/full").open("r+b", buffering=0) as full:
            return full.write(data) or 0


def test_two_at_once_are_told_apart(models: Models, server: ModelServer):
    server.mode = "hang"
    stop = threading.Event()
    ends: list[BaseException] = []

    def first() -> None:
        try:
            models.get("tiny-test", cancelled=stop.is_set, base_url=server.url)
        except BaseException as error:  # noqa: BLE001 - looked at below
            ends.append(error)

    thread = threading.Thread(target=first)
    thread.start()
    try:
        assert server.going.wait(60)
        with pytest.raises(Busy):
            models.get("tiny-test", base_url=server.url)
    finally:
        stop.set()
        thread.join()
    assert isinstance(ends[0], DownloadCancelled)


def test_a_name_nobody_knows(models: Models, server: ModelServer):
    for name in ("no-such", "../../etc/passwd", "", "ggml-base.bin"):
        with pytest.raises(NotFound):
            models.get(name, base_url=server.url)
    assert server.asked == []
