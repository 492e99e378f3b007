"""One livedj with a window, started as a person starts it; says how it did as one line of JSON.

Arguments: the moment of its start (monotonic clock), its data folder, how many seconds to run, and a folder to scan or
nothing.
"""

import itertools
import json
import sys
import threading
from pathlib import Path

BEGAN, DATA, SECONDS, SCAN = float(sys.argv[1]), Path(sys.argv[2]), float(sys.argv[3]), sys.argv[4]


def main() -> None:
    """Run, measure, print."""
    import ui
    from livedj.app import App, clock
    from livedj.library.shelf import Shelf
    from livedj.listen.heard import ListenState
    from livedj.party.messages import AddFolder
    from livedj.party.snapshot import Snapshot
    from livedj.settings import Settings

    frames: list[float] = []
    listening: list[float] = []

    def pull() -> Snapshot:
        frames.append(clock())
        if not listening and app.snapshot.heard.state in (ListenState.LISTENING, ListenState.TOO_QUIET):
            listening.append(clock() - BEGAN)
            threading.Timer(SECONDS, lambda: ui.close_window(bridge)).start()
        return app.snapshot

    app = App(Settings(), DATA, settings_file=DATA / "settings.toml")
    app.start()
    if SCAN:
        app.send(AddFolder(SCAN))
    bridge = ui.open_window(pull, app.send, app.cover, Shelf(DATA))
    ui.application().exec()
    resident = _resident_megabytes()
    app.stop()
    intervals = sorted(b - a for a, b in itertools.pairwise(frames))
    print(json.dumps({  # noqa: T201 the parent reads it
        "listening_s": listening[0],
        "frames": len(frames),
        "frame_p50_ms": 1000 * intervals[len(intervals) // 2],
        "frame_p99_ms": 1000 * intervals[int(len(intervals) * 0.99)],
        "resident_mb": resident,
    }))


def _resident_megabytes() -> float:
    lines = Path("/proc/self/status").read_text(encoding="utf-8").splitlines()
    kilobytes = next(line.split()[1] for line in lines if line.startswith("VmRSS:"))
    return int(kilobytes) / 1024


if __name__ == "__main__":
    main()
