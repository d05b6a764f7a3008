"""Clients that are slow, that vanish, and that are too many. They harm nobody but themselves."""
import asyncio
import contextlib
import time

import clients
from clients import Http, Lines
from events import Request, Writer
from expect import Failed, all_of, beside, expect, expect_equal, until, within
from ledger import Ledger, check_files, check_stats, rows
from registry import case

TIMEOUT = 1.5  # s
HEAD = b"POST /events HTTP/1.1\r\nHost: localhost\r\nContent-Length: 100000\r\n\r\n"
HEAD_OF_CHUNKS = HEAD.replace(b"Content-Length: 100000", b"Transfer-Encoding: chunked")


async def drip(connection, data, stop):
    """Sends a byte, and soon the next, until `stop` is done. The pause is this client's nature; nothing waits by it."""
    for n in range(len(data)):
        if stop.done():
            return
        with contextlib.suppress(ConnectionError):
            await connection.write(data[n:n + 1])
        await asyncio.wait([stop], timeout=TIMEOUT / 20)


async def timed_out(port, at_once, slowly=b""):
    """Sends some at once, and the rest a byte at a time, and is told that this takes too long."""
    async with Http(port) as http:
        await http.write(at_once)
        async with beside(http.answer()) as answer:
            await drip(http, slowly, answer)
            try:
                status = (await within(answer, "a slow client is answered 408")).status
            except clients.Unanswered as ended:
                raise Failed(f"408 to a client that sends {len(at_once)} bytes and then "
                             f"{'slowly' if slowly else 'nothing'}", ended) from None
        expect_equal(status, 408, "the status for a slow client")
        expect_equal(await http.rest(), b"", "what comes after 408")


async def idle_after_an_answer(port):
    """A kept connection on which nothing is asked any more is closed; there is nothing to answer."""
    async with Http(port) as http:
        expect_equal((await http.request("GET", "/stats")).status, 200, "the status")
        rest = await http.rest()
        expect(rest == b"" or rest.startswith(b"HTTP/1.1 408 "), "the connection is closed", rest)


async def silent_lines(port, ledger):
    """A client of the line port that says no more within a line. Its whole lines may be stored, the half one not."""
    request = Writer("silent", ledger).request(3)
    half = Writer("half", ledger).request(1).lines[0]
    ledger.doubt(request)
    async with Lines(port) as lines:
        await lines.write(b"\n".join(request.lines) + b"\n" + half[:-10])
        await lines.rest()


async def takes_no_answers(collector):
    """A client that asks and asks and reads no answer, until it is closed."""
    async with Http(collector.http, reads=False, receive_buffer=4096) as http:
        ask = b"GET /graph HTTP/1.1\r\nHost: localhost\r\n\r\n" * 100

        async def asks_until_closed():
            with contextlib.suppress(ConnectionError):
                while True:
                    await http.push(ask)

        await within(asks_until_closed(), "a client that reads no answers is closed")


async def vanish(collector, ledger):
    """Clients that are gone in the middle of a request, in several ways. Of half a body nothing is stored."""
    for n in range(10):
        body = Writer(f"gone{n}", ledger).request(20).body()
        head = HEAD if n % 2 else HEAD_OF_CHUNKS
        framed = body if n % 2 else b"%x\r\n%b\r\n" % (len(body), body)
        async with Http(collector.http) as http:
            await http.write(head + framed)
            if n % 3:
                await http.vanish()
        async with Lines(collector.lines) as lines:
            request = Writer(f"lost{n}", ledger).request(20)
            ledger.doubt(Request(good=request.good[:-1]))
            await lines.write(b"\n".join(request.lines)[:-10])
            await lines.vanish()
    for cut in (b"POST", b"POST /events HTTP/1.1\r\nHost", b""):
        async with Http(collector.http) as http:
            await http.write(cut)
    async with Http(collector.http) as http:  # gone before it is answered
        request = Writer("impatient", ledger).request(20)
        ledger.doubt(request)
        await http.send("POST", "/events", request.body())
        await http.vanish()


