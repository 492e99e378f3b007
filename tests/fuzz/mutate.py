"""Sound files that something has happened to, drawn from a seed."""

import random
from collections.abc import Callable, Iterator
from pathlib import Path

import mutagen

from tests.library.sounds import CODECS, noise, write

SECONDS = 4.0
HEADER = 600
"""Bytes at the beginning in which most of what a decoder believes is written."""
_BIT_EXACT = {"fflags": "+bitexact"}  # no serial numbers drawn by chance, no dates
_EXTREMES = (b"\x00\x00\x00\x00", b"\xff\xff\xff\xff", b"\x7f\xff\xff\xff", b"\xff\xff\xff\x7f", b"\x80\x00\x00\x00")


def make_mutants(folder: Path, count: int, seed: int) -> list[Path]:
    """Write `count` files, each a good one of some format after one to six mishaps."""
    chance = random.Random(seed)
    originals = [(suffix, bytes(content)) for suffix, content in _originals(folder / "originals")]
    mutants = folder / "mutants"
    mutants.mkdir()
    paths = []
    for number in range(count):
        suffix, content = chance.choice(originals)
        mutant = bytearray(content)
        for _ in range(chance.randint(1, 6)):
            chance.choice(MISHAPS)(mutant, chance, chance.choice(originals)[1])
        paths.append(mutants / f"{number:04}{suffix}")
        paths[-1].write_bytes(mutant)
    return paths


def _originals(folder: Path) -> Iterator[tuple[str, bytes]]:
    folder.mkdir()
    for number, suffix in enumerate(CODECS):
        path = write(folder / f"song{suffix}", noise(SECONDS, channels=2, seed=number), options=_BIT_EXACT)
        file = mutagen.File(path, easy=True)
        if file.tags is None:
            file.add_tags()
        if suffix != ".wav":
            file["title"] = "A title of a song"
            file["artist"] = "Somebody " * 20
        file.save()
        yield suffix, path.read_bytes()


def _flip_in_header(mutant: bytearray, chance: random.Random, other: bytes) -> None:
    for _ in range(chance.randint(1, 8)):
        if mutant:
            mutant[chance.randrange(min(len(mutant), HEADER))] = chance.randrange(256)


def _flip_anywhere(mutant: bytearray, chance: random.Random, other: bytes) -> None:
    for _ in range(chance.randint(1, 200)):
        if mutant:
            mutant[chance.randrange(len(mutant))] ^= 1 << chance.randrange(8)


def _break_off(mutant: bytearray, chance: random.Random, other: bytes) -> None:
    del mutant[chance.randint(0, len(mutant)) :]


def _lose_a_piece(mutant: bytearray, chance: random.Random, other: bytes) -> None:
    begin = chance.randint(0, len(mutant))
    del mutant[begin : begin + chance.randint(1, 5000)]


def _repeat_a_piece(mutant: bytearray, chance: random.Random, other: bytes) -> None:
    begin = chance.randint(0, len(mutant))
    piece = mutant[begin : begin + chance.randint(1, 5000)]
    mutant[begin:begin] = piece * chance.randint(1, 20)


def _blank_a_piece(mutant: bytearray, chance: random.Random, other: bytes) -> None:
    begin, length = chance.randint(0, len(mutant)), chance.randint(1, 5000)
    mutant[begin : begin + length] = bytes(len(mutant[begin : begin + length]))


def _take_a_piece_of_another(mutant: bytearray, chance: random.Random, other: bytes) -> None:
    begin, at = chance.randint(0, len(other)), chance.randint(0, len(mutant))
    mutant[at:at] = other[begin : begin + chance.randint(1, 5000)]


def _write_an_extreme_number(mutant: bytearray, chance: random.Random, other: bytes) -> None:
    at = chance.randint(0, min(len(mutant), HEADER))
    mutant[at : at + 4] = chance.choice(_EXTREMES)


MISHAPS: tuple[Callable[[bytearray, random.Random, bytes], None], ...] = (
    _flip_in_header,
    _flip_anywhere,
    _break_off,
    _lose_a_piece,
    _repeat_a_piece,
    _blank_a_piece,
    _take_a_piece_of_another,
    _write_an_extreme_number,
)
