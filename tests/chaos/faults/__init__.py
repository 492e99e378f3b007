"""The kinds of fault that a night may bring."""

from tests.chaos.faults import files, machine, processes, sound  # noqa: F401 (each adds its kinds)
from tests.chaos.faults.frame import KINDS, OTHER, Fault, NotPossibleError, Scene, clock
from tests.chaos.faults.sound import favour_server

__all__ = ["KINDS", "OTHER", "Fault", "NotPossibleError", "Scene", "clock", "favour_server"]
