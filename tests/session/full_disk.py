"""Logs 40 faults while no file may grow beyond 1000 bytes, then lifts the limit.

`python -m tests.session.full_disk FILE`
"""

import resource
import sys
import threading
from pathlib import Path

from livedj.music import Seconds
from livedj.night.entries import Fault
from livedj.night.log import SessionLog
from tests.session.songs import after
from tests.session.waiting import PATIENCE

_, most = resource.getrlimit(resource.RLIMIT_FSIZE)
resource.setrlimit(resource.RLIMIT_FSIZE, (1000, most))
full = threading.Event()


def _tell(sentence: str) -> None:
    sys.stdout.write(f"{sentence}\n")
    full.set()


session = SessionLog(Path(sys.argv[1]), _tell)
for number in range(40):
    session.write(Fault(after(number), f"{number}"))
if not full.wait(PATIENCE):
    sys.exit("the disk never filled up")
resource.setrlimit(resource.RLIMIT_FSIZE, (most, most))
session.close(Seconds(PATIENCE))
