"""The demo's timeline: what was heard, proposed and why, and played; told from Snapshots."""

from collections.abc import Callable
from dataclasses import asdict, dataclass

from livedj.listen.heard import ListenState
from livedj.music import Seconds
from livedj.party.snapshot import Snapshot


@dataclass(frozen=True, slots=True)
class Entry:
    """One line of the timeline."""

    at: float
    """Seconds since the demo's beginning."""
    kind: str
    """heard, proposed, played, faded or said."""
    text: str

    def as_dict(self) -> dict[str, object]:
        """Return it as JSON takes it."""
        return asdict(self)


class Timeline:
    """Turns one Snapshot after another into entries, and tells each as it comes."""

    def __init__(self, began: Seconds, tell: Callable[[Entry], None]) -> None:
        self._began = began
        self._tell = tell
        self.entries: list[Entry] = []
        self.played: list[str] = []
        """Labels of our own songs, in the order in which they began."""
        self._last = Snapshot()

    def note(self, at: Seconds, kind: str, text: str) -> None:
        """Add an entry."""
        entry = Entry(round(at - self._began, 1), kind, text)
        self.entries.append(entry)
        self._tell(entry)

    def follow(self, now: Snapshot) -> None:
        """Note what this Snapshot has that the last one had not."""
        last, self._last = self._last, now
        if now.heard.state is not last.heard.state and now.heard.state is not ListenState.STARTING:
            self.note(now.at, "heard", now.heard.detail or f"{now.heard.state}, {now.heard.level:.0f} dBFS")
        if now.heard.itself and now.heard.itself != last.heard.itself:
            self.note(now.at, "heard", f"recognised: {now.heard.itself.label}")
        if now.message and now.message != last.message:
            self.note(now.at, "said", now.message)
        if now.leaving and not last.leaving and now.playing and now.transition:
            seconds = f"{now.transition.seconds:.1f} s"
            self.note(now.at, "faded", f"{now.leaving.track.label} → {now.playing.track.label}, {seconds}")
        if now.playing and (not last.playing or now.playing.track != last.playing.track):
            self.played.append(now.playing.track.label)
            self.note(now.at, "played", now.playing.track.label)

    def note_proposals(self, now: Snapshot) -> None:
        """Note what is proposed at this moment, and why."""
        for proposal in now.proposals[:3]:
            self.note(now.at, "proposed", f"{proposal.similarity} % {proposal.track.label} ({proposal.reason})")
