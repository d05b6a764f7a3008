"""Clients that send without end, until the server stops or dies."""
import asyncio
import contextlib

from clients import Http, Lines, Unanswered, parse_line_answer
from events import Request, Writer
from expect import beside, expect, within
from ledger import Ledger


class Load:
    """Clients of both ports, and what they were answered."""

    def __init__(self, clients=30, stream_length=3000):
        self.ledger = Ledger()
        self.refused = []     # ids of requests that were answered 503
        self.streams = {}     # name: the ids that a client of the line port has sent, in order
        self.posting, self.streaming = clients - clients // 5, clients // 5
        self.stream_length = stream_length
        self.tasks = []

    def start(self, collector):
        """Starts all clients."""
        self.tasks = [
            *(asyncio.ensure_future(self._post(collector.http, f"post{n}", n % 3 == 0)) for n in range(self.posting)),
            *(asyncio.ensure_future(self._stream(collector.lines, f"stream{n}")) for n in range(self.streaming))]

    def answered(self):
        """How many events were acknowledged so far."""
        self.raise_failures()
        return self.ledger.answered.total()

    def raise_failures(self):
        """Raises what a client has raised."""
        for task in self.tasks:
            if task.done() and not task.cancelled() and task.exception():
                raise task.exception()

    async def ended(self):
        """Waits until all clients have noticed that the server is gone."""
        await within(asyncio.gather(*self.tasks), "all connections end with the server")

    async def cancel(self):
        """Ends clients that still run, when a case has failed."""
        for task in self.tasks:
            task.cancel()
        await asyncio.gather(*self.tasks, return_exceptions=True)

    async def _post(self, port, name, chunked):
        writer = Writer(name, self.ledger)
        with contextlib.suppress(ConnectionError):
            async with Http(port) as http:
                while await self._post_one(http, writer, chunked):
                    pass

    async def _post_one(self, http, writer, chunked):
        request = writer.request(writer.random.choice([1, 1, 5, 20]), bad_share=0.05)
        try:
            answer = await http.request("POST", "/events", request.body(), [300] if chunked else None)
        except Unanswered:
            self.ledger.doubt(request)
            return False
        if answer.status == 503:
            self.refused += request.good
            expect(answer.headers.get("connection", "").lower() == "close", "503 with `Connection: close`", answer)
            return False
        self.ledger.note(request, answer)
        return True

    async def _stream(self, port, name):
        """Sends lines as fast as they are taken, and stays. What the server says in the end, it says of the first."""
        writer = Writer(name, self.ledger)
        sent = self.streams[name] = []
        sure = 0
        with contextlib.suppress(ConnectionError):
            async with Lines(port) as lines:
                async with beside(lines.rest()) as answer:
                    with contextlib.suppress(ConnectionError):
                        while not answer.done() and len(sent) < self.stream_length:
                            await self._stream_some(lines, writer, sent)
                    with contextlib.suppress(Unanswered):
                        sure = parse_line_answer(await answer)[0]
        self.ledger.acknowledge(Request(good=sent[:sure]))
        self.ledger.doubt(Request(good=sent[sure:]))

    @staticmethod
    async def _stream_some(lines, writer, sent):
        request = writer.request(20)
        request.ends_in_newline = True
        sent += request.good
        await lines.write(request.body())
        await asyncio.sleep(0)

    def check_streams(self, rows):
        """What is stored of the lines of a client is the beginning of what it sent, without a hole."""
        stored = {row[1] for row in rows}
        for name, sent in self.streams.items():
            kept = [ident in stored for ident in sent]
            expect(kept == sorted(kept, reverse=True), f"the first lines of {name} are stored, and no later ones",
                   f"{kept.count(True)} of {len(sent)} are, with holes")
