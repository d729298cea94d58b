"""The web server and the workers, started as docs/operate.md says, and killed without a word."""

import os
import signal
import subprocess
import sys
import time
import urllib.error
import urllib.request
from contextlib import suppress
from pathlib import Path

from tests.processes.postgresql import free_port

ROOT = Path(__file__).parents[2]
WEBHOOK = "/api/finances/stripe/webhook/"


def environment(database: str, stripe: str, directory: Path) -> dict[str, str]:
    """For each of them: this process's secrets, and no TLS, which is what the demo's switch means to them."""
    return os.environ | {
        "DJANGO_SETTINGS_MODULE": "dashboard.settings",
        "PAYDESK_DEMO": "1",
        "DEMO_DIR": str(directory / "demo"),
        "PAYDESK_STOPS": str(directory),
        "DATABASE_URL": database,
        "STRIPE_API_BASE": stripe,
        "NO_PROXY": "127.0.0.1",
        "PYTHONUNBUFFERED": "1",
    }


def make_tables(env: dict[str, str]) -> None:
    code = "import django; django.setup(); from dashboard.demo import make_tables; make_tables()"
    subprocess.run([sys.executable, "-c", code], check=True, cwd=ROOT, env=env)


class Service:
    """A process with its children, in a group of their own. What it says goes to a file in `directory`."""

    def __init__(self, name: str, command: list[str], env: dict[str, str]) -> None:
        self.name = name
        self._command = [sys.executable, *command]
        self._env = env
        self._log = Path(env["PAYDESK_STOPS"]) / f"{name}.log"
        self._process: subprocess.Popen[bytes] | None = None

    def start(self) -> None:
        with self._log.open("ab") as log:
            self._process = subprocess.Popen(
                self._command, cwd=ROOT, env=self._env, stdout=log, stderr=log, start_new_session=True
            )

    def kill(self) -> None:
        self._signal(signal.SIGKILL)

    def stop(self, timeout: float = 20) -> None:
        """Asked to end, as a supervisor does; killed when it does not."""
        if self._process is not None:
            with suppress(ProcessLookupError):
                self._process.terminate()
            with suppress(subprocess.TimeoutExpired):
                self._process.wait(timeout)
        self.kill()

    def _signal(self, number: int) -> None:
        if self._process is None:
            return
        with suppress(ProcessLookupError):
            os.killpg(self._process.pid, number)
        self._process.wait()
        self._process = None

    def check_that_it_runs(self) -> None:
        if self._process is None or self._process.poll() is not None:
            raise RuntimeError(f"{self.name} ended by itself:\n{self.said()[-4000:]}")

    def said(self) -> str:
        return self._log.read_text(errors="replace") if self._log.exists() else ""

    def children(self) -> list[int]:
        """Of gunicorn: its worker processes."""
        assert self._process is not None
        process = self._process.pid
        return [int(it) for it in Path(f"/proc/{process}/task/{process}/children").read_text().split()]

    def cpu_seconds(self) -> float:
        """That its children have taken so far."""
        ticks = 0
        for process in self.children():
            fields = Path(f"/proc/{process}/stat").read_text().rpartition(")")[2].split()
            ticks += int(fields[11]) + int(fields[12])  # utime and stime of proc(5), after the name
        return ticks / os.sysconf("SC_CLK_TCK")


class Web(Service):
    """gunicorn with the project's own gunicorn.conf.py, on a port of its own."""

    def __init__(self, env: dict[str, str], application: str = "dashboard.wsgi") -> None:
        self.port = free_port()
        self.address = f"http://127.0.0.1:{self.port}"
        super().__init__(
            "web", ["-m", "gunicorn", "-c", "gunicorn.conf.py", application], env | {"PORT": str(self.port)}
        )

    def start(self) -> None:
        """Returns when it answers."""
        super().start()
        for _ in range(1200):
            self.check_that_it_runs()
            try:
                urllib.request.urlopen(f"{self.address}/healthz", timeout=5).close()
                return
            except (urllib.error.URLError, OSError):
                time.sleep(0.05)
        raise RuntimeError(f"The web server did not answer within a minute:\n{self.said()[-4000:]}")


class Worker(Service):
    """`manage.py work`, or a launcher in its place. `start` does not wait: it works when it works."""

    def __init__(self, env: dict[str, str], name: str = "worker", command: list[str] | None = None) -> None:
        super().__init__(name, command or ["manage.py", "work"], env)
