"""Clients of the collector: HTTP over one connection, and the line port."""
import asyncio
import contextlib
import dataclasses
import json
import re
import socket
import struct

from expect import Failed, beside, expect, within

BROKEN = (ConnectionError, BrokenPipeError, asyncio.IncompleteReadError)


class Unanswered(Exception):
    """The connection ended before a whole answer had come."""


@dataclasses.dataclass
class Answer:
    """An answer of HTTP. Names of headers are in lower case."""
    status: int
    headers: dict
    body: bytes = b""

    def json(self):
        """Its body, parsed."""
        try:
            return json.loads(self.body)
        except ValueError:
            raise Failed("a body that is JSON", f"{self.status} {self.body!r}") from None


async def connect(port, receive_buffer=None, send_buffer=None):
    """A connected socket that does not block."""
    sock = socket.socket()
    sock.setblocking(False)
    sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
    if receive_buffer:
        sock.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, receive_buffer)
    if send_buffer:
        sock.setsockopt(socket.SOL_SOCKET, socket.SO_SNDBUF, send_buffer)
    try:
        await asyncio.get_running_loop().sock_connect(sock, ("127.0.0.1", port))
    except BaseException:
        sock.close()
        raise
    return sock


class Connection:
    """A connection to a port. `async with` closes it.

    It reads all the time, but where it is told not to. What has come before the server broke the connection is read
    even where sending has failed already: asyncio's own streams would drop that.
    """

    def __init__(self, port, reads=True, **buffers):
        self.port = port
        self.buffers = buffers
        self.sock = self.reader = self.pump = None
        self.may_read = asyncio.Event()
        self.accepted = 0  # bytes that were sent and that the system has taken
        self.waited = 0    # how often it could not send at once
        if reads:
            self.may_read.set()

    async def __aenter__(self):
        self.sock = await within(connect(self.port, **self.buffers), f"a connection to port {self.port}")
        self.reader = asyncio.StreamReader(limit=1 << 22)
        self.pump = asyncio.ensure_future(self._read_all())
        return self

    async def __aexit__(self, *_):
        self.pump.cancel()
        await asyncio.gather(self.pump, return_exceptions=True)
        self.reader.feed_eof()
        self.sock.close()

    async def _read_all(self):
        with contextlib.suppress(ConnectionError):
            await self.may_read.wait()
            while data := await asyncio.get_running_loop().sock_recv(self.sock, 1 << 16):
                self.reader.feed_data(data)
                await self.may_read.wait()
        self.reader.feed_eof()

    async def vanish(self):
        """Ends the connection as a client does that crashes: with a reset."""
        self.sock.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        await self.__aexit__()

    async def write(self, data):
        """Sends all of it; waits while the server does not take it."""
        await within(self.push(data), "the server takes what it is sent")

    async def push(self, data):
        """Sends all of it, however long that takes."""
        rest = memoryview(data)
        while rest:
            try:
                sent = self.sock.send(rest)
            except BlockingIOError:
                self.waited += 1
                await self._writable()
            else:
                self.accepted += sent
                rest = rest[sent:]

    async def _writable(self):
        loop = asyncio.get_running_loop()
        free = loop.create_future()
        loop.add_writer(self.sock, lambda: free.done() or free.set_result(None))
        try:
            await free
        finally:
            loop.remove_writer(self.sock)

    def end_of_sending(self):
        """Tells the server that there is no more."""
        with contextlib.suppress(OSError):
            self.sock.shutdown(socket.SHUT_WR)

    async def rest(self):
        """All that comes until the server closes."""
        return await within(self.reader.read(-1), "the server closes the connection")


class Http(Connection):
    """Requests over one connection, which is kept."""

    async def send(self, method, path, body=b"", chunks=None, headers=()):
        """Sends a request; with `chunks`, sizes of chunks, in these, else with its length."""
        lines = [f"{method} {path} HTTP/1.1", "Host: localhost", *headers]
        if chunks:
            lines.append("Transfer-Encoding: chunked")
            body = b"".join(in_chunks(body, chunks))
        elif body or method == "POST":
            lines.append(f"Content-Length: {len(body)}")
        await self.write("\r\n".join(lines).encode() + b"\r\n\r\n" + body)

    async def head(self):
        """The status and the headers of the next answer."""
        try:
            head = await within(self.reader.readuntil(b"\r\n\r\n"), "an answer")
        except BROKEN as error:
            raise Unanswered(f"{type(error).__name__} instead of an answer") from None
        first, *rest = head.decode("latin-1").rstrip("\r\n").split("\r\n")
        found = re.fullmatch(r"HTTP/1\.[01] (\d{3}) ?.*", first)
        expect(found, "a status line of HTTP/1.1", first)
        headers = {name.lower(): value.strip() for name, _, value in (line.partition(":") for line in rest)}
        return Answer(int(found[1]), headers)

    async def answer(self):
        """The next answer."""
        answer = await self.head()
        if answer.status == 100:
            return await self.answer()
        try:
            if answer.headers.get("transfer-encoding", "").lower() == "chunked":
                answer.body = await within(self._chunks(), "the whole of an answer")
            elif "content-length" in answer.headers:
                length = int(answer.headers["content-length"])
                answer.body = await within(self.reader.readexactly(length), "the whole of an answer")
            else:
                answer.body = await self.rest()
        except BROKEN as error:
            raise Unanswered(f"{type(error).__name__} within an answer") from None
        return answer

    async def _chunks(self):
        body = b""
        while size := int((await self.reader.readuntil(b"\r\n")).split(b";")[0], 16):
            body += (await self.reader.readexactly(size + 2))[:-2]
        await self.reader.readuntil(b"\r\n")
        return body

    async def request(self, method, path, body=b"", chunks=None, headers=()):
        """Sends a request and gives its answer, which may come before all of the request is sent."""
        async with beside(self.send(method, path, body, chunks, headers)):
            return await self.answer()


def in_chunks(body, sizes):
    """The body in the chunks of HTTP, of these sizes over and over."""
    at = turn = 0
    while at < len(body):
        piece = body[at:at + sizes[turn % len(sizes)]]
        yield b"%x\r\n%b\r\n" % (len(piece), piece)
        at += len(piece)
        turn += 1
    yield b"0\r\n\r\n"


class Lines(Connection):
    """The line port."""

    async def finish(self):
        """Says that there is no more, and gives what the server answers: how many were stored and rejected."""
        self.end_of_sending()
        return parse_line_answer(await self.rest())


def parse_line_answer(line):
    """The two numbers of `stored N rejected M`."""
    if not line:
        raise Unanswered("the line port closed without an answer")
    found = re.fullmatch(rb"stored (\d+) rejected (\d+)\n", line)
    expect(found, "`stored N rejected M` from the line port", line)
    return int(found[1]), int(found[2])


async def fetch(port, method, path, body=b"", **more):
    """One request over a connection of its own."""
    async with Http(port) as http:
        return await http.request(method, path, body, **more)


async def get_json(port, path):
    """What a page says that is JSON."""
    answer = await fetch(port, "GET", path)
    expect(answer.status == 200, f"200 from GET {path}", f"{answer.status} {answer.body!r}")
    return answer.json()
