"""livedj listens to the room and plays what goes well next."""

__version__ = "0.1.0"
