"""A disk that is slower than the clients."""
import asyncio
import contextlib
import pathlib

from clients import Http, Lines
from events import Writer
from expect import all_of, beside, expect, expect_equal, until
from ledger import Ledger, check_files, check_stats, stored_rows
from registry import case

SIZE = 8000          # bytes of an event
SENDERS = 4          # of each port
EVENTS = 750         # that each sends: 48 MB in all
AT_ONCE = 25         # events of a request
COMMIT_DELAY = 200   # ms; with BATCH, some 10 MB a second go through
BATCH = 250

# What the server may have read that is not stored: a request of 0.2 MB or what it reads at once of lines for each of 8
# connections, and some batches of 2 MB: the one that is being written, and what was asked for.
MOST_UNDER_WAY = 12 << 20
# What its memory may grow by meanwhile: the same, in more than one copy.
MOST_MEMORY = 24 << 20


def in_the_kernel(ports):
    """The bytes that are on their way to these ports, or there and not read yet."""
    held = 0
    for line in pathlib.Path("/proc/net/tcp").read_text(encoding="ascii").splitlines()[1:]:
        _, local, remote, _, queues, *_ = line.split()
        unacknowledged, unread = (int(part, 16) for part in queues.split(":"))
        if int(local.split(":")[1], 16) in ports:
            held += unread
        elif int(remote.split(":")[1], 16) in ports:
            held += unacknowledged
    return held


class Sender:
    """Sends all its requests, as fast as they are taken, and waits for no answer."""

    def __init__(self, connection, requests, data):
        self.connection = connection
        self.requests = requests
        self.data = data

    def all_taken(self):
        """Whether there is nothing more to send."""
        return self.connection.accepted == len(self.data)

    async def send(self):
        """Sends all."""
        await self.connection.push(self.data)

    async def answers(self, ledger):
        """Gets the answers to all."""
        if isinstance(self.connection, Http):
            for request in self.requests:
                ledger.note(request, await self.connection.answer())
        else:
            await until(self.all_taken, "all lines are taken in the end")
            expect_equal(await self.connection.finish(), (len(self.requests[0].good), 0), "the answer of the line port")
            for request in self.requests:
                ledger.acknowledge(request)


def http_sender(connection, writer, events):
    """Requests in a row."""
    requests = [writer.request_of(AT_ONCE, SIZE) for _ in range(events // AT_ONCE)]
    head = "POST /events HTTP/1.1\r\nHost: localhost\r\nContent-Length: {}\r\n\r\n"
    data = b"".join(head.format(len(request.body())).encode() + request.body() for request in requests)
    return Sender(connection, requests, data)


def line_sender(connection, writer, events):
    """Lines."""
    request = writer.request_of(events, SIZE)
    return Sender(connection, [request], request.body())


class Watcher:
    """Looks on, and remembers the most that it has seen."""

    def __init__(self, collector, senders):
        self.collector, self.senders = collector, senders
        self.memory_before = collector.resident_bytes()
        self.most_memory = self.most_under_way = 0

    async def watch(self, done):
        """Looks on until it is done."""
        while not done.done():
            accepted = sum(sender.connection.accepted for sender in self.senders)
            read = accepted - in_the_kernel(self.collector.ports.values())
            under_way = read - stored_rows(self.collector.database) * SIZE  # looked at last, so rather too few
            self.most_under_way = max(self.most_under_way, under_way)
            self.most_memory = max(self.most_memory, self.collector.resident_bytes() - self.memory_before)
            self.check()
            await self.collector.stats()  # answers while all others wait
            await asyncio.wait([done], timeout=0.01)

    def check(self):
        """Within the bounds."""
        seen = f"{self.most_under_way >> 10} KiB under way, {self.most_memory >> 10} KiB more memory"
        expect(self.most_under_way <= MOST_UNDER_WAY, f"at most {MOST_UNDER_WAY >> 10} KiB are under way", seen)
        expect(self.most_memory <= MOST_MEMORY, f"at most {MOST_MEMORY >> 10} KiB more memory are used", seen)


@case("a slow disk holds back the clients: what is under way and the memory stay bounded, and all is stored")
async def back_pressure(place, events=EVENTS):
    """Clients of both ports offer 48 MB at once."""
    ledger = Ledger()
    async with place.collector("--commit-delay", COMMIT_DELAY, "--batch", BATCH, "--threads", 2,
                               "--timeout", 120000, "--max-line", 2 * SIZE) as collector:
        await collector.stats()
        connections = [*(Http(collector.http, send_buffer=65536) for _ in range(SENDERS)),
                       *(Lines(collector.lines, send_buffer=65536) for _ in range(SENDERS))]
        async with contextlib.AsyncExitStack() as stack:
            senders = []
            for n, connection in enumerate(connections):
                await stack.enter_async_context(connection)
                make = http_sender if isinstance(connection, Http) else line_sender
                senders.append(make(connection, Writer(f"sender{n}", ledger), events))
            watcher = Watcher(collector, senders)
            work = [*(sender.send() for sender in senders), *(sender.answers(ledger) for sender in senders)]
            async with beside(all_of(*work)) as sending:
                await watcher.watch(sending)
                await sending
        waited = [connection.waited for connection in connections]
        expect(all(waited), "every client is held back at some time", f"clients were so often: {waited}")
        check_files(collector, ledger)
        await check_stats(collector, ledger)
        print(f"  at most {watcher.most_under_way >> 10} KiB of {2 * SENDERS * events * SIZE >> 10} under way, "
              f"{watcher.most_memory >> 10} KiB more memory")
