"""Sound out: two decks and a crossfade."""
