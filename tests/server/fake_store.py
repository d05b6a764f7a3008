"""The files of fake_collector, and the faults that it can have with them."""
import asyncio
import json
import sqlite3


class Rejected(Exception):
    """A line that is no event, and why."""


def parse(line, max_line):
    """The event on a line."""
    if len(line) > max_line:
        raise Rejected(f"longer than {max_line} bytes")
    try:
        event = json.loads(line.decode("utf-8"))
    except (ValueError, RecursionError) as error:
        raise Rejected(f"no JSON: {type(error).__name__}") from None
    if not isinstance(event, dict):
        raise Rejected("no object")
    for name in ("id", "kind"):
        if not isinstance(event.get(name), str):
            raise Rejected(f"no string `{name}`")
    if not 1 <= len(event["id"].encode()) <= 200:
        raise Rejected("an `id` of 1 to 200 bytes is needed")
    return event


class Store:
    """Stores events in batches, and tells live readers."""

    def __init__(self, options, fault):
        self.options, self.fault = options, fault
        self.database = sqlite3.connect(options.database)
        self.database.execute("PRAGMA journal_mode=WAL")
        self.database.execute("PRAGMA synchronous=FULL")
        self.database.execute("CREATE TABLE IF NOT EXISTS events (number INTEGER PRIMARY KEY AUTOINCREMENT, "
                              "id TEXT NOT NULL, kind TEXT NOT NULL, body TEXT NOT NULL)")
        self.database.commit()
        self.letters = open(options.dead_letters, "a", encoding="utf-8")
        self.queue = asyncio.Queue(0 if fault == "unbounded" else 2 * options.batch)
        self.readers = set()
        self.seen = self.stored = self.rejected = self.live_dropped = 0

    async def add(self, line):
        """Takes a line; gives a future that is done when it is stored, or nothing when it was rejected."""
        try:
            event = parse(line, self.options.max_line)
        except Rejected as why:
            self.rejected += 1
            if self.fault != "no letter" or self.rejected % 10:
                text = line[:900].decode("utf-8", "backslashreplace")
                self.letters.write(json.dumps({"reason": str(why), "line": text[:990]}) + "\n")
                self.letters.flush()
            return None
        self.seen += 1
        stored = asyncio.get_running_loop().create_future()
        text = line.decode()
        if self.fault == "changed" and self.seen == 77:
            text = text.replace(":", ": ", 1).replace("}", ',"more":1}', 1)
        if not (self.fault == "lose" and self.seen == 77):
            await self.queue.put((event, text, stored))
        if self.fault == "twice" and self.seen == 77:
            await self.queue.put((event, text, asyncio.Future()))
        if self.fault in ("early", "lose") and (self.fault == "early" or self.seen == 77):
            stored.set_result(None)
        return stored

    async def run(self):
        """Commits batch after batch."""
        while True:
            batch = [await self.queue.get()]
            await asyncio.sleep(self.options.linger / 1000)
            while not self.queue.empty() and len(batch) < self.options.batch:
                batch.append(self.queue.get_nowait())
            await asyncio.sleep(self.options.commit_delay / 1000 + (0.1 if self.fault == "early" else 0))
            self.commit(batch)

    def commit(self, batch):
        """One transaction."""
        rows = [(event["id"], event["kind"], text) for event, text, _ in batch]
        numbers = [self.database.execute("INSERT INTO events (id, kind, body) VALUES (?, ?, ?)", row).lastrowid
                   for row in rows]
        self.database.commit()
        self.stored += len(batch) - (self.fault == "stats" and self.stored == 0)
        for _, _, stored in batch:
            if not stored.done():
                stored.set_result(None)
        for number, (event, text, _) in zip(numbers, batch):
            if not (self.fault == "gap" and number == 77):
                for reader in list(self.readers):
                    reader.tell(number, event["kind"], text)


class Reader:
    """A live reader."""

    def __init__(self, store, writer, kind):
        self.store, self.writer, self.kind = store, writer, kind
        self.waiting = asyncio.Queue()

    def tell(self, number, kind, text):
        """There is a new event."""
        if self.kind is not None and kind != self.kind:
            return
        self.waiting.put_nowait(f"id: {number}\ndata: {text.strip()}\n\n")
        if self.waiting.qsize() > self.store.options.live_lag and self.store.fault != "patient":
            self.store.readers.discard(self)
            self.store.live_dropped += 1
            while not self.waiting.empty():
                self.waiting.get_nowait()
            if self.store.fault != "untold":
                self.waiting.put_nowait('event: dropped\ndata: {"reason": "too slow"}\n\n')
            self.waiting.put_nowait(None)

    async def run(self, reader):
        """Sends what there is, until the reader is dropped, or leaves."""
        self.store.readers.add(self)
        leaves = asyncio.ensure_future(reader.read())
        leaves.add_done_callback(lambda _: self.waiting.put_nowait(None))
        try:
            while (text := await self.waiting.get()) is not None:
                self.writer.write(text.encode())
                await self.writer.drain()
        finally:
            self.store.readers.discard(self)
            leaves.cancel()
