"""A mail server and a chat, small and real, on ports of their own."""

import json
import socketserver
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import pytest


class MailServer(socketserver.ThreadingTCPServer):
    """Takes mail by SMTP. `refuses`: answers every recipient with 550."""

    daemon_threads = True
    allow_reuse_address = True

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), _Smtp)
        self.taken: list[tuple[list[str], str]] = []
        self.refuses = False

    @property
    def port(self) -> int:
        return self.server_address[1]


class _Smtp(socketserver.StreamRequestHandler):
    server: MailServer

    def handle(self) -> None:
        recipients: list[str] = []
        self._say("220 here")
        while line := self.rfile.readline():
            word = line[:4].upper()
            if word == b"RCPT":
                recipients.append(line.decode().partition(":")[2].strip())
                self._say(f"550 not {recipients[-1]}" if self.server.refuses else "250 good")
            elif word == b"DATA":
                self._say("354 go on")
                text = b""
                while not text.endswith(b"\r\n.\r\n"):
                    text += self.rfile.readline()
                self.server.taken.append((recipients, text.decode()))
                self._say("250 taken")
            elif word == b"QUIT":
                self._say("221 bye")
                return
            else:
                self._say("250 good")

    def _say(self, line: str) -> None:
        self.wfile.write(f"{line}\r\n".encode())


class Chat(ThreadingHTTPServer):
    """Takes posts. `status`: what it answers; `hangs`: an event that it waits for before it answers; `drips`: until
    then it sends a byte now and again."""

    daemon_threads = True

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), _Posts)
        self.taken: list[tuple[str, dict]] = []
        self.status = 200
        self.hangs: threading.Event | None = None
        self.drips = False

    @property
    def address(self) -> str:
        return f"http://127.0.0.1:{self.server_address[1]}/hooks/the-secret-part"


class _Posts(BaseHTTPRequestHandler):
    server: Chat

    def do_POST(self) -> None:
        body = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
        if self.server.hangs:
            if self.server.drips:
                self.wfile.write(b"HTTP/1.0 200 OK\r\nSlowly: ")
            while not self.server.hangs.wait(0.05):
                if self.server.drips:
                    self.wfile.write(b"a")
        self.server.taken.append((self.path, body))
        self.send_response(self.server.status)
        if self.server.status == 302:
            self.send_header("Location", self.server.address)
        self.end_headers()

    def log_message(self, *_: object) -> None:
        pass


@pytest.fixture
def mail_server(settings) -> Iterator[MailServer]:
    """The deployment sends alerts to two people by this server."""
    server = MailServer()
    threading.Thread(target=server.serve_forever, args=(0.01,), daemon=True).start()
    settings.ALERT_EMAILS = ["ops@example.test", "finance@example.test"]
    settings.DEFAULT_FROM_EMAIL = "paydesk@example.test"
    options = {"host": "127.0.0.1", "port": server.port, "timeout": 5}
    settings.MAILERS = {"default": {"BACKEND": "django.core.mail.backends.smtp.EmailBackend", "OPTIONS": options}}
    yield server
    server.shutdown()
    server.server_close()


@pytest.fixture
def chat(settings, monkeypatch) -> Iterator[Chat]:
    """The deployment sends alerts to this chat."""
    server = Chat()
    threading.Thread(target=server.serve_forever, args=(0.01,), daemon=True).start()
    settings.ALERT_CHAT = True
    monkeypatch.setenv("PAYDESK_ALERT_CHAT_URL", server.address)
    yield server
    if server.hangs:
        server.hangs.set()
    server.shutdown()
    server.server_close()
