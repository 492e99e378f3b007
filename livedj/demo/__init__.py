"""The demo: a virtual room, a library made of numbers, and three transitions to watch."""
