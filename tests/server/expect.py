"""What a case expects, and how it waits. Nothing here depends on how fast the machine is: the limits are generous."""
import asyncio
import contextlib
import inspect
import time

# No wait of a case takes longer. It is reached only by a server that never does what it should.
LIMIT = 60.0


class Failed(Exception):
    """A case saw something else than it expected."""

    def __init__(self, expected, seen):
        super().__init__(f"expected: {expected}\nseen:     {seen}")


class Skipped(Exception):
    """A case cannot be run here, and says why."""


def expect(truth, expected, seen):
    """Fails the case unless `truth`."""
    if not truth:
        raise Failed(expected, seen)


def expect_equal(seen, expected, what):
    """Fails the case unless both are equal."""
    if seen != expected:
        raise Failed(f"{what}: {expected!r}", repr(seen))


async def until(condition, expected, limit=LIMIT):
    """Waits until `condition`, a function or a coroutine function, gives something true, and gives that."""
    end = time.monotonic() + limit
    while True:
        seen = condition()
        if inspect.isawaitable(seen):
            seen = await seen
        if seen:
            return seen
        if time.monotonic() > end:
            raise Failed(expected, f"not so after {limit:.0f} s (last seen: {seen!r})")
        await asyncio.sleep(0.01)


async def within(awaitable, expected, limit=LIMIT):
    """Awaits it, and fails the case where that takes longer than `limit` seconds."""
    try:
        async with asyncio.timeout(limit):
            return await awaitable
    except TimeoutError:
        raise Failed(expected, f"nothing after {limit:.0f} s") from None


async def all_of(*coroutines):
    """Awaits all. The first that fails cancels the others, and what it raised is raised here."""
    tasks = [asyncio.ensure_future(c) for c in coroutines]
    try:
        return await asyncio.gather(*tasks)
    finally:
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)


@contextlib.asynccontextmanager
async def beside(coroutine):
    """A task that runs beside the block, and is ended with it at the latest. The block must look at what it gives."""
    task = asyncio.ensure_future(coroutine)
    try:
        yield task
    finally:
        task.cancel()
        await asyncio.gather(task, return_exceptions=True)


def some(names, most=5):
    """The first few of many, for a message."""
    names = sorted(names)
    return ", ".join(map(str, names[:most])) + (f" and {len(names) - most} more" if len(names) > most else "")
