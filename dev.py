#!/usr/bin/env python3
"""Everything a developer types. Needs only Python 3.11 or newer; sets up the rest by itself.

python3 dev.py run [ARGS…]     start Earmark, for example: run demo
python3 dev.py test [ARGS…]    the tests, with real sound and a real window; --nightly: all of them
python3 dev.py check           format, lint, types, import contracts, fast tests
python3 dev.py bench [NAMES…]  the figures the project promises
python3 dev.py screenshots     the pictures of the README, from the real window
"""

from __future__ import annotations

import ctypes
import hashlib
import os
import shutil
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parent
VENV = ROOT / ".venv"
BIN = VENV / ("Scripts" if os.name == "nt" else "bin")
PYTHON = BIN / ("python.exe" if os.name == "nt" else "python")

# what the wheels do not bring: library -> Debian package (Debian 13 calls some …t64, for example
# libglib2.0-0t64, and these provide the older names: apt-get finds them by either)
WINDOW_LIBRARIES = {
    "libglib-2.0.so.0": "libglib2.0-0",
    "libEGL.so.1": "libegl1",
    "libGL.so.1": "libgl1",
    "libdbus-1.so.3": "libdbus-1-3",
    "libfontconfig.so.1": "libfontconfig1",
    "libxkbcommon.so.0": "libxkbcommon0",
    "libxkbcommon-x11.so.0": "libxkbcommon-x11-0",
    "libxcb-cursor.so.0": "libxcb-cursor0",
    "libxcb-icccm.so.4": "libxcb-icccm4",
    "libxcb-keysyms.so.1": "libxcb-keysyms1",
    "libxcb-shape.so.0": "libxcb-shape0",
    "libxcb-xkb.so.1": "libxcb-xkb1",
    "libwayland-cursor.so.0": "libwayland-cursor0",
}
SOUND_LIBRARIES = {"libportaudio.so.2": "libportaudio2", "libpulse.so.0": "libpulse0"}
# what makes devices of ALSA's own for the tests that run without a sound server
ALSA_PULSE = ("libasound_module_pcm_pulse.so", "libasound2-plugins")
FONT = ("DejaVuSans.ttf", "fonts-dejavu-core")
# what the tests drive the program with: command -> Debian package
TEST_COMMANDS = {
    "pulseaudio": "pulseaudio",
    "pactl": "pulseaudio-utils",
    "pipewire": "pipewire",
    "pipewire-pulse": "pipewire-pulse",
    "wireplumber": "wireplumber",
    "Xvfb": "xvfb",
    "openbox": "openbox",
    "dbus-daemon": "dbus-daemon",
    "espeak-ng": "espeak-ng",
    "ffmpeg": "ffmpeg",
    "gcc": "gcc",
    "java": "default-jre-headless",  # runs epubcheck
}
TEST_LIBRARIES = {"libvo-amrwbenc.so.0": "libvo-amrwbenc0"}  # writes AMR-WB, which is read
ATSPI = (Path("/usr/libexec/at-spi-bus-launcher"), "at-spi2-core")
LIBC_HEADERS = (Path("/usr/include/stdio.h"), "libc6-dev")


def _loads(library: str) -> bool:
    try:
        ctypes.CDLL(library)
    except OSError:
        return False
    return True


def _found_below(folders: tuple[str, ...], name: str) -> bool:
    return any(next(Path(folder).rglob(name), None) for folder in folders if Path(folder).is_dir())


def missing_packages(*, for_tests: bool) -> list[str]:
    """Debian packages this machine lacks (empty elsewhere than on Linux)."""
    if not sys.platform.startswith("linux"):
        return []
    libraries = {**WINDOW_LIBRARIES, **SOUND_LIBRARIES}
    needed = [package for library, package in libraries.items() if not _loads(library)]
    if not _found_below(("/usr/share/fonts", "/usr/local/share/fonts"), "*.ttf"):
        needed.append(FONT[1])
    try:
        import ensurepip  # noqa: F401
    except ImportError:
        needed.append("python3-venv")
    if for_tests:
        needed += [p for library, p in TEST_LIBRARIES.items() if not _loads(library)]
        needed += [p for command, p in TEST_COMMANDS.items() if not shutil.which(command)]
        if not _found_below(("/usr/lib",), ALSA_PULSE[0]):
            needed.append(ALSA_PULSE[1])
        needed += [package for path, package in (ATSPI, LIBC_HEADERS) if not path.exists()]
    return needed


def install_system_packages(*, for_tests: bool) -> None:
    """Installs what is missing, by name, said aloud; or says what to install and stops."""
    needed = missing_packages(for_tests=for_tests)
    if not needed:
        return
    sudo = [] if os.geteuid() == 0 else ["sudo"]
    if not shutil.which("apt-get") or (sudo and not shutil.which("sudo")):
        sys.exit("Earmark needs these system packages; please install them: " + " ".join(needed))
    print("Installing system packages:", " ".join(needed), flush=True)
    # sudo drops the environment: debconf's setting goes with the command
    apt = [*sudo, "env", "DEBIAN_FRONTEND=noninteractive", "apt-get"]
    subprocess.run([*apt, "update", "-qq"], check=True)
    install = [*apt, "install", "-y", "-qq", "--no-install-recommends", *needed]
    subprocess.run(install, check=True, stdout=subprocess.DEVNULL)


