"""A place on this machine's disk for what a file needs while it is made."""

import shutil
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

PREFIX = "paydesk-export-"
LEFT_BEHIND = 6 * 3600  # seconds: nothing takes so long


@contextmanager
def scratch() -> Iterator[Path]:
    """A directory that only we may read, and that goes. What a process that was killed left of its own, goes first."""
    for other in Path(tempfile.gettempdir()).glob(f"{PREFIX}*"):
        with suppress(OSError):
            if other.stat().st_mtime < time.time() - LEFT_BEHIND:
                shutil.rmtree(other, ignore_errors=True)
    with tempfile.TemporaryDirectory(prefix=PREFIX) as directory:
        yield Path(directory)
