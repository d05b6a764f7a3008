"""What was sent and answered, and whether the files of the collector say the same."""
import collections
import contextlib
import json
import sqlite3

from events import MARK
from expect import Failed, expect, expect_equal, some


class Ledger:
    """What a case has sent, and what the server has said of it."""

    def __init__(self):
        self.sent = {}                           # id: the event
        self.words = {}                          # mark of a bad line: a word that the reason must have
        self.answered = collections.Counter()    # id: how often it was acknowledged
        self.unsure = collections.Counter()      # id: how often it was sent and not answered
        self.rejected = collections.Counter()    # mark: how often the server said that it had rejected it
        self.unsure_rejected = collections.Counter()
        self.faults = []                         # answers that should not be

    def acknowledge(self, request):
        """The server has said that it has stored and rejected all of it."""
        self.answered.update(request.good)
        self.rejected.update(request.bad)

    def doubt(self, request):
        """The server has not answered: it may have stored it, or not."""
        self.unsure.update(request.good)
        self.unsure_rejected.update(request.bad)

    def note(self, request, answer):
        """Counts what was answered to it."""
        if answer.status != 200:
            self.faults.append(f"{answer.status} {answer.body[:200]!r} to a request of {request.counts()}")
        elif answer.json() != request.counts():
            self.faults.append(f"{answer.body!r} to a request of {request.counts()}")
        else:
            self.acknowledge(request)


@contextlib.contextmanager
def opened(database):
    """The database, to be read. The server may be running."""
    connection = sqlite3.connect(f"file:{database}?mode=rw", uri=True, timeout=30)
    try:
        yield connection
    finally:
        connection.close()


def rows(database):
    """All that is stored, in order: number, id, kind, body."""
    with opened(database) as connection:
        return connection.execute("SELECT number, id, kind, body FROM events ORDER BY number").fetchall()


def stored_rows(database):
    """How many events are stored; as long as none is deleted."""
    with opened(database) as connection:
        return connection.execute("SELECT coalesce(max(number), 0) FROM events").fetchone()[0]


def check_integrity(database):
    """SQLite itself finds nothing wrong with the file."""
    with opened(database) as connection:
        expect_equal(connection.execute("PRAGMA integrity_check").fetchall(), [("ok",)], "PRAGMA integrity_check")


def dead_letters(file, may_be_cut=False):
    """The rejected lines, in order. Where the server was killed, the last one may not be whole."""
    lines = file.read_bytes().split(b"\n") if file.exists() else [b""]
    if lines[-1] == b"" or may_be_cut:
        lines.pop()
    letters = []
    for line in lines:
        try:
            letter = json.loads(line.decode("utf-8"))
            fine = isinstance(letter["reason"], str) and letter["reason"] and isinstance(letter["line"], str)
        except (ValueError, KeyError, TypeError):
            fine = False
        expect(fine, 'each dead letter is a line {"reason":"…","line":"…"} of JSON in UTF-8', line[:300])
        letters.append(letter)
    return letters


def check_counts(what, seen, sure, unsure):
    """Each is there at least as often as it is sure to be, and at most as often as it may be."""
    lost = [name for name, times in sure.items() if seen[name] < times]
    many = [name for name, times in seen.items() if times > sure[name] + unsure[name]]
    expect(not lost, f"all {sure.total()} {what} are there", f"{len(lost)} are missing: {some(lost)}")
    expect(not many, f"none of the {what} is there more often than it was sent and may be stored",
           f"{len(many)} are: {some(many)}")


def check_events(database, ledger):
    """Every event that was answered is stored exactly once for each time, as it was sent; no other is."""
    stored = rows(database)
    check_counts("events that were answered", collections.Counter(row[1] for row in stored), ledger.answered,
                 ledger.unsure)
    for number, ident, kind, body in stored:
        event = ledger.sent[ident]
        try:
            same = json.loads(body) == event
        except ValueError:
            same = False
        if not same or kind != event["kind"]:
            raise Failed(f"row {number} holds {json.dumps(event)[:1000]}", f"kind {kind!r}, body {body[:1000]!r}")
    return stored


def check_dead_letters(file, ledger, may_be_cut=False):
    """Every line that was rejected is there, with the reason."""
    marks = collections.Counter()
    for letter in dead_letters(file, may_be_cut):
        found = MARK.search(letter["line"])
        expect(found and found[0] in ledger.words, "only lines that had to be rejected are dead letters", letter)
        word = ledger.words[found[0]]
        expect(word in letter["reason"].lower(), f"a reason that says `{word}`", letter)
        size = len(letter["line"].encode())
        expect(size <= 1100, "a dead letter's line is shortened to 1000 bytes", f"{size} bytes: {letter}")
        marks[found[0]] += 1
    check_counts("lines that were rejected", marks, ledger.rejected, ledger.unsure_rejected)


def check_files(files, ledger, may_be_cut=False):
    """The database and the dead letters hold what was answered, and the answers were right. Gives the rows.

    `files` names the files as a collector does. Where the server was killed, the last dead letter may be cut.
    """
    expect(not ledger.faults, "the right answers", f"{len(ledger.faults)} others:\n  " + "\n  ".join(ledger.faults[:5]))
    stored = check_events(files.database, ledger)
    check_dead_letters(files.dead_letters, ledger, may_be_cut)
    check_integrity(files.database)
    return stored


async def check_stats(collector, ledger):
    """The server's own counts agree."""
    stats = await collector.stats()
    expect_equal((stats["stored"], stats["rejected"]), (ledger.answered.total(), ledger.rejected.total()),
                 "stored and rejected in /stats")
