"""Writes numbered faults into a log until it is killed: `python -m tests.session.writer FILE FIRST`."""

import sys
import threading
from itertools import count
from pathlib import Path

from livedj.night.entries import Fault
from livedj.night.log import SessionLog
from tests.session.songs import after

session = SessionLog(Path(sys.argv[1]), lambda _: None)
pause = threading.Event()
for number in count(int(sys.argv[2])):
    session.write(Fault(after(number), f"{number}"))
    pause.wait(0.0005)  # what cannot be written in time would be lost
