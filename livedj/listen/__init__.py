"""Sound in: the microphone, its rolling window, and the thread that listens."""
