"""A known set of events, and everything a server is sent that it must refuse."""
import clients
from clients import Http, Lines
from events import BAD_LINES, MAX_LINE, Request, Writer
from expect import all_of, expect, expect_equal
from ledger import Ledger, check_files, check_stats
from registry import case

MAX_BODY = 256 * 1024
MAX_HEADER = 4096
LIMITS = ("--max-body", MAX_BODY, "--max-line", MAX_LINE, "--max-header", MAX_HEADER, "--timeout", 60000)


async def post_over_one_connection(port, ledger, name, events, chunked):
    """Requests of all sizes, one after the other."""
    writer = Writer(name, ledger)
    async with Http(port) as http:
        left = events
        while left:
            size = min(left, writer.random.choice([1, 2, 7, 40, 90]))
            left -= size
            request = writer.request(size, bad_share=0.1, twice_share=0.05)
            chunks = [1, 3, 17, 700, 5000] if chunked else None
            ledger.note(request, await http.request("POST", "/events", request.body(), chunks))


async def lines_over_one_connection(port, ledger, name, events):
    """Lines in pieces that end anywhere."""
    writer = Writer(name, ledger)
    request = writer.request(events, bad_share=0.1, twice_share=0.05)
    request.ends_in_newline = True
    body = request.body()
    async with Lines(port) as lines:
        at = 0
        while at < len(body):
            size = writer.random.choice([1, 10, 100, 1000, 10000])
            await lines.write(body[at:at + size])
            at += size
        stored, rejected = await lines.finish()
    if {"stored": stored, "rejected": rejected} == request.counts():
        ledger.acknowledge(request)
    else:
        ledger.faults.append(f"stored {stored} rejected {rejected} to lines of {request.counts()}")


async def every_bad_line(collector, ledger):
    """Each kind of bad line, alone and between two events, over both ports."""
    writer = Writer("each", ledger)
    async with Http(collector.http) as http, Lines(collector.lines) as lines:
        over_lines = Request()
        for make in BAD_LINES.values():
            mark, line = writer.bad(make)
            alone = Request([line], [], [mark])
            ledger.note(alone, await http.request("POST", "/events", alone.body()))
            between = Request()
            for request in (between, over_lines):
                (first, before), (mark, bad), (second, behind) = writer.event(), writer.bad(make), writer.event()
                request.lines += [before, bad, behind]
                request.good += [first, second]
                request.bad.append(mark)
            ledger.note(between, await http.request("POST", "/events", between.body()))
        await lines.write(over_lines.body())
        stored, rejected = await lines.finish()
        expect_equal({"stored": stored, "rejected": rejected}, over_lines.counts(), "the answer of the line port")
        ledger.acknowledge(over_lines)


async def empty_requests(port, ledger):
    """Nothing, and nothing but empty lines."""
    async with Http(port) as http:
        for lines in ([], [b""], [b"", b"", b"", b""]):
            ledger.note(Request(lines), await http.request("POST", "/events", Request(lines).body()))
        chunked = await http.request("POST", "/events", b"", chunks=[1])
        ledger.note(Request(), chunked)


async def requests_in_a_row(port, ledger):
    """Requests that are sent before the first is answered, are answered in their order."""
    writer = Writer("row", ledger)
    requests = [writer.request(size, bad_share=0.3) for size in (3, 1, 0, 20, 5)]
    async with Http(port) as http:
        for request in requests:
            await http.send("POST", "/events", request.body())
        for request in requests:
            ledger.note(request, await http.answer())


async def at_the_limits(port, ledger):
    """What is just allowed, and what is just not. Nothing of a body that is too large is stored."""
    async def one_request(chunks):
        writer = Writer("limit" if chunks else "atlimit", ledger)
        request = writer.request_of(MAX_BODY // MAX_LINE, MAX_LINE - 1)
        body = request.body()
        expect_equal(len(body), MAX_BODY, "the length of a body")
        ledger.note(request, await clients.fetch(port, "POST", "/events", body, chunks=chunks))
        answer = await clients.fetch(port, "POST", "/events", body + b"\n", chunks=chunks)
        expect_equal(answer.status, 413, "the status for a body one byte too large")

    await one_request(None)
    await one_request([5000])


async def refusals(port, ledger):
    """What must be refused with a status of its own."""
    writer = Writer("refused", ledger)

    async def refused(status, method, path, body=b"", **more):
        answer = await clients.fetch(port, method, path, body, **more)
        expect(answer.status == status, f"{status} to {method} {path} with {len(body)} bytes {str(more)[:100]}",
               f"{answer.status} {answer.body[:200]!r}")

    event = writer.request(1).body()
    too_large = b"".join(Writer(f"large{n}", ledger).request(1).body() + b"\n" for n in range(4000))
    expect(len(too_large) > MAX_BODY, "a body that is too large", len(too_large))
    await all_of(
        refused(413, "POST", "/events", too_large),
        refused(413, "POST", "/events", too_large, chunks=[1000]),
        refused(413, "POST", "/events", too_large, chunks=[len(too_large)]),
        refused(431, "POST", "/events", event, headers=["X-Filler: " + "x" * MAX_HEADER * 2]),
        refused(431, "POST", "/events", event, headers=[f"X-Filler-{n}: {n}" for n in range(MAX_HEADER // 10)]),
        refused(405, "GET", "/events"),
        refused(405, "DELETE", "/events"),
        refused(405, "POST", "/stats", event),
        refused(405, "PUT", "/live", event),
        refused(404, "GET", "/"),
        refused(404, "POST", "/event", event),
        refused(404, "POST", "/events/", event),
    )


async def no_http(port):
    """What is no HTTP is refused, or the connection closed; nothing else comes of it."""
    for said in (b"nonsense\r\n\r\n", b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03" + b"\0" * 200, b"\r\n" * 10000,
                 b"POST /events HTTP/1.1\r\nHost: l\r\nContent-Length: -1\r\n\r\n",
                 b"POST /events HTTP/1.1\r\nHost: l\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\n{}\r\n0\r\n\r\n"):
        async with Http(port) as http:
            try:
                await http.write(said)
                http.end_of_sending()
                answer = await http.answer()
                expect(400 <= answer.status < 500, f"a status of 4xx to {said[:40]!r}", answer)
            except (clients.Unanswered, OSError):
                pass


@case("every event answered 200 is stored exactly once, every other line is a dead letter")
async def counting(place, events=20000, connections=50):
    """HTTP with lengths and with chunks and the line port at once, with all that a server must refuse among it."""
    ledger = Ledger()
    async with place.collector(*LIMITS) as collector:
        share = events // connections
        quarter = connections // 4
        await all_of(
            *(post_over_one_connection(collector.http, ledger, f"length{n}", share, False) for n in range(quarter)),
            *(post_over_one_connection(collector.http, ledger, f"chunks{n}", share, True) for n in range(quarter)),
            *(lines_over_one_connection(collector.lines, ledger, f"lines{n}", share)
              for n in range(connections - 2 * quarter)),
            every_bad_line(collector, ledger), empty_requests(collector.http, ledger),
            requests_in_a_row(collector.http, ledger), at_the_limits(collector.http, ledger),
            refusals(collector.http, ledger), no_http(collector.http))
        check_files(collector, ledger)
        await check_stats(collector, ledger)
        await collector.stop()
        stored = check_files(collector, ledger)
        expect(len(stored) >= events // connections * connections, f"at least {events} events", len(stored))
        expect(str(len(stored)) in collector.log(), f"the server says that {len(stored)} were stored", "it does not")
