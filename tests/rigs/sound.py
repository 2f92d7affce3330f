"""A private sound server with an exact microphone: no sound card, no D-Bus, works as root.

PulseAudio with two null sinks, `mic` and `spk`; `fakemic` is a source remapped from `mic`'s
monitor. Whatever is played to `mic` is heard by the default source; whatever the program plays
lands in `spk`, whose monitor the tests listen to.
"""

from __future__ import annotations

import array
import contextlib
import os
import shutil
import signal
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Iterator
from pathlib import Path

from waiting import wait_until

RATE = 48_000
CONFIG = """\
load-module module-native-protocol-unix
load-module module-null-sink sink_name=mic rate=48000 channels=2
load-module module-null-sink sink_name=spk rate=48000 channels=2
load-module module-remap-source master=mic.monitor source_name=fakemic \
 source_properties=device.description=FakeMic
set-default-sink spk
set-default-source fakemic
"""
ASOUNDRC = "pcm.!default { type pulse }\nctl.!default { type pulse }\n"


def available() -> bool:
    return all(shutil.which(tool) for tool in ("pulseaudio", "pactl", "parec", "paplay"))


def coded_sample(index: int) -> int:
    """Frame `index` of the exact microphone: its low 15 bits; each 1,024th holds the high part."""
    return -(1 + (index >> 15)) if index & 1023 == 0 else index & 0x7FFF


def coded_index(samples: array.array[int], at: int) -> int | None:
    """The source's index of the frame at `at` of a recording, read off the samples around it.

    None where the stretch around `at` holds no coded sound (a gap, silence).
    """
    for i in range(at, min(at + 3072, len(samples))):
        high = samples[i]
        follows = i + 1 < len(samples) and samples[i + 1] == 1
        if high < 0 and (follows or (i + 1 < len(samples) and samples[i + 1] & 1023 == 1)):
            low = samples[i + 1] - 1
            return ((-high - 1) << 15) + low - (i - at)
    return None


def end(process: subprocess.Popen[bytes] | None) -> None:
    """Ends a process this test started, by its own id, even when it was stopped."""
    if process is None or process.poll() is not None:
        return
    for signum in (signal.SIGCONT, signal.SIGTERM):
        with contextlib.suppress(ProcessLookupError):
            process.send_signal(signum)
    try:
        process.wait(10)
    except subprocess.TimeoutExpired:
        process.kill()
        process.wait(10)
    for stream in (process.stdin, process.stdout, process.stderr):
        if stream is not None:
            with contextlib.suppress(BrokenPipeError):
                stream.close()


class ExactMic:
    """A pipe source fed, paced by the monotonic clock, with samples that carry their own index.

    `t0` is the monotonic time (s) of index 0. `name` is the PulseAudio source. Indices begin
    at `first`, so that several can be told apart.
    """

    def __init__(self, server: SoundServer, name: str, seconds: float, first: int = 0) -> None:
        self.server = server
        self.name = name
        self.fifo = server.folder / f"{name}.fifo"
        self.module = server.load_module(
            "module-pipe-source", f"source_name={name}", f"file={self.fifo}",
            "rate=48000", "channels=1", "format=s16le",
        )  # fmt: skip
        t0_file = server.folder / f"{name}.t0"
        self._feeder = subprocess.Popen(
            [sys.executable, __file__, str(self.fifo), str(seconds), str(t0_file), str(first)],
            env=server.env,
        )
        text = wait_until(
            lambda: t0_file.read_text() if t0_file.exists() else "", what="exact microphone"
        )
        self.t0 = float(text) - first / RATE
        # a source nobody listens to is suspended: its pipe would fill up with old sound
        self._keep = subprocess.Popen(
            ["parec", "-d", name, "--latency-msec=10"], env=server.env, stdout=subprocess.DEVNULL
        )

    def index_at(self, monotonic_s: float) -> float:
        """Which index was spoken at a monotonic time."""
        return (monotonic_s - self.t0) * RATE

    def close(self) -> None:
        end(self._keep)
        end(self._feeder)
        with contextlib.suppress(subprocess.CalledProcessError):
            self.server.unload(self.module)


