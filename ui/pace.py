"""How fast a scan goes and how long it still takes. No Qt."""

from collections import deque

from livedj.music import Seconds
from livedj.party.messages import ScanProgressed

_REMEMBERED = Seconds(60.0)
"""Long enough that a long song does not make the rate jump, short enough to follow a scan that gives way."""
_TOO_SOON = Seconds(3.0)
"""Nothing is foretold from less."""
_EVERY = Seconds(0.5)


class Pace:
    """Follows a scan; told of it as often as one likes."""

    def __init__(self) -> None:
        self._pass: tuple[int, bool, bool] | None = None
        self._seen: deque[tuple[Seconds, int]] = deque()

    def follow(self, scan: ScanProgressed, now: Seconds) -> None:
        """Take note of how far the scan is now; another pass begins anew."""
        its = (scan.total, scan.whole, scan.anew)
        if its != self._pass or (self._seen and scan.done < self._seen[-1][1]):
            self._pass = its
            self._seen.clear()
        if not self._seen or now - self._seen[-1][0] >= _EVERY:
            self._seen.append((now, scan.done))
        while now - self._seen[0][0] > _REMEMBERED:
            self._seen.popleft()

    @property
    def rate(self) -> float | None:
        """Files a second of late; None while it is too soon to tell."""
        if not self._seen:
            return None
        (begin, first), (end, last) = self._seen[0], self._seen[-1]
        return (last - first) / (end - begin) if end - begin >= _TOO_SOON and last > first else None

    def words(self, scan: ScanProgressed) -> str:
        """Return the rate and the time that is left, or nothing while it is too soon to tell."""
        if self.rate is None:
            return ""
        return f"{_rate(self.rate)} · {_left((scan.total - scan.done) / self.rate)} left"


def _rate(rate: float) -> str:
    return f"{rate:.1f} a second" if rate >= 1 else f"{60 * rate:.0f} a minute"


def _left(seconds: float) -> str:
    if seconds < 60:
        return f"{max(1, round(seconds))} s"
    minutes = round(seconds / 60)
    return f"{minutes} min" if minutes < 60 else f"{minutes // 60} h {minutes % 60} min"
