"""A server on 127.0.0.1 that sends any bytes, whoever asks for what."""

import socket
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field

Answering = Callable[[socket.socket], None]


@dataclass
class RawServer:
    """What it answers, and every request as it came."""

    answering: Answering
    port: int
    requests: list[bytes] = field(default_factory=list)

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}"


def sending(*pieces: bytes) -> Answering:
    """Answer with these bytes, then close."""

    def send(connection: socket.socket) -> None:
        for piece in pieces:
            connection.sendall(piece)

    return send


def repeating(head: bytes, piece: bytes) -> Answering:
    """Answer with a piece again and again, until the client goes away."""

    def send(connection: socket.socket) -> None:
        connection.sendall(head)
        while True:
            connection.sendall(piece)

    return send


@contextmanager
def serving(answering: Answering) -> Iterator[RawServer]:
    """Serve until the end of the block; connections are answered one by one."""
    with socket.create_server(("127.0.0.1", 0)) as listener:
        server = RawServer(answering, listener.getsockname()[1])
        ended = threading.Event()
        thread = threading.Thread(target=_accept, args=(listener, server, ended), daemon=True)
        thread.start()
        try:
            yield server
        finally:
            ended.set()
            with suppress(OSError), socket.create_connection(("127.0.0.1", server.port)):
                pass
            thread.join()


def _accept(listener: socket.socket, server: RawServer, ended: threading.Event) -> None:
    while True:
        connection, _ = listener.accept()
        with connection, suppress(OSError):
            if ended.is_set():
                return
            connection.settimeout(20)
            server.requests.append(_request(connection))
            server.answering(connection)
            connection.shutdown(socket.SHUT_WR)


def _request(connection: socket.socket) -> bytes:
    data = b""
    while b"\r\n\r\n" not in data:
        piece = connection.recv(1 << 16)
        if not piece:
            break
        data += piece
    return data
