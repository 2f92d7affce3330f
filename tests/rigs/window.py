"""A person at the real window: a private screen, real keys and clicks, controls found by name.

Xvfb, a session bus, openbox and the accessibility bus are started for one program and ended with
it, each by its own process id. Controls are found through AT-SPI by role and accessible name, as a
screen reader finds them; keys and clicks go through the X server's XTEST.
"""

from __future__ import annotations

import contextlib
import mmap
import os
import shutil
import struct
import subprocess
import tempfile
import time
import zlib
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from waiting import wait_until

SPI = "org.a11y.atspi."
ROOT_PATH = "/org/a11y/atspi/accessible/root"
NULL_PATH = "/org/a11y/atspi/null"
# bit numbers of AT-SPI's StateType that the tests ask for
STATES = {"checked": 4, "enabled": 8, "focused": 12, "multi-line": 17, "pressed": 20,
          "selected": 23, "sensitive": 24, "showing": 25}  # fmt: skip
MODIFIERS = {"ctrl": "Control_L", "shift": "Shift_L", "alt": "Alt_L"}
KEYS = {"enter": "Return", "esc": "Escape", "backspace": "BackSpace", "up": "Up", "down": "Down",
        "left": "Left", "right": "Right", "home": "Home", "end": "End", "tab": "Tab",
        "delete": "Delete", "[": "bracketleft", "]": "bracketright", "/": "slash",
        "+": "plus", "-": "minus"}  # fmt: skip


def available() -> str:
    """Empty when everything needed is here, else what is missing."""
    missing = [c for c in ("Xvfb", "openbox", "dbus-daemon") if not shutil.which(c)]
    if not Path("/usr/libexec/at-spi-bus-launcher").exists():
        missing.append("at-spi2-core")
    for module in ("jeepney", "Xlib"):
        try:
            __import__(module)
        except ImportError:
            missing.append(module)
    return ", ".join(missing)


@dataclass(frozen=True)
class Box:
    x: int
    y: int
    width: int
    height: int

    @property
    def center(self) -> tuple[int, int]:
        return self.x + self.width // 2, self.y + self.height // 2


class Node:
    """One accessible object of the program."""

    def __init__(self, window: Window, bus: str, path: str) -> None:
        self.window, self.bus, self.path = window, bus, path

    def call(self, interface: str, method: str, signature: str = "", *args: Any) -> Any:
        return self.window.call(self.bus, self.path, SPI + interface, method, signature, args)

    def get(self, interface: str, name: str) -> Any:
        return self.window.call(
            self.bus, self.path, "org.freedesktop.DBus.Properties", "Get", "ss",
            (SPI + interface, name),
        )[0][1]  # fmt: skip

    @property
    def name(self) -> str:
        return str(self.get("Accessible", "Name"))

    @property
    def role(self) -> str:
        return str(self.call("Accessible", "GetRoleName")[0])

    def has(self, state: str) -> bool:
        words = self.call("Accessible", "GetState")[0]
        bits = words[0] | (words[1] << 32 if len(words) > 1 else 0)
        return bool(bits >> STATES[state] & 1)

    @property
    def box(self) -> Box:
        return Box(*self.call("Component", "GetExtents", "u", 0)[0])

    @property
    def children(self) -> list[Node]:
        found = self.call("Accessible", "GetChildren")[0]
        return [Node(self.window, bus, path) for bus, path in found if path != NULL_PATH]

    @property
    def text(self) -> str:
        length = self.get("Text", "CharacterCount")
        return str(self.call("Text", "GetText", "ii", 0, length)[0])

    @property
    def value(self) -> float:
        return float(self.get("Value", "CurrentValue"))

    def box_of(self, needle: str) -> Box:
        """Where the first character of `needle` stands in a text."""
        at = len(self.text[: self.text.index(needle)].encode("utf-16-le")) // 2
        return Box(*self.call("Text", "GetCharacterExtents", "iu", at, 0))

    def click(self, button: int = 1) -> None:
        self.window.click(*self.box.center, button=button)

    def click_text(self, needle: str, mods: str = "") -> None:
        self.window.click(*self.box_of(needle).center, mods=mods)


