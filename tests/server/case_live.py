"""Live readers: server-sent events."""
import contextlib
import json
import urllib.parse

from clients import BROKEN, Http
from events import Writer
from expect import all_of, beside, expect, expect_equal, until, within
from ledger import Ledger, check_files, rows
from registry import case


class Live(Http):
    """A reader that keeps what it gets: numbers and events, and why it was dropped, if it was."""

    def __init__(self, port, kind=None, **buffers):
        super().__init__(port, **buffers)
        self.path = "/live" + (f"?kind={urllib.parse.quote(kind)}" if kind is not None else "")
        self.got = []
        self.dropped = None
        self.ended = False

    async def open(self):
        """Asks for the events, and reads the head of the answer."""
        await self.send("GET", self.path)
        head = await self.head()
        expect_equal(head.status, 200, "the status of /live")
        expect(head.headers["content-type"].startswith("text/event-stream"), "text/event-stream", head.headers)
        self.chunked = head.headers.get("transfer-encoding", "").lower() == "chunked"

    async def follow(self):
        """Reads until the server ends it."""
        text = b""
        while piece := await self._piece():
            text += piece
            *blocks, text = text.split(b"\n\n")
            for block in blocks:
                self._take(block)
        expect(text.strip() == b"", "the stream ends with a whole event", text[-300:])
        self.ended = True

    def has(self, event):
        """Whether it has come as far as to this one."""
        return self.got and self.got[-1][0] >= event[0]

    async def _piece(self):
        try:
            if not self.chunked:
                return await self.reader.read(1 << 16)
            size = int((await self.reader.readuntil(b"\r\n")).split(b";")[0], 16)
            return (await self.reader.readexactly(size + 2))[:-2]
        except BROKEN:
            return b""

    def _take(self, block):
        fields = {}
        for line in block.split(b"\n"):
            if line and not line.startswith(b":"):
                name, _, value = line.partition(b":")
                expect(name not in fields, "one line for each field", block[:300])
                fields[name.decode()] = value.removeprefix(b" ").decode()
        if not fields:
            return
        expect(self.dropped is None, "nothing follows `event: dropped`", block[:300])
        if fields.get("event") == "dropped":
            self.dropped = json.loads(fields["data"])["reason"]
            return
        expect(fields.keys() == {"id", "data"}, "`id:` and `data:`", block[:300])
        self.got.append((int(fields["id"]), json.loads(fields["data"])))


def expected_of(database, kind=None):
    """What a reader must get that has been there from the start."""
    return [(number, json.loads(body)) for number, _, of, body in rows(database) if kind is None or of == kind]


def check_reader(reader, expected):
    """It has got all of it, in order, without a gap."""
    if reader.got == expected:
        return
    at = next((n for n, (a, b) in enumerate(zip(reader.got, expected)) if a != b), min(len(reader.got), len(expected)))
    expect(False,
           f"{reader.path} gets {len(expected)} events, of which number {at} is {str(expected[at:at + 1])[:300]}",
           f"{len(reader.got)}, of which number {at} is {str(reader.got[at:at + 1])[:300]}; "
           f"dropped: {reader.dropped}")


@case("a live reader gets every event of its kind, in order, without a gap")
async def live_readers(place):
    """Some for all kinds, one for each, one for none, while several clients post."""
    ledger = Ledger()
    kinds = ["click", "a b&c=d", "größe", ""]
    async with place.collector("--timeout", 60000, "--live-lag", 1000000) as collector:
        readers = [Live(collector.http, kind) for kind in [None, None, *kinds, "no such kind"]]
        wanted = [None, None, *kinds, "no such kind"]

        async def post(name):
            writer = Writer(name, ledger, kinds)
            async with Http(collector.http) as http:
                for _ in range(20):
                    request = writer.request(writer.random.choice([1, 10, 50]), bad_share=0.1)
                    ledger.note(request, await http.request("POST", "/events", request.body()))

        async with contextlib.AsyncExitStack() as stack:
            for reader in readers:
                await stack.enter_async_context(reader)
                await reader.open()
            following = await stack.enter_async_context(beside(all_of(*(reader.follow() for reader in readers))))
            await collector.until_stats(lambda stats: stats["live"] == len(readers), f"{len(readers)} live readers")
            await all_of(*(post(f"poster{n}") for n in range(4)))
            for reader, kind in zip(readers, wanted):
                expected = expected_of(collector.database, kind)
                await until(lambda: not expected or reader.ended or reader.has(expected[-1]), "the last event comes")
                check_reader(reader, expected)
            check_files(collector, ledger)
            await readers[0].__aexit__()
            await collector.until_stats(lambda stats: stats["live"] == len(readers) - 1, "a reader that left is gone")
            await collector.stop()
            await within(following, "the streams end with the server")


@case("a live reader that does not read is dropped and told so, while others get everything")
async def slow_reader(place, most=64 << 20):
    """Each request waits for the good reader, so only the other can fall behind, on any machine."""
    ledger = Ledger()
    writer = Writer("large", ledger)
    lag, size, at_once = 30, 60000, 10
    async with place.collector("--timeout", 120000, "--live-lag", lag, "--max-line", 65536,
                               "--max-body", 1 << 20) as collector:
        async with Live(collector.http) as good, Live(collector.http, receive_buffer=4096) as slow, \
                Http(collector.http) as http:
            await slow.open()
            slow.may_read.clear()
            await good.open()
            async with beside(good.follow()):
                await collector.until_stats(lambda stats: stats["live"] == 2, "two live readers")
                sent = 0
                while (await collector.stats())["live_dropped"] == 0:
                    request = writer.request_of(at_once, size)
                    sent += len(request.body())
                    expect(sent < most, "the slow reader is dropped in time", f"it is not, after {sent} bytes")
                    ledger.note(request, await http.request("POST", "/events", request.body()))
                    expected = ledger.answered.total()
                    await until(lambda: len(good.got) == expected or good.ended, "the good reader gets what is stored")
                slow.may_read.set()
                await within(slow.follow(), "the slow reader's stream ends")
                everything = expected_of(collector.database)
                expect(slow.dropped, "`event: dropped` with a reason", f"{len(slow.got)} events, and none such")
                expect(len(slow.got) < len(everything), "the slow reader has missed some", "it has not")
                check_reader(slow, everything[:len(slow.got)])
                request = writer.request_of(at_once, size)
                ledger.note(request, await http.request("POST", "/events", request.body()))
                expected = ledger.answered.total()
                await until(lambda: len(good.got) == expected or good.ended, "the good reader gets the last")
                check_reader(good, expected_of(collector.database))
                stats = await collector.stats()
                expect_equal((stats["live"], stats["live_dropped"]), (1, 1), "live and live_dropped")
        check_files(collector, ledger)
