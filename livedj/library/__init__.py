"""The person's songs: files, sound, tags, vectors, catalogue and neighbour index."""
