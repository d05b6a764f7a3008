"""What the server says of itself."""
import re
import xml.etree.ElementTree as xml

from clients import Http, fetch
from events import Writer
from expect import expect, expect_equal
from ledger import Ledger, check_stats
from registry import case

SVG = "{http://www.w3.org/2000/svg}"


def check_members(stats):
    """All that must be there, of the right type."""
    counts = ("stored", "rejected", "connections", "live", "live_dropped")
    for name in counts:
        expect(isinstance(stats.get(name), int) and not isinstance(stats[name], bool) and stats[name] >= 0,
               f"a count `{name}` in /stats", stats)
    stages = stats.get("stages")
    expect(isinstance(stages, list) and len(stages) >= 3, "several `stages` in /stats", stats)
    for stage in stages:
        expect(isinstance(stage, dict) and isinstance(stage.get("name"), str) and stage["name"],
               "each stage in /stats has a name", stage)
        expect(isinstance(stage.get("in"), int), "each stage in /stats says how many events it has taken", stage)


@case("/stats is JSON with every count, and /graph an SVG that names the stages and shows their numbers")
async def pages(place):
    """After some events, the counts are those."""
    ledger = Ledger()
    async with place.collector() as collector:
        check_members(await collector.stats())
        await check_stats(collector, ledger)
        async with Http(collector.http) as http:
            writer = Writer("page", ledger)
            for _ in range(3):
                request = writer.request(1379, bad_share=0.01)
                ledger.note(request, await http.request("POST", "/events", request.body()))
            expect(not ledger.faults, "the right answers", ledger.faults)
            answer = await http.request("GET", "/stats")
            expect(answer.headers.get("content-type", "").startswith("application/json"), "application/json", answer)
            stats = answer.json()
            check_members(stats)
            expect(stats["connections"] >= 1, "this connection in /stats", stats)
            await check_stats(collector, ledger)
            answer = await http.request("GET", "/graph")
        expect_equal(answer.status, 200, "the status of /graph")
        expect(answer.headers.get("content-type", "").startswith("image/svg+xml"), "image/svg+xml", answer.headers)
        check_drawing(answer.body, [stage["name"] for stage in stats["stages"]], stats["stored"])
        await collector.stop()


def check_drawing(text, names, stored):
    """It is well-formed, and shows each name and the number of what was stored."""
    try:
        root = xml.fromstring(text)
    except xml.ParseError as error:
        expect(False, "well-formed XML", f"{error}: {text[:500]!r}")
    expect_equal(root.tag, SVG + "svg", "the root of /graph")
    said = " ".join("".join(element.itertext()) for element in root)
    for name in names:
        expect(name in said, f"the stage `{name}` in /graph", said)
    expect(str(stored) in re.sub(r"(?<=\d)[ ,.'\u2009\u202f](?=\d{3})", "", said), f"{stored} in /graph", said)


@case("a page that is asked for with a body, a query or in a row is answered as well")
async def odd_requests(place):
    """Requests that are unusual and right."""
    async with place.collector() as collector:
        for path in ("/stats?pretty", "/graph?"):
            expect_equal((await fetch(collector.http, "GET", path)).status, 200, f"the status of {path}")
        async with Http(collector.http) as http:
            for path in ("/stats", "/graph", "/stats"):
                await http.send("GET", path)
            for path in ("/stats", "/graph", "/stats"):
                expect_equal((await http.answer()).status, 200, f"the status of {path}")
