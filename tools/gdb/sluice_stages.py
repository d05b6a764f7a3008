"""What tools/gdb/sluice.py knows of stages: where they are in memory, and what is read there."""
import re

import gdb

NO_TYPES = ("There are no types of Sluice here. The library must be built with -g (Meson: --buildtype=debugoptimized); "
            "-g1 is not enough.")
# By class: what users call it, and why it waits for nobody where that is not its body's doing.
KINDS = {
    "producer_consumer_ends": ("producer_consumer", None), "producer_ends": ("producer", None),
    "consumer_ends": ("consumer", None), "child_keeper": ("consumer_supervisor", None),
    "fan_out": ("fan_out", "nothing is given to it"), "fan_out_core": ("fan_out", "nothing is given to it"),
    "stream": ("stream", "nobody receives from it"), "stream_core": ("stream", "nobody receives from it"),
    "supervisor_core": ("supervisor", "its children run"),
}
FLOW_KINDS = {"lane": "stage of a flow", "lane_core": "stage of a flow", "gate": "end of a flow"}
LONGEST_KIND = 48
CREATED, RUNNING, DRAINING, ENDED = range(4)
MANUAL = 0


# --- Memory ----------------------------------------------------------------------------------------------------------


def type_named(name):
    try:
        return gdb.lookup_type("sluice::detail::" + name)
    except gdb.error:
        raise gdb.GdbError(NO_TYPES) from None


def pointer(value, name):
    return value.cast(type_named(name).pointer())


def number(value):
    """Of a published<N>, a published_level or a std::atomic<N>: all lay out as an N, at their beginning."""
    while value.type.strip_typedefs().code == gdb.TYPE_CODE_STRUCT:
        value = value[next(field for field in value.type.strip_typedefs().fields() if hasattr(field, "bitpos"))]
    return int(value)


def elements(vector):
    """Of a std::vector, of either standard library."""
    names = {field.name for field in vector.type.strip_typedefs().fields()}
    if "__begin_" in names:
        first, last = vector["__begin_"], vector["__end_"]
    else:
        first, last = vector["_M_impl"]["_M_start"], vector["_M_impl"]["_M_finish"]
    for i in range(int(last - first)):
        yield first[i]


def text_of(string):
    """Of a std::string. A printer knows it, if one is loaded; else as libstdc++ has it."""
    try:
        return string["_M_dataplus"]["_M_p"].string(length=int(string["_M_string_length"]))
    except (gdb.error, UnicodeDecodeError):
        return str(string).strip('"')


def held(owner):
    """What a unique_ptr without state in its deleter, or a boost::intrusive_ptr, points to, as an address."""
    void_pointer = gdb.lookup_type("void").pointer()
    return int(owner.address.cast(void_pointer.pointer()).dereference())


def symbol_at(address):
    said = gdb.execute(f"info symbol {address:#x}", to_string=True)
    return "" if said.startswith("No symbol") else re.sub(r" (\+ \d+ )?in section .*", "", said).strip()


def word_at(address):
    return int(gdb.Value(address).cast(gdb.lookup_type("unsigned long").pointer()).dereference())


def bases(type_info):
    """The std::type_info of a class's bases, by the layout of the Itanium ABI."""
    kind = symbol_at(word_at(type_info))
    if "__si_class_type_info" in kind:
        return [word_at(type_info + 16)]
    if "__vmi_class_type_info" in kind:
        return [word_at(type_info + 24 + 16 * i) for i in range(word_at(type_info + 16) >> 32)]
    return []


def is_a(type_info, name):
    of = gdb.Value(word_at(type_info + 8)).cast(gdb.lookup_type("char").pointer()).string()
    return of == name or any(is_a(base, name) for base in bases(type_info))


# --- Stages ----------------------------------------------------------------------------------------------------------


