"""The cases, each with the claim that it holds a collector to."""
import dataclasses
from collections.abc import Callable


@dataclasses.dataclass
class Case:
    """A claim, and the coroutine function that tries it in a `Place`."""
    claim: str
    run: Callable

    @property
    def name(self):
        """The name by which it is chosen."""
        return self.run.__name__


CASES = []


def case(claim):
    """Registers a case."""
    def register(run):
        CASES.append(Case(claim, run))
        return run

    return register
