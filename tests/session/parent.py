"""Supervises tests.session.child: `python -m tests.session.parent DATA WAY`."""

import os
import sys
from pathlib import Path

from livedj.music import Seconds
from livedj.night.supervisor import supervise


def _say(sentence: str) -> None:
    os.write(1, f"{sentence}\n".encode())


if __name__ == "__main__":
    command = [sys.executable, "-m", "tests.session.child", *sys.argv[1:3]]
    if sys.argv[2] == "missing":
        command = ["/nonexistent/livedj"]
    sys.exit(supervise(command, Path(sys.argv[1]), _say, Seconds(3.0)))
