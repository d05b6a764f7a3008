"""What the stages of a stopped program or a core wait for, in gdb.

    (gdb) source /usr/share/sluice/gdb/sluice.py      or tools/gdb/sluice.py of a checkout

    sluice stages        all stages: what they do, since when, how many events have come and gone
    sluice stage WHICH   one, by its number there, its name or an expression: its subscriptions, demand and buffers
    sluice waits         who waits for whom, and who is to blame

Nothing is called in the program: all is read from its memory, so a core will do. The library must have been built with
-g (Meson: --buildtype=debugoptimized, or -Ddebug=true); -g1 has no types. The program itself needs no more than its
symbols, but for the printers of batches and handles, which need its types.

A moment is a count of processor ticks. `since` says how long before the last moment that any stage has noted, by the
rate that /proc/cpuinfo names; `set sluice-ticks-per-second` sets another, such as that of the machine of a core.
"""
import os
import sys

import gdb
import gdb.printing

# Not __file__: in a script that is sourced by another one that names the other one.
sys.path.insert(0, os.path.dirname(os.path.realpath(sys._getframe().f_code.co_filename)))
from sluice_stages import (ENDED, Link, Stage, Waits, all_stages, before_last, elements, held, listed,  # noqa: E402
                           number, pointer)


# --- Commands --------------------------------------------------------------------------------------------------------


def table(rows):
    widths = [max(len(row[i]) for row in rows) for i in range(len(rows[0]))]
    for row in rows:
        print("  ".join(cell.ljust(width) for cell, width in zip(row, widths)).rstrip())


class Sluice(gdb.Command):
    """Stages, and what they wait for: sluice stages, sluice stage WHICH, sluice waits."""

    def __init__(self):
        super().__init__("sluice", gdb.COMMAND_DATA, gdb.COMPLETE_NONE, True)


class Stages(gdb.Command):
    """All stages: what they do, since when, how many events have come and gone."""

    def __init__(self):
        super().__init__("sluice stages", gdb.COMMAND_DATA, gdb.COMPLETE_NONE)

    def invoke(self, argument, from_tty):
        stages = all_stages()
        if not stages:
            print("there are no stages")
            return
        rows = [("#", "name", "kind", "does", "since", "in", "queued", "out", "asked for", "buffered", "in hand")]
        for stage in stages:
            rows.append((str(stage.number), stage.name or "-", stage.kind(), stage.doing(),
                         before_last(stages, stage.since if stage.awaits else 0, stage.has_ticks),
                         str(stage.total(stage.inlets, "received_")), str(stage.queued()),
                         str(stage.total(stage.outlets, "emitted_")), str(stage.total(stage.outlets, "wanted_")),
                         str(stage.buffered()), str(stage.in_hand())))
        table(rows)


def stage_for(which, stages):
    for stage in stages:
        if which in (stage.name, str(stage.number), f"#{stage.number}"):
            return stage
    try:
        value = gdb.parse_and_eval(which)
        address = held(value["core_"]) if value.type.strip_typedefs().code == gdb.TYPE_CODE_STRUCT else int(value)
    except gdb.error:
        address = 0
    for stage in stages:
        if stage.address == address:
            return stage
    raise gdb.GdbError(f"There is no stage {which}; `sluice stages` lists them.")


class OneStage(gdb.Command):
    """One stage, by its number in `sluice stages`, its name or an expression: its subscriptions, demand and buffers."""

    def __init__(self):
        super().__init__("sluice stage", gdb.COMMAND_DATA, gdb.COMPLETE_SYMBOL)

    def invoke(self, argument, from_tty):
        stages = all_stages()
        stage = stage_for(argument.strip(), stages)
        waits = Waits(stages)
        title = {each.address: each.title() for each in stages}
        print(f"`{stage.title()}`, {stage.kind()} at {stage.address:#x}: {stage.doing()}")
        if stage.awaits:
            print(f"  since {before_last(stages, stage.since, stage.has_ticks)} before the last moment noted"
                  if stage.since else "  for takers of what it has emitted")
        elif stage.phase != ENDED:
            print(f"  {waits.why(stage)}")
        for inlet in stage.inlets:
            print(f"  receives: {number(inlet['received_'])} received, {number(inlet['queued_'])} queued")
        for link in stage.links:
            asked = before_last(stages, link.asked_at, stage.has_ticks)
            print(f"    from `{title.get(link.producer, hex(link.producer))}`: {link}" +
                  (f"; asked {asked} before the last moment noted" if asked else "; has not asked yet"))
        for outlet in stage.outlets:
            print(f"  emits: {number(outlet['emitted_'])} emitted, {number(outlet['wanted_'])} asked for and not emitted, "
                  f"{number(outlet['buffered_'])} buffered, {number(outlet['live_'])} consumers")
            for over in elements(outlet["links_"]):
                if held(over):
                    link = Link(pointer(gdb.Value(held(over)), "link"))
                    print(f"    to `{title.get(link.consumer, hex(link.consumer))}`: {link}")
        lost = number(stage.core["discarded_"]) + stage.total(stage.inlets + stage.outlets, "discarded_")
        if lost:
            print(f"  {lost} discarded")


