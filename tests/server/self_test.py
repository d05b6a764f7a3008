"""Tries the cases on a collector that is honest, and on the same with one fault after the other."""
import pathlib
import sys

import case_back_pressure
import case_counting
import case_live
import case_pages
import case_slow_clients
import case_stopping
from expect import Failed
from registry import Case

FAKE = [sys.executable, str(pathlib.Path(__file__).resolve().parent / "fake_collector")]


def small(run, **sizes):
    """A case with less to do: the fake is slow."""
    async def smaller(place):
        await run(place, **sizes)

    smaller.__name__ = run.__name__
    return smaller


small_counting = small(case_counting.counting, events=400, connections=8)
orderly_stop = small(case_stopping.orderly_stop, enough=300, clients=10)
sudden_death = small(case_stopping.sudden_death, enough=300, clients=10)
slow_reader = small(case_live.slow_reader, most=16 << 20)
back_pressure = small(case_back_pressure.back_pressure, events=400)


# What the fake does wrong, the case that must find it, and what that must say.
FAULTS = [
    ("lose", small_counting, "1 are missing"),
    ("twice", small_counting, "more often than it was sent"),
    ("changed", small_counting, "row"),
    ("no letter", small_counting, "lines that were rejected are there"),
    ("count", small_counting, "the right answers"),
    ("stats", small_counting, "stored and rejected in /stats"),
    ("no maximum", small_counting, "413"),
    ("early", orderly_stop, "are missing"),
    ("early", sudden_death, "are missing"),
    ("cheerful", case_stopping.deadline_passed, "the exit status past the deadline"),
    ("halves", case_slow_clients.slow_clients, "it was sent and may be stored"),
    ("no limit", case_slow_clients.too_many, "the status past the limit: 503"),
    ("gap", case_live.live_readers, "of which number 76"),
    ("untold", slow_reader, "`event: dropped` with a reason"),
    ("patient", slow_reader, "the slow reader is dropped in time"),
    ("unbounded", back_pressure, " KiB "),
    ("no numbers", case_pages.pages, "in /graph"),
]


def honest(run):
    """The case passes."""
    async def passes(place):
        place.command = FAKE
        await run(place)

    return Case(f"`{run.__name__}` passes with a collector that does all right", passes)


def faulty(fault, run, complaint):
    """The case fails, and says this."""
    async def fails(place):
        place.command = [*FAKE, "--fault", fault]
        try:
            await run(place)
        except Failed as failed:
            if complaint not in str(failed):
                raise Failed(f"a failure that says: {complaint}", str(failed)) from None
            return
        raise Failed(f"a failure that says: {complaint}", "the case passes")

    return Case(f"`{run.__name__}` finds the fault `{fault}`", fails)


def cases():
    """All of them."""
    runs = dict.fromkeys(run for _, run, _ in FAULTS)
    made = [honest(run) for run in runs] + [faulty(*fault) for fault in FAULTS]
    names = [f"{run.__name__}_passes" for run in runs] + [f"{run.__name__}_finds_{fault}" for fault, run, _ in FAULTS]
    for case, name in zip(made, names):
        case.run.__name__ = name.replace(" ", "_")
    return made
