"""The lines that are sent: events whose ids tell them apart, and lines that must be rejected, each with a mark."""
import dataclasses
import json
import random
import re

MARK = re.compile(r"bad-[0-9a-z]+-\d+")
MAX_LINE = 4096

# How to make a line that must be rejected, and a word that the reason must have.
BAD_LINES = {
    "no JSON": (lambda mark: f'{{"id":"{mark}","kind":'.encode(), ""),
    "no quotes": (lambda mark: f"{{id:{mark},kind:k}}".encode(), ""),
    "an array": (lambda mark: f'["{mark}"]'.encode(), ""),
    "a string": (lambda mark: f'"{mark}"'.encode(), ""),
    "two objects": (lambda mark: f'{{"id":"{mark}","kind":"k"}} {{}}'.encode(), ""),
    "no end of nesting": (lambda mark: f'{{"id":"{mark}","kind":"k","in":'.encode() + b"[" * 2000, ""),
    "no id": (lambda mark: json.dumps({"kind": "k", "note": mark}).encode(), "id"),
    "an id that is a number": (lambda mark: json.dumps({"id": 7, "kind": "k", "note": mark}).encode(), "id"),
    "an empty id": (lambda mark: json.dumps({"id": "", "kind": "k", "note": mark}).encode(), "id"),
    "an id of 201 bytes": (lambda mark: json.dumps({"id": mark.ljust(201, "x"), "kind": "k"}).encode(), "id"),
    "an id of too many bytes in fewer letters": (
        lambda mark: json.dumps({"id": mark + "ä" * 100, "kind": "k"}, ensure_ascii=False).encode(), "id"),
    "no kind": (lambda mark: json.dumps({"id": mark}).encode(), "kind"),
    "a kind that is null": (lambda mark: json.dumps({"id": mark, "kind": None}).encode(), "kind"),
    "bytes that are no UTF-8": (lambda mark: f'{{"id":"{mark}'.encode() + b'\xff\xfe\xc0\xaf","kind":"k"}', ""),
    "half of a letter in UTF-8": (lambda mark: f'{{"id":"{mark}'.encode() + b'\xc3","kind":"k"}', ""),
    "bytes that are no text": (lambda mark: mark.encode() + bytes(b for b in range(256) if b not in b"\r\n"), ""),
    "a line one byte too long": (lambda mark: line_of(mark, MAX_LINE + 1), ""),
    "a line much too long": (lambda mark: line_of(mark, MAX_LINE * 6), ""),
}


def line_of(ident, length, kind="k"):
    """An event that takes just so many bytes."""
    line = json.dumps({"id": ident, "kind": kind, "filler": ""})
    return json.dumps({"id": ident, "kind": kind, "filler": "x" * (length - len(line))}).encode()


@dataclasses.dataclass
class Request:
    """Some lines that are sent together, and what must become of them."""
    lines: list = dataclasses.field(default_factory=list)
    good: list = dataclasses.field(default_factory=list)  # ids, as often as they are sent
    bad: list = dataclasses.field(default_factory=list)   # marks
    ends_in_newline: bool = True

    def body(self):
        """The lines as they are sent."""
        return b"\n".join(self.lines) + (b"\n" if self.ends_in_newline and self.lines else b"")

    def counts(self):
        """What the server must say of it."""
        return {"stored": len(self.good), "rejected": len(self.bad)}


class Writer:
    """Makes the lines of one connection. What it makes depends on its name alone."""

    def __init__(self, name, ledger, kinds=("click", "view", "a b&c", "größe")):
        self.name = name
        self.ledger = ledger
        self.kinds = kinds
        self.random = random.Random(name)
        self.number = 0

    def event(self):
        """The next event: its id, and its line."""
        self.number += 1
        ident = f"{self.name}-{self.number}"
        if self.number % 50 == 7:
            ident = ident.ljust(200, "i")
        elif self.number % 50 == 8:
            ident = ident + "é" * ((200 - len(ident)) // 2)
        event = {"id": ident, "kind": self.random.choice(self.kinds), "number": self.number, **self._more()}
        line = json.dumps(event, ensure_ascii=self.number % 2 == 0)
        if self.number % 50 == 9:
            line = line_of(ident, MAX_LINE, "k").decode()
        self.ledger.sent[ident] = json.loads(line)
        return ident, line.encode()

    def event_of(self, length):
        """The next event, on a line of so many bytes: its id, and its line."""
        self.number += 1
        ident = f"{self.name}-{self.number}"
        line = line_of(ident, length)
        self.ledger.sent[ident] = json.loads(line)
        return ident, line

    def request_of(self, events, length):
        """A request of so many events, each of so many bytes."""
        made = [self.event_of(length) for _ in range(events)]
        return Request([line for _, line in made], [ident for ident, _ in made])

    def _more(self):
        return self.random.choice([
            {},
            {"note": "a \"quoted\" \\ text\nof two lines\t\x00\u2028 with 😀 and é"},
            {"nested": {"list": [1, -2.5, 1e-7, True, None, {"deep": [[[]]]}], "": ""}},
            {"big": [2**63 - 1, 2**64 - 1, -2**63, 10**30 + 1]},
        ])

    def bad(self, make):
        """The next line that must be rejected: its mark, and the line."""
        self.number += 1
        mark = f"bad-{self.name}-{self.number}"
        line, word = make
        self.ledger.words[mark] = word
        return mark, line(mark)

    def request(self, events, bad_share=0.0, twice_share=0.0):
        """A request with so many events, and lines to be rejected, empty lines, and events once more among them."""
        made = Request(ends_in_newline=self.random.random() < 0.7)
        for _ in range(events):
            ident, line = self.event()
            times = 2 if self.random.random() < twice_share else 1
            made.lines += [line] * times
            made.good += [ident] * times
            if self.random.random() < bad_share:
                mark, line = self.bad(self.random.choice(list(BAD_LINES.values())))
                made.lines += [b"", line, b"", b""]
                made.bad.append(mark)
        return made