class WhoWaits(gdb.Command):
    """Who waits for whom, and who is to blame."""

    def __init__(self):
        super().__init__("sluice waits", gdb.COMMAND_DATA, gdb.COMPLETE_NONE)

    def invoke(self, argument, from_tty):
        stages = all_stages()
        waits = Waits(stages)
        for stage in stages:
            for other, link in waits.of[stage.address]:
                if stage.awaits == "events":
                    has = f"which owes it {link.awaited}"
                else:
                    has = f"which has {link.in_hand()} and asks for no more" if link.asked_at else "which has not asked yet"
                print(f"`{stage.title()}` waits for {stage.awaits} from `{other.title()}`, {has}")
        blamed, circle = waits.blamed()
        for stage, waiting in blamed:
            others = [each for each in waiting if each is not stage]
            print(f"to blame: `{stage.title()}`: {waits.why(stage)}" +
                  (f"; for it wait {listed(others)}" if others else ""))
        if circle:
            print(f"to blame: a circle: {listed(circle)} wait for each other")
        if not blamed and not circle:
            print("no stage waits")


# --- Printers --------------------------------------------------------------------------------------------------------


class BatchPrinter:
    def __init__(self, value):
        event = value.type.strip_typedefs().template_argument(0)
        block = gdb.lookup_type(f"sluice::detail::block<{event}>")
        address = held(value["block_"])
        self.events = []
        if address:
            content = gdb.Value(address).cast(block.pointer()).dereference()
            self.lent = int(content["lender"]) != 0
            if not self.lent and event.strip_typedefs().code != gdb.TYPE_CODE_BOOL:
                self.events = list(elements(content["events"]))[int(content["offset"]):]
            self.size = int(content["borrowed"]) if self.lent else len(self.events)
        else:
            self.lent, self.size = False, 0

    def to_string(self):
        return f"batch of {self.size}" + (", which lie in a batch that others have too" if self.lent else "")

    def children(self):
        return ((f"[{i}]", event) for i, event in enumerate(self.events))

    def display_hint(self):
        return "array"


def short(address):
    stage = Stage(pointer(gdb.Value(address), "stage_core"))
    return f"`{stage.title()}`, {stage.doing()}"


class LinkPrinter:
    def __init__(self, value):
        self.link = value.address if value.type.strip_typedefs().name == "sluice::detail::link" else \
            pointer(gdb.Value(held(value["over_"])), "link")

    def to_string(self):
        if not int(self.link):
            return "no subscription"
        link = Link(self.link)
        return f"{short(link.producer)} -> {short(link.consumer)}: {link}"


class HandlePrinter:
    def __init__(self, value):
        self.kind = value.type.strip_typedefs().name.replace("sluice::", "", 1)
        self.address = held(value["core_"])

    def to_string(self):
        return f"{self.kind} {short(self.address)}" if self.address else f"{self.kind} of nothing"


def add_printers():
    printers = gdb.printing.RegexpCollectionPrettyPrinter("sluice")
    printers.add_printer("batch", "^sluice::batch<.*>$", BatchPrinter)
    printers.add_printer("link", "^sluice::(detail::link|subscription)$", LinkPrinter)
    printers.add_printer("handle", "^sluice::(stage|(producer|consumer|producer_consumer)<.*>)$", HandlePrinter)
    gdb.printing.register_pretty_printer(None, printers, replace=True)


for command in (Sluice, Stages, OneStage, WhoWaits):
    command()
add_printers()
