"""The demo library, made once for these tests and for the night's."""

from tests.night.conftest import demo_songs

__all__ = ["demo_songs"]
