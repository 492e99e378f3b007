"""A person's own taste: vectors of songs from their playlists (Track2Vec), and the shipped network taught to hear them.

`livedj train --playlists FOLDER`. Needs the extra `livedj[train]`.
"""
