"""What can go wrong, a class for each person who must act. Their text is the one that synfire's command prints.

Every exception has `code`, such as `"E042"` (the guide's page `codes` lists them all), and `codes`, one for each problem that its
text tells. What was computed before a run stopped is never lost: it is in the simulation, and a `RunError` or a `KeyboardInterrupt`
that `Simulation.run` raises has it as `recording`.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from .recording import Recording

__all__ = [
    "BugError", "CallError", "DeviceError", "FileError", "ModelError", "NetworkError", "PlanError", "RunError", "SinkError",
    "SynfireError",
]  # fmt: skip

_CODE = re.compile(r"error\[(E\d+)\]")


class SynfireError(Exception):
    """Anything that synfire refuses or fails at."""

    codes: list[str]
    """The codes of all problems that the text tells, in order."""

    def __init__(self, text: str = "") -> None:
        super().__init__(text)
        self.codes = _CODE.findall(text)

    @property
    def code(self) -> str:
        """The code of the first problem, or an empty text."""
        return self.codes[0] if self.codes else ""


class ModelError(SynfireError, ValueError):
    """Equations that cannot be: every problem, with excerpts."""


class NetworkError(SynfireError, ValueError):
    """A description that cannot be: every problem, with the part that has it."""


class PlanError(SynfireError, ValueError):
    """What only shows when synapses are drawn and methods chosen."""


class DeviceError(SynfireError, RuntimeError):
    """A machine that cannot: no such adapter, too little memory, a limit of the device."""


class RunError(SynfireError, RuntimeError):
    """A run that stopped; state and recording are those of the last good step."""

    step: int = 0
    """The last good step."""
    time: float = 0.0
    """Its time in ms."""
    recording: Recording | None = None
    """What was recorded up to it."""


class CallError(SynfireError, ValueError):
    """A call with a name, a length, a time or in an order that cannot be."""


class FileError(SynfireError, OSError):
    """A file that cannot be read or written."""


class SinkError(SynfireError, RuntimeError):
    """Something that takes what is recorded failed."""


class BugError(SynfireError, RuntimeError):
    """A fault of synfire: please report it."""
