"""Runs cases one after the other, and reports them."""
import asyncio
import pathlib
import tempfile
import time
import traceback
import xml.etree.ElementTree as xml

from collector import Place
from expect import Failed, Skipped

CASE_LIMIT = 180.0


async def _limited(coroutine):
    try:
        async with asyncio.timeout(CASE_LIMIT):
            await coroutine
    except TimeoutError:
        raise Failed("the case ends", f"it did not in {CASE_LIMIT:.0f} s") from None


def run_case(run, command):
    """Runs it in a folder of its own. Gives nothing, or what went wrong, with the logs of its collectors."""
    with tempfile.TemporaryDirectory(prefix="collector-") as folder:
        place = Place(command, pathlib.Path(folder))
        try:
            asyncio.run(_limited(run(place)))
        except Failed as failed:
            where = traceback.extract_tb(failed.__traceback__)
            steps = " > ".join(f"{frame.name}:{frame.lineno}" for frame in where if "/tests/server/" in frame.filename)
            return f"{failed}\nin:       {steps}\n{place.logs()}"
        except Skipped:
            raise
        except Exception:  # a fault of the test or of the server: either way it must be seen whole
            return f"{traceback.format_exc()}\n{place.logs()}"
    return None


def run_cases(cases, command, report=None):
    """Runs them all, says how each went and how many passed, and gives how many failed.

    `report` is a file for a report as of JUnit.
    """
    suite = xml.Element("testsuite", name="server")
    passed = failures = 0
    for case in cases:
        print(f"{case.name}: {case.claim}", flush=True)
        entry = xml.SubElement(suite, "testcase", classname="server", name=case.name)
        start = time.monotonic()
        try:
            failure = run_case(case.run, command)
        except Skipped as skipped:
            print(f"  skipped: {skipped}", flush=True)
            xml.SubElement(entry, "skipped")
            continue
        seconds = time.monotonic() - start
        entry.set("time", f"{seconds:.1f}")
        print(f"  {'FAILED' if failure else 'passed'} after {seconds:.1f} s", flush=True)
        passed += not failure
        if failure:
            failures += 1
            print(failure, flush=True)
            xml.SubElement(entry, "failure").text = "".join(c if c.isprintable() or c == "\n" else "?" for c in failure)
    print(f"{passed} passed, {failures} failed, {len(cases) - passed - failures} skipped")
    if report:
        xml.ElementTree(suite).write(report, encoding="utf-8", xml_declaration=True)
    return failures