def make_environment(extras: str) -> None:
    """Makes `.venv` with the project in it; does nothing while pyproject.toml stays as it was."""
    stamp = VENV / f".stamp-{extras or 'run'}"
    wanted = hashlib.sha256((ROOT / "pyproject.toml").read_bytes()).hexdigest()
    if stamp.exists() and stamp.read_text() == wanted and PYTHON.exists():
        return
    if not PYTHON.exists():
        print("Making .venv", flush=True)
        subprocess.run([sys.executable, "-m", "venv", str(VENV)], check=True)
    project = f"{ROOT}[{extras}]" if extras else str(ROOT)
    print(f"Installing Earmark{' for ' + extras if extras else ''} into .venv", flush=True)
    pip = [str(PYTHON), "-m", "pip", "--disable-pip-version-check", "install", "--quiet"]
    subprocess.run([*pip, "--editable", project], check=True)
    # PySide6 would unpack and compile its own Python at each start; again after each change, as
    # pip does not know what is laid beside it (docs/decisions/0013)
    unpack = {**_environment(), "SBK_EMBED": "0"}
    subprocess.run([str(PYTHON), "-c", "import shiboken6"], env=unpack, check=False)
    # an editable install is not compiled by pip: half of the window's start would be compiling
    subprocess.run([str(PYTHON), "-m", "compileall", "-q", str(ROOT / "src")], check=False)
    stamp.write_text(wanted)


def _environment() -> dict[str, str]:
    env = dict(os.environ)
    env.pop("PYTHONDONTWRITEBYTECODE", None)
    env["PATH"] = f"{BIN}{os.pathsep}{env.get('PATH', '')}"
    no_screen = not (env.get("DISPLAY") or env.get("WAYLAND_DISPLAY"))
    if sys.platform.startswith("linux") and no_screen:
        env.setdefault("QT_QPA_PLATFORM", "offscreen")
    return env


def _call(*command: str) -> int:
    return subprocess.call([str(PYTHON), *command], cwd=ROOT, env=_environment())


def _call_bench(script: str, args: list[str]) -> int:
    """A script of tests/bench, which stands on the same rigs as the tests."""
    install_system_packages(for_tests=True)
    make_environment("test,transcribe")
    command = [str(PYTHON), str(ROOT / "tests" / "bench" / script), *args]
    env = {**_environment(), "PYTHONPATH": str(ROOT / "tests" / "rigs")}
    return subprocess.call(command, cwd=ROOT, env=env)


def run(args: list[str]) -> int:
    install_system_packages(for_tests=False)
    try:
        make_environment("transcribe")
    except subprocess.CalledProcessError:
        print("No speech engine could be installed; Earmark runs without one.", flush=True)
        make_environment("")
    return _call("-m", "earmark", *args)


def test(args: list[str]) -> int:
    install_system_packages(for_tests=True)
    make_environment("test,transcribe")
    return _call("-m", "pytest", *_workers(args), *args)


def _workers(args: list[str]) -> list[str]:
    """Several processes for many tests, none for one file or a debugger; a `-n` in ARGS wins.

    One more than there are cores: what makes sound, mostly waiting, has one for itself.
    """
    files = {path for arg in args if (path := arg.partition("::")[0]).endswith(".py")}
    folder = any((ROOT / arg).is_dir() for arg in args)
    if (len(files) == 1 and not folder) or {"--pdb", "--trace", "no:xdist"} & set(args):
        return []
    linux = sys.platform.startswith("linux")
    cores = len(os.sched_getaffinity(0)) if linux else os.cpu_count() or 1
    return ["-n", str(cores + 1), "--dist", "loadgroup", "--no-loadscope-reorder"]


def check(args: list[str]) -> int:
    install_system_packages(for_tests=True)
    make_environment("test,dev,transcribe")
    code = ["src", "tests", "dev.py"]
    steps = (
        [str(PYTHON), "-m", "ruff", "format", "--check", *code],
        [str(PYTHON), "-m", "ruff", "check", *code],
        [str(PYTHON), "-m", "mypy"],
        [str(BIN / "lint-imports")],
        [
            str(PYTHON),
            "-m",
            "pytest",
            "-q",
            "-m",
            "not sound and not window and not slow",
            *_workers(args),
            *args,
        ],
    )
    for step in steps:
        print("·", " ".join(Path(part).name if part == step[0] else part for part in step))
        if code_of_step := subprocess.call(step, cwd=ROOT, env=_environment()):
            return code_of_step
    return 0


def bench(args: list[str]) -> int:
    return _call_bench("main.py", args)


def screenshots(args: list[str]) -> int:
    return _call_bench("screenshots.py", args)


COMMANDS = {f.__name__: f for f in (run, test, check, bench, screenshots)}


def main() -> int:
    if sys.version_info < (3, 11):
        sys.exit("Earmark needs Python 3.11 or newer; this is " + sys.version.split()[0] + ".")
    name, args = (sys.argv[1:2] or ["--help"])[0], sys.argv[2:]
    if name not in COMMANDS:
        print(__doc__)
        return 0 if name in ("-h", "--help", "help") else 2
    try:
        return COMMANDS[name](args)
    except subprocess.CalledProcessError as failed:
        return failed.returncode or 1
    except KeyboardInterrupt:
        return 130


if __name__ == "__main__":
    sys.exit(main())
