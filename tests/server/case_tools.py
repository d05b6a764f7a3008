"""Clients that others have written: curl and wrk."""
import asyncio
import json
import re
import shutil

from events import Writer
from expect import Skipped, expect, expect_equal, until, within
from ledger import Ledger, check_files, check_stats, dead_letters, rows
from registry import case

# Each request has an event of its own. wrk calls `setup` for each thread, and `request` for each request.
SCRIPT = """
local threads = 0
function setup(thread) thread:set("number", threads); threads = threads + 1 end
local count = 0
wrk.method = "POST"
function request()
  count = count + 1
  return wrk.format(nil, "/events", nil, '{"id":"wrk-' .. number .. '-' .. count .. '","kind":"load"}\\n')
end
function done(summary)
  local errors = summary.errors
  io.write(string.format("answered %d other %d broken %d\\n", summary.requests, errors.status,
                         errors.connect + errors.read + errors.write + errors.timeout))
end
"""


def need(tool):
    """Skips the case where the tool is not installed."""
    if not shutil.which(tool):
        raise Skipped(f"{tool} is not installed")


async def output(*command):
    """What a command says. It must succeed."""
    process = await asyncio.create_subprocess_exec(
        *map(str, command), stdin=asyncio.subprocess.DEVNULL, stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.PIPE)
    try:
        said, complaint = await within(process.communicate(), f"{command[0]} ends")
    finally:
        if process.returncode is None:
            process.kill()
            await process.wait()
    expect(process.returncode == 0, f"{' '.join(map(str, command))} succeeds", complaint.decode())
    return said.decode()


@case("curl posts, is answered, and follows the events live")
async def by_curl(place):
    """With a length and in chunks, large and small, and with `Expect: 100-continue`."""
    need("curl")
    ledger = Ledger()
    writer = Writer("curl", ledger)
    async with place.collector("--max-body", 1 << 20, "--live-lag", 1000000) as collector:
        url = f"http://127.0.0.1:{collector.http}"
        live = await asyncio.create_subprocess_exec("curl", "-sSN", f"{url}/live", stdin=asyncio.subprocess.DEVNULL,
                                                    stdout=asyncio.subprocess.PIPE)
        try:
            await collector.until_stats(lambda stats: stats["live"] == 1, "curl is a live reader")
            for events, more in ((3, []), (2000, []), (2000, ["-H", "Transfer-Encoding: chunked"]),
                                 (5, ["-H", "Expect: 100-continue", "--expect100-timeout", "600"])):
                request = writer.request(events, bad_share=0.1)
                file = place.folder / "body"
                file.write_bytes(request.body())
                said = await output("curl", "-sS", "--data-binary", f"@{file}", *more, f"{url}/events")
                expect_equal(json.loads(said), request.counts(), "what curl is answered")
                ledger.acknowledge(request)
            file.write_bytes(b"x" * (2 << 20))
            status = await output("curl", "-sS", "-o", "/dev/null", "-w", "%{http_code}", "--data-binary", f"@{file}",
                                  f"{url}/events")
            expect_equal(status, "413", "the status that curl gets for a large body")
            seen = []
            while len(seen) < ledger.answered.total():
                line = await within(live.stdout.readline(), "curl shows every event")
                expect(line, "curl shows every event", f"its end after {len(seen)}")
                if line.startswith(b"data: "):
                    seen.append(json.loads(line[6:]))
        finally:
            live.kill()
            await live.wait()
        stored = check_files(collector, ledger)
        expect_equal(seen, [json.loads(row[3]) for row in stored], "what curl shows")
        await check_stats(collector, ledger)
        await collector.stop()


@case("under the load of wrk every request is answered 200 and stored exactly once")
async def by_wrk(place):
    """32 connections for two seconds. wrk leaves them with requests under way, at most one each."""
    need("wrk")
    connections = 32
    async with place.collector("--timeout", 60000) as collector:
        script = place.folder / "post.lua"
        script.write_text(SCRIPT, encoding="ascii")
        said = await output("wrk", "-t2", f"-c{connections}", "-d2s", "--timeout", "60s", "-s", script,
                            f"http://127.0.0.1:{collector.http}/events")
        found = re.search(r"answered (\d+) other (\d+) broken (\d+)", said)
        expect(found, "a count by wrk", said)
        answered, other, broken = map(int, found.groups())
        expect((other, broken) == (0, 0) and answered > 0, "nothing but answers of 200", said)
        await until(lambda: count_is_final(collector), "the server is at rest")
        await collector.stop()
        stored = [row[1] for row in rows(collector.database)]
        expect_equal(len(stored), len(set(stored)), "events stored once each")
        expect(answered <= len(stored) <= answered + connections,
               f"{answered} events are stored, and up to {connections} more", len(stored))
        expect_equal(dead_letters(collector.dead_letters), [], "dead letters")
        print(f"  {answered} requests")


async def count_is_final(collector):
    """All other connections are gone."""
    return (await collector.stats())["connections"] <= 1
