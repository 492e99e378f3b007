"""How far a scan is. Apart from the scanner: who only shows it needs no decoder."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Progress:
    """How far a scan is."""

    done: int
    """Files dealt with, those that had not changed included."""
    total: int
    skipped: int
    """Of those done, the ones that cannot be used; the catalogue lists why."""
    file: str = ""
    """Name of the file last read; empty when the scan is over."""
    indexed: bool = False
    """The neighbour index was built again just now."""
    whole: bool = False
    """All intros are known; the songs are heard to their end."""
    anew: bool = False
    """Songs that another model knows are heard anew for the one that is to serve."""
