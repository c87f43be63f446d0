"""How much memory this process holds, the most it held during a run, and giving back what is no longer used.

`peak` is exact on Linux, where the kernel's high-water mark can be set back; elsewhere it is the most that was seen at
the ends of the run and at the heartbeats.
"""

import ctypes
import gc
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Final

import psutil

WORTH_IT: Final = 32 * 2**20
"""Bytes by which the process must have grown before giving memory back is worth its time."""

_STATUS: Final = Path("/proc/self/status")
_CLEAR: Final = Path("/proc/self/clear_refs")
_RESET_PEAK: Final = "5"


class ProcessMemory:
    """Watches the resident memory of this process.

    Collecting garbage walks every object there is, tens of milliseconds beside a model library, and trimming the heap
    takes locks that allocation wants; a run of a few milliseconds must not pay that. So `after_run` does both only if
    the process has grown by more than `WORTH_IT` since the last time, and what small runs leave behind is given back by
    `when_idle`, which costs no run anything.
    """

    def __init__(self) -> None:
        self._process = psutil.Process()
        self._trim = _trimmer()
        self._peak = 0
        self._exact = False
        self._untidy = False
        self._settled = self.resident()

    def resident(self) -> int:
        """Bytes resident now."""
        seen = self._process.memory_info().rss
        self._peak = max(self._peak, seen)
        return seen

    def begin_run(self) -> int:
        """Start anew with the peak; bytes resident now."""
        self._exact = _reset_high_water()
        self._peak = 0
        return self.resident()

    def peak(self) -> int:
        """The most bytes that were resident since the run began, as far as it is known."""
        seen = self.resident()
        return max(self._peak, _high_water(seen) if self._exact else seen)

    def after_run(self) -> int:
        """Give memory back where that is worth it; bytes resident afterwards."""
        now = self.resident()
        self._settled = min(self._settled, now)
        if now - self._settled > WORTH_IT:
            return self.give_back()
        self._untidy = True
        return now

    def when_idle(self) -> None:
        """Give back what small runs have left behind since the last time."""
        if self._untidy:
            self.give_back()

    def give_back(self) -> int:
        """Collect garbage and return free pages to the system; bytes resident afterwards."""
        gc.collect()
        self._trim()
        self._untidy = False
        self._settled = self.resident()
        return self._settled


def _trimmer() -> Callable[[], object]:
    """What returns the free pages of the heap to the system: `malloc_trim` of the GNU library, else nothing."""
    if not sys.platform.startswith("linux"):
        return _nothing
    try:
        trim = ctypes.CDLL(None).malloc_trim
    except (OSError, AttributeError):  # another C library
        return _nothing
    trim.argtypes = [ctypes.c_size_t]
    trim.restype = ctypes.c_int
    return lambda: trim(0)


def _nothing() -> None:
    """There is no way to trim here."""


def _reset_high_water() -> bool:
    """Let the kernel's high-water mark begin anew; False where that is not allowed or not known."""
    try:
        _CLEAR.write_text(_RESET_PEAK)
    except OSError:
        return False
    return True


def _high_water(least: int) -> int:
    """The kernel's high-water mark in bytes, `least` where it cannot be read."""
    try:
        text = _STATUS.read_text()
    except OSError:
        return least
    line = next((line for line in text.splitlines() if line.startswith("VmHWM:")), "")
    kilobytes = line.removeprefix("VmHWM:").removesuffix("kB").strip()
    return int(kilobytes) * 1024 if kilobytes.isdigit() else least
