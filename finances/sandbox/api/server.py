"""HTTP: reads requests, keeps connections open, answers as Stripe's edge does."""

from __future__ import annotations

import socket
import struct
import sys
import threading
from contextlib import suppress
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import TYPE_CHECKING, Any

from finances.sandbox.api.control import control
from finances.sandbox.api.edge import Served, call
from finances.sandbox.engine.rendering import encoded

if TYPE_CHECKING:
    from finances.sandbox.sandbox import Sandbox

HANG = 30  # seconds that a hung call keeps the caller waiting
LONGEST_BODY = 32 * 1024 * 1024
REASONS = {200: "OK", 400: "Bad Request", 401: "Unauthorized", 403: "Forbidden", 404: "Not Found"}
REASONS |= {413: "Content Too Large", 429: "Too Many Requests", 500: "Internal Server Error", 502: "Bad Gateway"}


class Server(ThreadingHTTPServer):
    daemon_threads = True
    request_queue_size = 256
    sandbox: Sandbox

    def __init__(self, address: tuple[str, int], handler: type[BaseHTTPRequestHandler]) -> None:
        super().__init__(address, handler)
        self.open: set[socket.socket] = set()

    def hang_up(self) -> None:
        """Ends the connections that callers keep open: a stopped sandbox answers nobody."""
        for connection in list(self.open):
            with suppress(OSError):
                connection.shutdown(socket.SHUT_RDWR)

    def shutdown_request(self, request: Any) -> None:
        """A request that is to be reset must not be shut down first: that would send a polite FIN."""
        try:
            reset = request.getsockopt(socket.SOL_SOCKET, socket.SO_LINGER, 8) == struct.pack("ii", 1, 0)
        except OSError:
            reset = False
        if reset:
            request.close()
        else:
            super().shutdown_request(request)

    def handle_error(self, request: Any, client_address: Any) -> None:
        """A caller that went away is nobody's error; anything else is printed by the base class."""
        if not isinstance(sys.exception(), OSError):
            super().handle_error(request, client_address)


class Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    disable_nagle_algorithm = True
    server: Server

    def setup(self) -> None:
        super().setup()
        self.server.open.add(self.connection)

    def finish(self) -> None:
        self.server.open.discard(self.connection)
        super().finish()

    def handle_any(self) -> None:
        path, _, query = self.path.partition("?")
        try:
            length = int(self.headers.get("Content-Length") or 0)
        except ValueError:
            length = -1
        if not 0 <= length <= LONGEST_BODY:
            self.close_connection = True
            return self._send(Served(413, encoded({"error": "The body is too long."})))
        body = self.rfile.read(length) if length else b""
        sandbox = self.server.sandbox
        with sandbox.lock:
            if sandbox.stopping.is_set():
                self.close_connection = True
                return None
            if path.startswith("/_sandbox/"):
                served = Served(*control(sandbox, self.command, path, query, body))
            else:
                served = call(sandbox, self.command, path, query, self.headers)
        return self._play(served)

    do_GET = do_POST = do_PUT = do_PATCH = do_DELETE = handle_any  # noqa: N815 - as http.server calls them

    def _play(self, served: Served) -> None:
        """The answer goes out, if the fault lets it."""
        stopping = self.server.sandbox.stopping
        if served.fault in ("timeout", "hung"):
            stopping.wait(HANG)
            self.close_connection = True
        elif served.fault == "reset":
            self.connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
            self.close_connection = True
        else:
            if served.fault == "slow":
                stopping.wait(served.delay)
            self._send(served)

    def _send(self, served: Served) -> None:
        """Head and body in one write. Cut: half of the body under its full length, then the end."""
        content, status = served.content, served.status
        lines = [f"HTTP/1.1 {status} {REASONS.get(status, 'OK')}", "Server: nginx", f"Date: {self.date_time_string()}"]
        lines += [f"Content-Type: {served.kind}", f"Content-Length: {len(content)}"]
        lines += [f"{name}: {value}" for name, value in served.headers.items()]
        if served.fault == "cut":
            content = content[: len(content) // 2]
            self.close_connection = True
        if self.close_connection:
            lines.append("Connection: close")
        self.wfile.write("\r\n".join(lines).encode("latin-1", "replace") + b"\r\n\r\n" + content)

    def log_message(self, format: str, *args: Any) -> None:
        """Silent: the calls are counted at /_sandbox/calls."""


def serve(sandbox: Sandbox, port: int) -> Server:
    """Listens on 127.0.0.1 and answers in threads; OSError when the port is taken."""
    server = Server(("127.0.0.1", port), Handler)
    server.sandbox = sandbox
    threading.Thread(target=server.serve_forever, args=(0.05,), name="sandbox", daemon=True).start()
    return server