async def good_client(port, ledger, name, others):
    """Posts and is answered, again and again until the others are done."""
    writer = Writer(name, ledger)
    while True:
        last = others.done()
        request = writer.request(5, bad_share=0.1)
        start = time.monotonic()
        async with Http(port) as http:
            await http.send("POST", "/events", request.body())
            sent_after = time.monotonic() - start
            answer = await http.answer()
        if answer.status != 408 or sent_after < TIMEOUT / 2:  # else this machine has been slow, not the server
            ledger.note(request, answer)
        if last:
            return
        await asyncio.wait([others], timeout=0.05)


@case("clients that are slow or silent or vanish are closed in time, store nothing by halves, and harm no others")
async def slow_clients(place):
    """All at once, beside good clients."""
    ledger = Ledger()
    body = Writer("slow", ledger).request(20).body()
    async with place.collector("--timeout", int(TIMEOUT * 1000)) as collector:
        port = collector.http
        bad = all_of(
            timed_out(port, b"", HEAD),
            timed_out(port, HEAD[:-4], b"\r\nX-Filler: " + b"x" * 10000),
            timed_out(port, HEAD, body * 100),
            timed_out(port, HEAD + body, body * 100),
            timed_out(port, HEAD_OF_CHUNKS + b"186a0\r\n", body),
            timed_out(port, HEAD[:30]),
            timed_out(port, HEAD + body),
            idle_after_an_answer(port), silent_lines(collector.lines, ledger), takes_no_answers(collector),
            vanish(collector, ledger))
        async with beside(bad) as others:
            good = all_of(*(good_client(port, ledger, f"good{n}", others) for n in range(4)))
            async with beside(good) as answered:
                await others
                await within(answered, "good clients are answered")
        await collector.until_stats(lambda stats: stats["connections"] <= 1, "only this connection is left")
        await collector.stop()
        check_files(collector, ledger)


@case("a client that waits for a slow disk is not taken for a slow client")
async def slow_disk(place):
    """A commit takes longer than a client may."""
    ledger = Ledger()
    async with place.collector("--timeout", 1000, "--commit-delay", 2500, "--drain", 60000) as collector:
        async with Http(collector.http) as http, Lines(collector.lines) as lines:
            posted, lined = Writer("posted", ledger).request(10), Writer("lined", ledger).request(10)
            lined.ends_in_newline = True
            await lines.write(lined.body())
            async with beside(lines.finish()) as finish:
                ledger.note(posted, await http.request("POST", "/events", posted.body()))
                expect_equal(await finish, (10, 0), "the answer of the line port")
            ledger.acknowledge(lined)
        check_files(collector, ledger)
        await check_stats(collector, ledger)


@case("connections past --max-connections are answered 503 and closed, and those within go on")
async def too_many(place):
    """As many as there may be, three more, and a new one when one of the first is gone."""
    ledger = Ledger()
    writer = Writer("many", ledger)
    most = 6
    async with place.collector("--max-connections", most, "--timeout", 60000) as collector:
        async def post(http):
            request = writer.request(3)
            answer = await http.request("POST", "/events", request.body())
            if answer.status != 503:
                ledger.note(request, answer)
            return answer

        async def try_again():
            async with Http(collector.http) as http:
                return (await post(http)).status == 200

        async with contextlib.AsyncExitStack() as stack:
            within_limit = [await stack.enter_async_context(Http(collector.http)) for _ in range(most)]
            for http in within_limit:
                expect_equal((await post(http)).status, 200, "the status within the limit")
            for _ in range(3):
                async with Http(collector.http) as http:
                    answer = await post(http)
                    expect_equal(answer.status, 503, "the status past the limit")
                    expect_equal(await http.rest(), b"", "what comes after 503")
            for http in within_limit:
                expect_equal((await post(http)).status, 200, "the status within the limit")
            await within_limit[0].vanish()
            await until(try_again, "a new connection is taken when one is gone")
        await collector.stop()
        check_files(collector, ledger)
        expect(len(rows(collector.database)) >= 3 * (2 * most + 1), "what was answered 200", "less")