class Link:
    """A subscription, as its consumer notes it."""

    def __init__(self, link):
        self.link = link
        meter = link["meter"]
        self.received, self.outstanding = number(meter["received"]), number(meter["outstanding"])
        self.awaited, self.asked_at = number(meter["awaited"]), number(meter["asked_at"])
        self.max_demand = number(meter["max_demand"])
        self.producer, self.consumer = held(link["producer_"]), held(link["consumer_"])

    def in_hand(self):
        return max(self.outstanding - self.awaited, 0)

    def __str__(self):
        most = f" of at most {self.max_demand}" if self.max_demand != MANUAL else ", asked for by hand"
        return (f"{self.received} have come, {self.outstanding} outstanding{most}, of which the producer owes "
                f"{self.awaited} and the consumer has {self.in_hand()}")


class Stage:
    def __init__(self, core):
        self.core = pointer(core, "stage_core")
        self.address = int(core)
        self.number = 0  # in the list of all
        self.name = text_of(self.core["name"])
        self.phase = number(self.core["phase_"])
        self.inlets = [pointer(each, "inlet_side") for each in elements(self.core["inlets_"])]
        self.outlets = [pointer(each, "outlet_side") for each in elements(self.core["outlets_"])]
        self.links = [Link(pointer(gdb.Value(held(one["over"])), "link")) for inlet in self.inlets
                      for one in elements(inlet["subscriptions_"]) if held(one["over"])]
        waits = [("demand", outlet[which]) for outlet in self.outlets for which in ("for_takers_", "for_demand_")]
        waits += [("events", inlet["for_events_"]) for inlet in self.inlets]
        self.awaits, self.since = next(((what, number(time["since"])) for what, time in waits
                                        if number(time["since"])), (None, 0))
        self.last = max([number(self.core["turn_began_"]), self.since] + [number(time["ended"]) for _, time in waits] +
                        [link.asked_at for link in self.links])
        if self.phase != RUNNING:
            self.awaits = "demand" if self.phase == DRAINING and self.buffered() else None
        self.has_ticks = bool(self.core["ticks_tell_time_"])

    def title(self):
        return self.name or f"{self.kind()} {'#' + str(self.number) if self.number else hex(self.address)}"

    def class_name(self):
        vtable = symbol_at(word_at(self.address))
        name, sign, events = re.sub(r"^vtable for (sluice::detail::)?", "", vtable).partition("<")
        return name, sign + events

    def kind(self):
        name, events = self.class_name()
        if name in FLOW_KINDS:
            return FLOW_KINDS[name]
        users = KINDS.get(name, (name or "stage", None))[0]
        return users + events if len(users + events) <= LONGEST_KIND else users

    def without_body(self):
        """Why one that has no body waits for nobody."""
        return KINDS.get(self.class_name()[0], ("", None))[1]

    def total(self, ends, member):
        return sum(number(end[member]) for end in ends)

    def queued(self):
        return self.total(self.inlets, "queued_")

    def buffered(self):
        return self.total(self.outlets, "buffered_")

    def in_hand(self):
        return sum(link.in_hand() for link in self.links)

    def is_idle(self):
        """No turn runs or is due. The inbox then holds a mark, which is a message that nobody handles."""
        head = self.core["inbox_"]
        first = gdb.Value(number(head)).cast(type_named("message").pointer())
        return int(first) != 0 and int(first["handle"]) == 0

    def doing(self):
        if self.phase == RUNNING and self.awaits:
            return f"waits for {self.awaits}"
        if self.phase == RUNNING:
            return ("waits for its user" if self.without_body() else "awaits something else") if self.is_idle() else "runs"
        return {CREATED: "not started", DRAINING: "ending", ENDED: "ended"}.get(self.phase, "?")


def services():
    """What each execution context knows of Sluice; of each copy of the library, should libraries have their own."""
    list_type = type_named("strand_service").pointer()
    named = [file.lookup_global_symbol("sluice::detail::strand_service::all_") for file in gdb.objfiles()]
    for address in sorted({int(symbol.value().address) for symbol in named if symbol}):
        service = gdb.Value(address).cast(list_type.pointer()).dereference()
        while int(service):
            yield service
            service = service["other_behind_"]


def all_stages():
    """In the order in which they were made, context by context."""
    found = []
    for service in services():
        of_context, strand = [], service["first_"]
        while int(strand):
            type_info = word_at(word_at(int(strand)) - 8)
            if is_a(type_info, "N6sluice6detail10stage_coreE"):
                of_context.append(Stage(strand))
            strand = strand["following_"]
        found += reversed(of_context)
    for i, stage in enumerate(found, 1):
        stage.number = i
    return found


