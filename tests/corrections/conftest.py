"""The session of the shifts room's tests: given up at the end of each test, on both engines."""

from tests.shifts.conftest import session

__all__ = ["session"]
