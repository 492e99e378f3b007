"""Keeping awake: through a desktop on a real private message bus, and where there is none."""

import gc
import os
import queue
import shutil
import socket
import subprocess
import sys
import threading
import warnings
from collections.abc import Iterator

import pytest

from livedj.night.awake import ALLOWED, ASKING, Awake
from tests.session.waiting import PATIENCE, eventually

linux = pytest.mark.skipif(sys.platform != "linux", reason="a message bus of the desktop is Linux's way")
DESKTOP = "org.freedesktop.PowerManagement"


@pytest.fixture
def awake() -> Iterator[Awake]:
    keeper = Awake()
    yield keeper
    keeper.close()


@pytest.fixture
def bus(monkeypatch: pytest.MonkeyPatch) -> Iterator[str]:
    """Yield the address of a session bus of our own."""
    if shutil.which("dbus-daemon") is None:
        pytest.skip("there is no dbus-daemon on this machine")
    with subprocess.Popen(
        ["dbus-daemon", "--session", "--nofork", "--nosyslog", "--print-address"], stdout=subprocess.PIPE, text=True
    ) as daemon:
        assert daemon.stdout is not None
        address = daemon.stdout.readline().strip()
        monkeypatch.setenv("DBUS_SESSION_BUS_ADDRESS", address)
        yield address
        daemon.terminate()
    with warnings.catch_warnings():
        # wakepy leaves its connection to a desktop that has refused to the garbage collector.
        warnings.simplefilter("ignore", ResourceWarning)
        gc.collect()


@pytest.fixture
def desktop(bus: str) -> Iterator["queue.SimpleQueue[str]"]:
    """Answer as a desktop's power manager does; yield the calls that come in."""
    from jeepney import HeaderFields, MessageType, new_method_return
    from jeepney.bus_messages import message_bus
    from jeepney.io.blocking import open_dbus_connection

    connection = open_dbus_connection(bus)
    connection.send_and_get_reply(message_bus.RequestName(DESKTOP))
    calls: queue.SimpleQueue[str] = queue.SimpleQueue()

    def answer() -> None:
        while True:
            try:
                message = connection.receive()
            except (OSError, EOFError):
                return
            if message.header.message_type is MessageType.method_call:
                member = message.header.fields[HeaderFields.member]
                returned = ("u", (42,)) if member == "Inhibit" else (None, ())
                connection.send(new_method_return(message, *returned))
                calls.put(member)

    answering = threading.Thread(target=answer)
    answering.start()
    yield calls
    connection.sock.shutdown(socket.SHUT_RDWR)
    answering.join(PATIENCE)
    connection.close()


@linux
def test_a_desktop_is_asked_and_let_off_again(desktop: "queue.SimpleQueue[str]", awake: Awake) -> None:
    assert awake.how == ALLOWED
    awake.on()
    assert desktop.get(timeout=PATIENCE) == "Inhibit"
    eventually(lambda: awake.how not in (ALLOWED, ASKING), "it tells how")
    assert awake.how == f"The computer is kept awake ({DESKTOP}); the screen may go dark."
    awake.on()
    awake.off()
    assert desktop.get(timeout=PATIENCE) == "UnInhibit"
    eventually(lambda: awake.how == ALLOWED, "it tells that it is over")
    awake.on()
    assert desktop.get(timeout=PATIENCE) == "Inhibit"


@linux
def test_closing_lets_the_desktop_off(desktop: "queue.SimpleQueue[str]") -> None:
    awake = Awake()
    awake.on()
    assert desktop.get(timeout=PATIENCE) == "Inhibit"
    awake.close()
    assert desktop.get(timeout=PATIENCE) == "UnInhibit"


@linux
@pytest.mark.parametrize("address", ["", "unix:path=/nonexistent", "nonsense"])
def test_without_a_desktop_it_says_what_to_do(monkeypatch: pytest.MonkeyPatch, awake: Awake, address: str) -> None:
    monkeypatch.setenv("DBUS_SESSION_BUS_ADDRESS", address)
    awake.on()
    eventually(lambda: "cannot be kept awake" in awake.how, "it says why not")
    assert awake.how.endswith("Switch its automatic sleep off for the night.")
    awake.off()
    eventually(lambda: awake.how == ALLOWED, "it is let off")


@linux
def test_a_bus_without_a_power_manager_says_so_too(bus: str, awake: Awake) -> None:
    assert os.environ["DBUS_SESSION_BUS_ADDRESS"] == bus
    awake.on()
    eventually(lambda: "cannot be kept awake" in awake.how, "it says why not")


@linux
def test_a_desktop_that_does_not_answer_holds_nobody_up(bus: str, awake: Awake) -> None:
    from jeepney.bus_messages import message_bus
    from jeepney.io.blocking import open_dbus_connection

    with open_dbus_connection(bus) as mute:
        mute.send_and_get_reply(message_bus.RequestName(DESKTOP))
        awake.on()
        eventually(lambda: awake.how == ASKING, "it asks")
        awake.off()
        awake.on()
        eventually(lambda: "cannot be kept awake" in awake.how, "it waits no longer")