class Listener:
    """What a sink plays, recorded from its monitor as mono s16: `samples()` so far.

    `zero` is the monotonic time (s) at which sample 0 was heard: the lower envelope of
    arrival minus samples, so that late deliveries do not count.
    """

    def __init__(self, server: SoundServer, sink: str) -> None:
        self.started = time.monotonic()
        self.zero = float("inf")
        self._data = bytearray()
        self._process = subprocess.Popen(
            ["parec", "-d", f"{sink}.monitor", "--latency-msec=5", "--format=s16le",
             "--rate=48000", "--channels=1", "--raw"],
            env=server.env, stdout=subprocess.PIPE, bufsize=0,
        )  # fmt: skip
        self._reader = threading.Thread(target=self._read)
        self._reader.start()

    def _read(self) -> None:
        assert self._process.stdout is not None
        while data := self._process.stdout.read(65536):
            self._data += data
            self.zero = min(self.zero, time.monotonic() - len(self._data) / 2 / RATE)

    @property
    def arrived(self) -> int:
        """The number of the next sample: what sounds from now on has none before it.

        A time does not tell that so surely: what a busy machine drops on the way is not numbered.
        """
        return len(self._data) // 2

    def samples(self, since: int = 0) -> array.array[int]:
        """All samples from number `since` on that have arrived."""
        data = bytes(self._data[since * 2 :])
        found = array.array("h")
        found.frombytes(data[: len(data) // 2 * 2])
        return found

    def number_at(self, monotonic_s: float) -> int:
        """Which sample was heard at a monotonic time."""
        return round((monotonic_s - self.zero) * RATE)

    def close(self) -> None:
        if self._process.poll() is None:
            self._process.terminate()
        self._reader.join()
        end(self._process)
        assert self._process.stdout is not None
        self._process.stdout.close()


class SoundServer:
    """A private PulseAudio. Give `.env` to every process that is to hear or use it."""

    name = "PulseAudio"

    @staticmethod
    def available() -> bool:
        return available()

    def __init__(self) -> None:
        self.folder = Path(tempfile.mkdtemp(prefix="earmark-sound-"))
        runtime = self.folder / "runtime"
        for folder in (runtime, runtime / "pulse", self.folder / "state", self.folder / "home"):
            folder.mkdir(mode=0o700)
        (self.folder / "home" / ".asoundrc").write_text(ASOUNDRC)
        (self.folder / "client.conf").write_text("autospawn = no\n")
        config = self.folder / "server.pa"
        config.write_text(CONFIG)
        self.env = {
            **{k: v for k, v in os.environ.items() if not k.startswith(("PULSE_", "XDG_"))},
            "XDG_RUNTIME_DIR": str(runtime),
            "PULSE_RUNTIME_PATH": str(runtime / "pulse"),
            "PULSE_STATE_PATH": str(self.folder / "state"),
            "PULSE_COOKIE": str(self.folder / "cookie"),
            "PULSE_CLIENTCONFIG": str(self.folder / "client.conf"),
            "HOME": str(self.folder / "home"),
        }
        self._config = config
        self._server: subprocess.Popen[bytes] | None = None
        self._keep: subprocess.Popen[bytes] | None = None
        self._mics: list[ExactMic] = []
        self._listeners: list[Listener] = []
        self.start()

    @property
    def pid(self) -> int:
        assert self._server is not None
        return self._server.pid

    def start(self) -> None:
        self._server = subprocess.Popen(
            ["pulseaudio", "-n", "-F", str(self._config), "--daemonize=no", "--use-pid-file=no",
             "--exit-idle-time=-1", "--disallow-exit",
             f"--log-target=newfile:{self.folder / 'pulse.log'}"],
            env=self.env,
        )  # fmt: skip
        wait_until(self.answers, what="the sound server")
        # holds the null sinks at a low latency: else first data comes up to 2 s late
        self._keep = subprocess.Popen(
            ["parec", "-d", "mic.monitor", "--latency-msec=10"],
            env=self.env, stdout=subprocess.DEVNULL,
        )  # fmt: skip

    def answers(self) -> bool:
        done = subprocess.run(
            ["pactl", "info"], env=self.env, capture_output=True, timeout=30, check=False
        )
        return done.returncode == 0

    def stop(self) -> None:
        end(self._keep)
        if self._server is not None and self._server.poll() is None:
            self._server.kill()
            self._server.wait(10)

    def pactl(self, *args: str) -> str:
        return subprocess.run(
            ["pactl", *args], env=self.env, check=True, capture_output=True, text=True, timeout=60
        ).stdout

    def load_module(self, *args: str) -> int:
        return int(self.pactl("load-module", *args).strip())

    def unload(self, module: int) -> None:
        self.pactl("unload-module", str(module))

    def play_to_mic(self, path: Path, sink: str = "mic") -> subprocess.Popen[bytes]:
        """Plays a file into the microphone; end it with `end(...)` or let it run out."""
        return subprocess.Popen(
            ["paplay", "-d", sink, "--latency-msec=20", str(path)], env=self.env
        )

    def exact_mic(self, name: str = "exact", seconds: float = 3600, first: int = 0) -> ExactMic:
        mic = ExactMic(self, name, seconds, first)
        self._mics.append(mic)
        return mic

    def capture_monitor(self, sink: str = "spk") -> Listener:
        listener = Listener(self, sink)
        self._listeners.append(listener)
        wait_until(listener.samples, what=f"the monitor of {sink}")
        return listener

    def close(self) -> None:
        for listener in self._listeners:
            listener.close()
        for mic in self._mics:
            mic.close()
        self.stop()
        shutil.rmtree(self.folder, ignore_errors=True)


class PipeWireServer(SoundServer):
    """The same on a private PipeWire with its own session manager and D-Bus."""

    name = "PipeWire"

    @staticmethod
    def available() -> bool:
        programs = ("pipewire", "pipewire-pulse", "wireplumber", "dbus-daemon")
        return available() and all(shutil.which(program) for program in programs)

    _programs: list[subprocess.Popen[bytes]]

    def start(self) -> None:
        runtime = self.folder / "runtime"
        # what the session manager remembers of streams stays in `home`
        self.env |= {"PULSE_RUNTIME_PATH": str(runtime / "pulse"), "XDG_STATE_HOME": str(runtime)}
        address = f"unix:path={runtime / 'bus'}"
        self._programs = []
        self._run(["dbus-daemon", "--session", "--nofork", "--nopidfile", f"--address={address}"])
        self.env["DBUS_SESSION_BUS_ADDRESS"] = address
        wait_until((runtime / "bus").exists, what="D-Bus")
        self._run(["pipewire"])
        wait_until((runtime / "pipewire-0").exists, what="PipeWire")
        self._run(["wireplumber"])
        self._run(["pipewire-pulse"])
        wait_until(self.answers, what="the sound server")
        for sink in ("mic", "spk"):
            self.load_module("module-null-sink", f"sink_name={sink}", "rate=48000", "channels=2")
        self.load_module("module-remap-source", "master=mic.monitor", "source_name=fakemic")
        wait_until(lambda: self._becomes_default("sink", "spk"), what="the session manager")
        wait_until(lambda: self._becomes_default("source", "fakemic"), what="the session manager")

    def _run(self, command: list[str]) -> None:
        with (self.folder / f"{command[0]}.log").open("ab") as log:
            self._programs.append(
                subprocess.Popen(command, env=self.env, stdout=log, stderr=subprocess.STDOUT)
            )

    def _becomes_default(self, kind: str, name: str) -> bool:
        """Refused until the session manager is there."""
        with contextlib.suppress(subprocess.CalledProcessError):
            self.pactl(f"set-default-{kind}", name)
        return f"Default {kind.title()}: {name}" in self.pactl("info")

    @property
    def pid(self) -> int:
        return self._programs[1].pid

    def stop(self) -> None:
        for program in reversed(self._programs):
            end(program)


@contextlib.contextmanager
def sound_server(kind: type[SoundServer] = SoundServer) -> Iterator[SoundServer]:
    server = kind()
    try:
        yield server
    finally:
        server.close()


def _feed(fifo: str, seconds: float, t0_file: str, first: int) -> None:
    import contextlib as ctx

    with ctx.suppress(OSError):
        os.sched_setscheduler(0, os.SCHED_FIFO, os.sched_param(5))
    fd = os.open(fifo, os.O_WRONLY)
    zero = time.monotonic()
    part = Path(t0_file + ".part")
    part.write_text(repr(zero))
    part.replace(t0_file)
    sent = 0
    while (now := time.monotonic()) - zero < seconds:
        target = int((now - zero) * RATE)
        if target > sent:
            block = array.array("h", (coded_sample(first + i) for i in range(sent, target)))
            try:
                os.write(fd, block.tobytes())
            except BrokenPipeError:
                return
            sent = target
        time.sleep(0.005)


if __name__ == "__main__":
    _feed(sys.argv[1], float(sys.argv[2]), sys.argv[3], int(sys.argv[4]))