# --- Time ------------------------------------------------------------------------------------------------------------


class TicksPerSecond(gdb.Parameter):
    """The rate of the processor's time stamp counter, by which `since` is told; 0: that of this machine."""

    set_doc = show_doc = "Ticks per second of the machine on which the program ran; 0: as this machine's."

    def __init__(self):
        super().__init__("sluice-ticks-per-second", gdb.COMMAND_DATA, gdb.PARAM_ZUINTEGER)
        self.value = 0

    def get_set_string(self):
        return ""


ticks_per_second = TicksPerSecond()


def rate():
    if ticks_per_second.value:
        return float(ticks_per_second.value)
    try:
        with open("/proc/cpuinfo", encoding="ascii", errors="replace") as file:
            text = file.read()
    except OSError:
        return None
    named = re.search(r"@ ([\d.]+)GHz", text)
    measured = re.search(r"cpu MHz\s*: ([\d.]+)", text)
    return float(named[1]) * 1e9 if named else float(measured[1]) * 1e6 if measured else None


def span(moments, has_ticks):
    per_second = rate() if has_ticks else 1e9
    if not per_second:
        return f"{moments} ticks"
    seconds = moments / per_second
    return next(f"{seconds * by:.3g} {unit}" for least, by, unit in ((1, 1, "s"), (1e-3, 1e3, "ms"), (0, 1e6, "us"))
                if seconds >= least)


def before_last(stages, moment, has_ticks):
    last = max((stage.last for stage in stages if stage.has_ticks == has_ticks), default=0)
    return span(max(last - moment, 0), has_ticks) if moment else ""


# --- Who waits for whom ----------------------------------------------------------------------------------------------


class Waits:
    def __init__(self, stages):
        self.stages = stages
        self.by_address = {stage.address: stage for stage in stages}
        self.of = {stage.address: self.awaited_by(stage) for stage in stages}

    def awaited_by(self, stage):
        """Those it waits for, with the subscription that makes it wait."""
        if stage.awaits == "events":
            return [(self.by_address[link.producer], link) for link in stage.links
                    if link.awaited and link.producer in self.by_address]
        if stage.awaits == "demand":
            return [(other, link) for other in self.stages for link in other.links
                    if link.producer == stage.address and link.awaited == 0]
        return []

    def roots(self, stage):
        """Where the waiting of a stage begins: at stages that wait for nobody; none if it waits in a circle."""
        seen, found, todo = set(), [], [stage]
        while todo:
            now = todo.pop()
            if now.address in seen:
                continue
            seen.add(now.address)
            if self.of[now.address]:
                todo += [other for other, _ in self.of[now.address]]
            else:
                found.append(now)
        return found

    def blamed(self):
        """Stages that wait for nobody, with those who wait, over others too, for them; and who waits in a circle."""
        blamed, circle = {}, []
        for stage in self.stages:
            if stage.awaits is None:
                continue
            roots = self.roots(stage)
            for root in roots:
                blamed.setdefault(root.address, []).append(stage)
            if not roots:
                circle.append(stage)
        return [(self.by_address[address], waiting) for address, waiting in blamed.items()], circle

    def why(self, stage):
        if stage.awaits == "demand":
            return "waits for demand, and has no consumer that could ask" if not any(
                link.producer == stage.address for other in self.stages for link in other.links) else \
                "waits for demand, though its consumers have asked"
        if stage.awaits == "events":
            return "waits for events that it has not asked for" if stage.links else "waits for events of nobody"
        if stage.phase == CREATED:
            return "was never run"
        if stage.phase == ENDED:
            return "has ended"
        if not stage.is_idle():
            text = "it runs"
        else:
            text = stage.without_body() or \
                "its body awaits something that is none of its ends, such as a timer or a socket"
        if stage.in_hand():
            text += f"; it has {stage.in_hand()} events that it has not processed"
        return text


def listed(stages):
    return ", ".join(f"`{stage.title()}`" for stage in stages)
