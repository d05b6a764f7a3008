"""A collector that runs as a process of its own, with its files in a folder of its own."""
import asyncio
import pathlib
import re
import shutil
import signal

import clients
from events import MAX_LINE
from expect import Failed, LIMIT, until, within


class Files:
    """The files of a collector."""

    def __init__(self, folder):
        self.folder = pathlib.Path(folder)
        self.database = self.folder / "events.db"
        self.dead_letters = self.folder / "dead_letters"
        self.log_file = self.folder / "log"

    def copied(self, name):
        """A copy of them as they are, so that looking at them changes nothing: SQLite itself mends a database."""
        return Files(shutil.copytree(self.folder, self.folder.parent / name))


class Collector(Files):
    """`async with` starts it and waits until it is ready; whatever happens, it does not outlive the block."""

    def __init__(self, command, folder, options):
        super().__init__(folder)
        self.arguments = [*command, "--database", str(self.database), "--dead-letters", str(self.dead_letters),
                          "--http", "127.0.0.1:0", "--lines", "127.0.0.1:0", *map(str, options)]
        self.process = None
        self.ports = {}
        self.said = ""

    async def __aenter__(self):
        with open(self.log_file, "ab") as log:
            self.process = await asyncio.create_subprocess_exec(
                *self.arguments, stdin=asyncio.subprocess.DEVNULL, stdout=asyncio.subprocess.PIPE, stderr=log)
        try:
            await within(self._ready(), "a line `ready` on the standard output")
        except BaseException:
            await self.kill()
            raise
        return self

    async def __aexit__(self, *_):
        if self.process.returncode is None:
            await self.kill()

    async def _ready(self):
        while True:
            line = (await self.process.stdout.readline()).decode()
            self.said += line
            if not line:
                raise Failed("lines `http HOST:PORT`, `lines HOST:PORT`, `ready` on the standard output", self.said)
            if found := re.fullmatch(r"(http|lines) 127\.0\.0\.1:(\d+)\n", line):
                self.ports[found[1]] = int(found[2])
            if line == "ready\n":
                break
        if sorted(self.ports) != ["http", "lines"]:
            raise Failed("both ports before the line `ready`", self.said)

    @property
    def http(self):
        """The port of HTTP."""
        return self.ports["http"]

    @property
    def lines(self):
        """The line port."""
        return self.ports["lines"]

    @property
    def running(self):
        """Whether the process has not ended yet."""
        return self.process.returncode is None

    def log(self):
        """What it has written, to both outputs."""
        return self.said + self.log_file.read_text(encoding="utf-8", errors="replace")

    def terminate(self):
        """Asks it to stop."""
        self.process.send_signal(signal.SIGTERM)

    def interrupt(self):
        """Asks it to stop, as from a terminal."""
        self.process.send_signal(signal.SIGINT)

    async def kill(self):
        """Ends it as `kill -9` does."""
        if self.running:
            self.process.kill()
        await self.exit_status()

    async def exit_status(self, limit=LIMIT):
        """Waits until it ends."""
        self.said += (await within(self.process.stdout.read(), "the process ends", limit)).decode()
        return await within(self.process.wait(), "the process ends", limit)

    async def stop(self):
        """Stops it in an orderly way, which must succeed."""
        self.terminate()
        status = await self.exit_status()
        if status != 0:
            raise Failed("exit status 0 after SIGTERM", status)

    async def stats(self):
        """What `GET /stats` says."""
        return await clients.get_json(self.http, "/stats")

    async def until_stats(self, condition, expected):
        """Waits until `condition` holds of `GET /stats`."""
        async def holds():
            self.last = await self.stats()
            return self.last if condition(self.last) else None

        self.last = None
        try:
            return await until(holds, expected)
        except Failed as failed:
            raise Failed(expected, f"{failed}\n/stats: {self.last}") from None

    def resident_bytes(self):
        """The memory that the process holds (VmRSS)."""
        status = pathlib.Path(f"/proc/{self.process.pid}/status").read_text(encoding="ascii")
        return int(re.search(r"VmRSS:\s+(\d+) kB", status)[1]) * 1024


class Place:
    """Where a case runs: it starts collectors there, and keeps their logs for the case that fails."""

    def __init__(self, command, folder):
        self.command = command
        self.folder = pathlib.Path(folder)
        self.collectors = []

    def collector(self, *options, folder=None):
        """A collector with these options, to be entered with `async with`. With `folder`, that of an earlier one."""
        if "--max-line" not in options:
            options = (*options, "--max-line", MAX_LINE)
        if folder is None:
            folder = self.folder / str(len(self.collectors))
            folder.mkdir()
        self.collectors.append(Collector(self.command, folder, options))
        return self.collectors[-1]

    def logs(self, most=6000):
        """How each collector was started, and the end of what it wrote."""
        parts = []
        for collector in self.collectors:
            log = collector.log() if collector.log_file.exists() else ""
            if len(log) > most:
                log = "…" + log[-most:]
            parts.append(f"$ {' '.join(collector.arguments)}\n{log}")
        return "\n".join(parts)
