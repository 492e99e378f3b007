"""The night: what to do now, and the thread that does it."""