class Window:
    """The program in its private screen. Use as a context manager."""

    def __init__(
        self,
        command: list[str],
        env: dict[str, str],
        size: tuple[int, int] = (1360, 860),
        extra_env: dict[str, str] | None = None,
    ) -> None:
        self.folder = Path(tempfile.mkdtemp(prefix="earmark-window-"))
        self.processes: list[subprocess.Popen[bytes]] = []
        self._buses: list[Any] = []
        self.display: Any = None
        keep = {k: v for k, v in env.items() if not k.startswith(("DISPLAY", "QT_", "DBUS_"))}
        self.env = {"XDG_RUNTIME_DIR": str(self.folder), **keep}
        self.env["HOME"] = env.get("HOME", str(self.folder))
        try:
            self._screen(size)
            self._desktop()
            self.env |= {"QT_LINUX_ACCESSIBILITY_ALWAYS_ON": "1", "QT_QPA_PLATFORM": "xcb"}
            self.env |= extra_env or {}
            self.command = command
            self.program = self.start_program()
        except BaseException:
            self.close()
            raise

    # -- the screen and its desktop
    def _spawn(self, argv: list[str], log: str, **more: Any) -> subprocess.Popen[bytes]:
        with (self.folder / log).open("ab") as out:
            process = subprocess.Popen(argv, env=self.env, stderr=out, **{"stdout": out, **more})
        self.processes.append(process)
        return process

    def _screen(self, size: tuple[int, int]) -> None:
        from Xlib import display

        reads, writes = os.pipe()
        shape = f"{size[0]}x{size[1]}x24"
        self._spawn(
            ["Xvfb", "-displayfd", str(writes), "-screen", "0", shape, "-nolisten", "tcp",
             "-noreset", "-fbdir", str(self.folder)],
            "xvfb.log", pass_fds=(writes,),
        )  # fmt: skip
        os.close(writes)
        with os.fdopen(reads) as pipe:
            number = pipe.readline().strip()
        self.env["DISPLAY"] = f":{number}"
        self.display = display.Display(f":{number}")
        with (self.folder / "Xvfb_screen0").open("rb") as file:
            self._pixels = mmap.mmap(file.fileno(), 0, prot=mmap.PROT_READ)
        head = struct.unpack(">25I", self._pixels[:100])
        self.width, self.height, self._stride = head[4], head[5], head[12]
        self._offset = head[0] + head[19] * 12
        self._keymap()

    def _desktop(self) -> None:
        from jeepney import DBusAddress, new_method_call
        from jeepney.io.blocking import open_dbus_connection
        from Xlib import X

        bus = self._spawn(
            ["dbus-daemon", "--session", "--nofork", "--print-address=1"], "dbus.log",
            stdout=subprocess.PIPE,
        )  # fmt: skip
        assert bus.stdout is not None
        self.env["DBUS_SESSION_BUS_ADDRESS"] = bus.stdout.readline().decode().strip()
        self._spawn(["openbox", "--sm-disable"], "openbox.log")
        atom = self.display.intern_atom("_NET_SUPPORTING_WM_CHECK")
        root = self.display.screen().root
        wait_until(lambda: root.get_full_property(atom, X.AnyPropertyType), what="openbox")
        session = open_dbus_connection(self.env["DBUS_SESSION_BUS_ADDRESS"])
        self._buses.append(session)
        launcher = DBusAddress("/org/a11y/bus", "org.a11y.Bus", "org.a11y.Bus")
        answer = session.send_and_get_reply(new_method_call(launcher, "GetAddress"), timeout=60)
        self.bus = open_dbus_connection(answer.body[0])
        self._buses.append(self.bus)

    def start_program(self) -> subprocess.Popen[bytes]:
        """Starts the program (again, after it ended) and waits for its window."""
        self.program = self._spawn(self.command, "program.log")
        wait_until(self._window_shown, 120, f"a window of {self.command}")
        return self.program

    def _window_shown(self) -> list[Node]:
        if self.program.poll() is not None:
            raise AssertionError(f"the program ended: {self.log()[-3000:]}")
        return self.frames()

    def log(self) -> str:
        return (self.folder / "program.log").read_text(errors="replace")

    # -- finding things
    def call(
        self, bus: str, path: str, interface: str, method: str, signature: str, args: tuple
    ) -> Any:
        from jeepney import DBusAddress, MessageType, new_method_call

        address = DBusAddress(path, bus, interface)
        message = new_method_call(address, method, signature or None, args)
        reply = self.bus.send_and_get_reply(message, timeout=60)
        if reply.header.message_type is MessageType.error:
            raise LookupError(f"{interface}.{method}: {reply.body}")
        return reply.body

    def frames(self) -> list[Node]:
        programs = Node(self, "org.a11y.atspi.Registry", ROOT_PATH).children
        found: list[Node] = []
        for program in programs:
            with contextlib.suppress(LookupError):
                found += program.children
        return found

    def nodes(self) -> Iterator[tuple[int, Node]]:
        """Everything that shows, in reading order, with its depth."""
        stack = [(0, node) for node in reversed(self.frames())]
        while stack:
            depth, node = stack.pop()
            with contextlib.suppress(LookupError):
                if depth and not node.has("showing"):
                    continue
                yield depth, node
                stack += [(depth + 1, child) for child in reversed(node.children)]

    def find_all(
        self, name: str | Callable[[str], bool] | None = None, role: str | None = None
    ) -> list[Node]:
        found: list[Node] = []
        for _, node in self.nodes():
            with contextlib.suppress(LookupError):
                fits = name is None or (name(node.name) if callable(name) else node.name == name)
                if fits and (role is None or node.role == role):
                    found.append(node)
        return found

    def find(
        self,
        name: str | Callable[[str], bool] | None = None,
        role: str | None = None,
        limit: float = 60,
    ) -> Node:
        """Waits for the first control that fits."""
        what = f"{role or 'control'} named {name}"
        # a look goes through the whole window, in the window's own time too
        return wait_until(lambda: self.find_all(name, role), limit, what, pause=0.1)[0]

    def notes(self) -> Node:
        return self.find("Notes", "text")

    def dump(self) -> str:
        lines = []
        for depth, node in self.nodes():
            with contextlib.suppress(LookupError):
                lines.append("  " * depth + f"{node.role}: {node.name!r} {node.box}")
        return "\n".join(lines)

    # -- hands
    def _keymap(self) -> None:
        info = self.display.display.info
        first, count = info.min_keycode, info.max_keycode - info.min_keycode + 1
        self._codes: dict[int, tuple[int, bool]] = {}
        for row, symbols in enumerate(self.display.get_keyboard_mapping(first, count)):
            for level, symbol in enumerate(symbols[:2]):
                if symbol:
                    self._codes.setdefault(symbol, (first + row, level == 1))

    def _fake(self, kind: int, detail: int, x: int = 0, y: int = 0) -> None:
        from Xlib.ext import xtest

        xtest.fake_input(self.display, kind, detail, 0, 0, x, y)
        self.display.sync()

    def _tap(self, symbol: int, modifiers: list[str]) -> None:
        from Xlib import XK, X

        code, shifted = self._codes[symbol]
        held = [self._codes[XK.string_to_keysym(MODIFIERS[m])][0] for m in modifiers]
        if shifted and "shift" not in modifiers:
            held.append(self._codes[XK.string_to_keysym("Shift_L")][0])
        for key in held:
            self._fake(X.KeyPress, key)
        self._fake(X.KeyPress, code)
        self._fake(X.KeyRelease, code)
        for key in reversed(held):
            self._fake(X.KeyRelease, key)

    def key(self, chord: str) -> float:
        """Presses a chord such as `ctrl+r`; returns the monotonic time (s) just before."""
        from Xlib import XK

        *modifiers, name = chord.split("+") if chord != "+" else ["+"]
        at = time.monotonic()
        self._tap(XK.string_to_keysym(KEYS.get(name, name)), modifiers)
        return at

    def type(self, text: str) -> float:
        """Types the text; returns the monotonic time (s) just before its first key."""
        from Xlib import XK

        at = time.monotonic()
        for char in text:
            symbol = XK.XK_Return if char == "\n" else ord(char)
            self._tap(symbol, [])
        return at

    def click(self, x: int, y: int, button: int = 1, mods: str = "") -> float:
        from Xlib import XK, X

        self._fake(X.MotionNotify, 0, x, y)
        held = [self._codes[XK.string_to_keysym(MODIFIERS[m])][0] for m in mods.split("+") if m]
        for key in held:
            self._fake(X.KeyPress, key)
        at = time.monotonic()
        self._fake(X.ButtonPress, button)
        self._fake(X.ButtonRelease, button)
        for key in held:
            self._fake(X.KeyRelease, key)
        return at

    def drag(self, start: tuple[int, int], stop: tuple[int, int], steps: int = 12) -> None:
        from Xlib import X

        self._fake(X.MotionNotify, 0, *start)
        self._fake(X.ButtonPress, 1)
        for step in range(1, steps + 1):
            x = start[0] + (stop[0] - start[0]) * step // steps
            y = start[1] + (stop[1] - start[1]) * step // steps
            self._fake(X.MotionNotify, 0, x, y)
        self._fake(X.ButtonRelease, 1)

    def close_window(self) -> None:
        self.key("alt+F4")

    # -- eyes
    def pixels(self, box: Box | None = None) -> bytes:
        """BGRX bytes of the screen or a part of it."""
        if box is None:
            return self._pixels[self._offset : self._offset + self._stride * self.height]
        rows = []
        for row in range(max(0, box.y), min(self.height, box.y + box.height)):
            begin = self._offset + row * self._stride + box.x * 4
            rows.append(self._pixels[begin : begin + box.width * 4])
        return b"".join(rows)

    def screenshot(self, path: Path) -> None:
        self.display.sync()
        raw = self.pixels()
        rgb = bytearray(self.width * self.height * 3)
        rgb[0::3], rgb[1::3], rgb[2::3] = raw[2::4], raw[1::4], raw[0::4]
        step = self.width * 3
        rows = b"".join(b"\0" + rgb[i : i + step] for i in range(0, len(rgb), step))
        head = struct.pack(">IIBBBBB", self.width, self.height, 8, 2, 0, 0, 0)

        def chunk(kind: bytes, data: bytes) -> bytes:
            body = kind + data
            return struct.pack(">I", len(data)) + body + struct.pack(">I", zlib.crc32(body))

        packed = zlib.compress(rows, 9)
        path.write_bytes(
            b"\x89PNG\r\n\x1a\n"
            + chunk(b"IHDR", head)
            + chunk(b"IDAT", packed)
            + chunk(b"IEND", b"")
        )

    # -- the end
    def close(self) -> None:
        for bus in self._buses:
            bus.close()
        if self.display is not None:
            self.display.close()
        for process in reversed(self.processes):
            if process.poll() is None:
                process.terminate()
                try:
                    process.wait(20)
                except subprocess.TimeoutExpired:
                    process.kill()
                    process.wait(20)
            if process.stdout is not None:
                process.stdout.close()
        shutil.rmtree(self.folder, ignore_errors=True)

    def __enter__(self) -> Window:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()
