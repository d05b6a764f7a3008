"""The command line."""
import asyncio
import socket

from expect import expect, expect_equal, within
from registry import case

NUMBERS = ("--threads", "--batch", "--linger", "--max-body", "--max-line", "--max-header", "--max-connections",
           "--timeout", "--live-lag", "--drain", "--commit-delay")


async def output_of(command, *arguments):
    """The exit status and all that is said. A program that goes on, instead of refusing, is ended."""
    process = await asyncio.create_subprocess_exec(
        *command, *map(str, arguments), stdin=asyncio.subprocess.DEVNULL,
        stdout=asyncio.subprocess.PIPE, stderr=asyncio.subprocess.PIPE)
    said = ""
    try:
        async with asyncio.timeout(60):
            while line := await process.stdout.readline():
                said += line.decode()
                if line == b"ready\n":
                    return None, said
            complaint = (await process.stderr.read()).decode()
            return await process.wait(), said + complaint
    except TimeoutError:
        return None, said
    finally:
        if process.returncode is None:
            process.kill()
            await process.wait()


@case("wrong arguments give exit status 2, and a message that names what is wrong")
async def wrong_options(place):
    """Each alone, beside what is right."""
    files = ["--database", place.folder / "events.db", "--dead-letters", place.folder / "dead_letters"]
    ports = ["--http", "127.0.0.1:0", "--lines", "127.0.0.1:0"]
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        busy = f"127.0.0.1:{taken.getsockname()[1]}"
        wrong = [
            ([*files, *ports, "--bogus"], "--bogus"),
            ([*files, *ports, "--bogus=1"], "--bogus"),
            ([*files, *ports, "leftover"], "leftover"),
            ([*files[2:], *ports], "--database"),
            ([*files[:2], *ports], "--dead-letters"),
            (["--database", place.folder / "no such folder" / "events.db", *files[2:], *ports], "no such folder"),
            ([*files[:2], "--dead-letters", place.folder / "no such folder" / "dead", *ports], "no such folder"),
            ([*files, "--http", busy, "--lines", "127.0.0.1:0"], busy),
            ([*files, "--http", "127.0.0.1:0", "--lines", busy], busy),
            *(([*files, name, value], name) for name in ("--http", "--lines")
              for value in ("nonsense", "127.0.0.1", "127.0.0.1:", "127.0.0.1:x", "127.0.0.1:65536", "127.0.0.1:-1")),
            *(([*files, *ports, name, value], name) for name in NUMBERS
              for value in ("", "x", "-1", "1.5", "10x", "9" * 30)),
            *(([*files, *ports, name], name) for name in NUMBERS),
            *(([*files, *ports, name, "0"], name) for name in ("--threads", "--batch", "--max-connections")),
        ]
        for arguments, named in wrong:
            status, said = await output_of(place.command, *arguments)
            given = f"{' '.join(map(str, arguments))}"
            expect(status == 2, f"exit status 2 with {given}", f"{status}: {said}")
            expect(named in said, f"a message that names {named} with {given}", said)
            expect(len(said.splitlines()) <= 10, "a short message", said)


@case("--help names every option, with its default, and gives exit status 0")
async def shown_help(place):
    """Alone."""
    status, said = await within(output_of(place.command, "--help"), "help")
    expect_equal(status, 0, "the exit status of --help")
    for name in ("--database", "--dead-letters", "--http", "--lines", *NUMBERS):
        expect(name in said, f"{name} in the help", said)
