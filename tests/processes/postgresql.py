"""A PostgreSQL server of one's own, made of the machine's binaries, that may be killed at any moment."""

import os
import shutil
import signal
import socket
import subprocess
import tempfile
import time
from contextlib import suppress
from pathlib import Path
from types import TracebackType


def binaries() -> Path | None:
    """Where `postgres` and `initdb` are: Debian's newest, else on the path. None when there are none."""
    of_debian = sorted(
        Path("/usr/lib/postgresql").glob("*/bin/postgres"), key=lambda it: float(it.parts[-3]), reverse=True
    )
    on_the_path = shutil.which("postgres")
    found = of_debian[0] if of_debian else Path(on_the_path) if on_the_path else None
    return found.parent if found else None


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


class Cluster:
    """Starts on entry, is gone on exit. What was committed outlives SIGKILL with `fsync` off too: the machine goes on,
    so the kernel writes what it was given. `synchronous_commit` is on, as without it a commit may be in no file yet."""

    def __init__(self, *, fsync: bool = False) -> None:
        self._bin = binaries()
        # PostgreSQL refuses to run as root.
        self._user = "postgres" if os.getuid() == 0 else None
        self._fsync = fsync
        self._port = free_port()
        self._server: subprocess.Popen[bytes] | None = None

    def url(self, database: str = "postgres") -> str:
        return f"postgres://postgres@127.0.0.1:{self._port}/{database}"

    def __enter__(self) -> "Cluster":
        self.make(Path(tempfile.mkdtemp(prefix="paydesk-postgresql-")))
        self.start()
        return self

    def make(self, directory: Path) -> None:
        self._directory = directory
        if self._user:
            directory.chmod(0o755)
            shutil.chown(directory, self._user)
        locale = ("--auth=trust", "--no-sync", "-E", "UTF8", "--locale=C.UTF-8")
        subprocess.run(
            [f"{self._bin}/initdb", "-D", self._data, "-U", "postgres", *locale],
            check=True,
            capture_output=True,
            user=self._user,
            cwd="/",
        )

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None):
        self.kill()
        shutil.rmtree(self._directory, ignore_errors=True)

    @property
    def _data(self) -> Path:
        return self._directory / "data"

    def start(self) -> None:
        """Returns when it takes connections: after a kill, when it has recovered."""
        options = {
            "port": self._port,
            "unix_socket_directories": self._directory,
            "listen_addresses": "127.0.0.1",
            "fsync": "on" if self._fsync else "off",
            "synchronous_commit": "on",
        }
        with (self._directory / "log").open("ab") as log:
            self._server = subprocess.Popen(
                [f"{self._bin}/postgres", "-D", self._data, *(f"--{name}={value}" for name, value in options.items())],
                stdout=log,
                stderr=log,
                user=self._user,
                cwd="/",
                start_new_session=True,
            )
        ready = [f"{self._bin}/pg_isready", "-q", "-h", "127.0.0.1", "-p", str(self._port)]
        for _ in range(600):
            if subprocess.run(ready, check=False).returncode == 0:
                return
            if self._server.poll() is not None:
                break
            time.sleep(0.05)
        raise RuntimeError(f"PostgreSQL did not start:\n{(self._directory / 'log').read_text()[-3000:]}")

    def stop(self) -> None:
        """As one asks it to: what is connected is sent away, and everything is written."""
        if self._server is not None:
            self._server.send_signal(signal.SIGINT)
            self._server.wait(timeout=300)
            self._server = None

    def kill(self) -> None:
        """SIGKILL to the postmaster and to each of its children, which would outlive it for a moment."""
        if self._server is None:
            return
        children = _children(self._server.pid)
        for process in (self._server.pid, *children):
            with suppress(ProcessLookupError):
                os.kill(process, signal.SIGKILL)
        self._server.wait()
        self._server = None
        for process in children:
            while _is_running(process):
                time.sleep(0.01)


def _children(parent: int) -> list[int]:
    listed = Path(f"/proc/{parent}/task/{parent}/children").read_text()
    return [int(process) for process in listed.split()]


def _is_running(process: int) -> bool:
    try:
        return Path(f"/proc/{process}/stat").read_text().rpartition(")")[2].split()[0] not in "ZX"
    except (FileNotFoundError, ProcessLookupError):
        return False
