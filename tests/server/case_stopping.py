"""The end: asked for, too slow, and sudden."""
import asyncio

from case_live import Live, check_reader, expected_of
from clients import Answer, Http, Lines, Unanswered, connect, parse_line_answer
from events import Writer
from expect import Failed, beside, expect, expect_equal, until, within
from ledger import Ledger, check_events, check_files, check_integrity, stored_rows
from load import Load
from registry import case

PATIENT = ("--timeout", 60000, "--drain", 20000)


async def port_is_closed(port, what):
    """Nobody listens there any more."""
    try:
        (await connect(port)).close()
    except ConnectionRefusedError:
        return
    raise Failed(f"the {what} port is closed", "it takes connections")


@case("SIGTERM under load: exit status 0, and every event answered 200 is stored exactly once")
async def orderly_stop(place, enough=2000, clients=30):
    """Clients of both ports that go on sending until they are refused."""
    load = Load(clients)
    async with place.collector(*PATIENT) as collector:
        try:
            load.start(collector)
            await until(lambda: load.answered() >= enough, f"{enough} events are answered")
            collector.terminate()
            expect_equal(await collector.exit_status(), 0, "the exit status after SIGTERM")
            await load.ended()
        finally:
            await load.cancel()
        await port_is_closed(collector.http, "HTTP")
        await port_is_closed(collector.lines, "line")
        stored = check_files(collector, load.ledger)
        load.check_streams(stored)
        expect(str(len(stored)) in collector.log(), f"the server says that {len(stored)} were stored", "it does not")


@case("SIGINT stops a server with clients that say nothing: exit status 0, and what they had sent is stored")
async def silent_clients(place):
    """A kept connection, a client of the line port, and a live reader, all idle."""
    ledger = Ledger()
    async with place.collector(*PATIENT) as collector, Http(collector.http) as http, Lines(collector.lines) as lines, \
            Live(collector.http) as live:
        await live.open()
        writer = Writer("silent", ledger)
        request, lined = writer.request(5), writer.request(5)
        ledger.note(request, await http.request("POST", "/events", request.body()))
        lined.ends_in_newline = True
        ledger.acknowledge(lined)
        await lines.write(lined.body())
        async with beside(live.follow()) as following:
            await collector.until_stats(lambda stats: stats["stored"] == 10, "10 events stored")
            collector.interrupt()
            expect_equal(await collector.exit_status(), 0, "the exit status after SIGINT")
            await within(following, "the live reader's stream ends")
        expect_equal(await http.rest(), b"", "what a kept connection gets")
        expect_equal(parse_line_answer(await lines.rest()), (5, 0), "the answer of the line port")
        check_reader(live, expected_of(collector.database))
        check_files(collector, ledger)


@case("kill -9 under load: every event answered 200 is stored exactly once, and a new start goes on from there")
async def sudden_death(place, enough=2000, clients=30):
    """The database is whole, and so is what was acknowledged."""
    load = Load(clients)
    async with place.collector(*PATIENT) as collector:
        try:
            load.start(collector)
            await until(lambda: load.answered() >= enough, f"{enough} events are answered")
            await collector.kill()
            await load.ended()
        finally:
            await load.cancel()
        before = check_files(collector.copied("after the end"), load.ledger, may_be_cut=True)
    load.check_streams(before)
    async with place.collector(folder=collector.folder) as collector:
        writer = Writer("again", load.ledger)
        async with Http(collector.http) as http:
            request = writer.request(100)
            load.ledger.note(request, await http.request("POST", "/events", request.body()))
        await collector.stop()
        after = check_events(collector.database, load.ledger)
        expect_equal(after[:len(before)], before, "what was stored before")
        expect(after[len(before)][0] > before[-1][0], "the numbers go on", after[len(before)])


@case("a stop past its deadline: exit status 1, said in the log, and nothing unstored was answered 200")
async def deadline_passed(place):
    """The disk is so slow that the requests under way cannot be finished."""
    ledger = Ledger()
    async with place.collector("--timeout", 60000, "--drain", 300, "--commit-delay", 60000) as collector:
        async with Http(collector.http) as http:
            request = Writer("late", ledger).request(50)
            await http.send("POST", "/events", request.body())
            async with beside(http.answer()) as answer:
                await until(lambda: under_way(collector, len(request.good)), "the request is under way")
                collector.terminate()
                expect_equal(await collector.exit_status(), 1, "the exit status past the deadline")
                (seen,) = await within(asyncio.gather(answer, return_exceptions=True), "the connection ends")
            if isinstance(seen, Answer):
                expect(seen.status != 200, "no 200 for what was not committed", seen)
            elif not isinstance(seen, Unanswered):
                raise seen
            ledger.doubt(request)
        check_integrity(collector.database)
        check_events(collector.database, ledger)
        last = collector.log()
        expect("drain" in last.lower() or "deadline" in last.lower(), "a line of the log that names the deadline", last)


async def under_way(collector, events):
    """Whether so many events are within the server: a stage has taken them, and none is stored."""
    stats = await collector.stats()
    return max(stage["in"] for stage in stats["stages"]) >= events and stored_rows(collector.database) == 0
