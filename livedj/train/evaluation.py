"""The parts of an evaluation, each of which returns its figures, flat, by readable keys."""

import math
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass, replace
from functools import cached_property
from pathlib import Path
from tempfile import TemporaryDirectory

import keras
import numpy as np

from livedj.ear.encoder import Encoder
from livedj.ear.vector import INTRO_WINDOWS
from livedj.ear.vocabulary import EPSILON
from livedj.errors import ModelError
from livedj.music import SAMPLE_RATE, WINDOW_SAMPLES
from livedj.train import room_pass, track_vectors
from livedj.train.baselines import MFCC, RANDOM, WHITENED, baselines
from livedj.train.bootstrap import Bootstrap, Interval
from livedj.train.export import Quantisation
from livedj.train.listening import STRIDE, Take, Windows, embed_with, figures_of, listen, windows
from livedj.train.measures import (
    Calibration,
    Listening,
    Measure,
    Outcome,
    calibration,
    chances,
    heard_and_intros,
    outcomes,
    outcomes_of,
    running_vectors,
    stability,
)
from livedj.train.music import measure_music
from livedj.train.quantised import compare, milliseconds
from livedj.train.reaction import LIMIT, react
from livedj.train.report import AGAINST, OURS, Value
from livedj.train.rooms import ROOM, Rooms
from livedj.train.validation import CLEAN


@dataclass(frozen=True)
class Evaluation:
    """Songs as they were heard, and what the model and its rivals made of them."""

    encoder: Encoder
    rooms: Rooms
    taken: Sequence[Take]
    """Of each song its first 30 s, and its stretches."""
    listened: Mapping[str, Sequence[Listening]]

    @classmethod
    def of(cls, encoder: Encoder, rooms: Rooms, songs: Iterable[Take]) -> "Evaluation":
        """Let the model and its rivals listen to `songs`."""
        taken: list[Take] = []

        def remembered() -> Iterator[Take]:
            for take in songs:
                yield take
                taken.append(replace(take, samples=take.samples[: INTRO_WINDOWS * WINDOW_SAMPLES].copy()))

        embeds = {OURS: embed_with(encoder), **baselines(encoder.card.dimensions)}
        return cls(encoder, rooms, taken, listen(embeds, remembered(), WHITENED))

    @cached_property
    def _collections(self) -> list[str]:
        return [one.collection for one in self.ours]

    @cached_property
    def _styles(self) -> list[str]:
        return [one.style for one in self.ours]

    @property
    def ours(self) -> Sequence[Listening]:
        """What the model made of every song."""
        return self.listened[OURS]

    @cached_property
    def calibration(self) -> Calibration:
        """What the program works by; by our own rooms, so that the judge's set nothing."""
        return calibration(self.ours, (CLEAN, ROOM), STRIDE)

    @cached_property
    def chance(self) -> Mapping[Measure, float]:
        """What a random order finds; NaN where there is nothing to find."""
        found = chances(self._collections, self._styles)
        return {measure: mean(outcome) for measure, outcome in found.items()}

    def retrieval(self) -> dict[str, Value]:
        """Measure robustness and segue of every embedding, and compare ours in a room with MFCC clean."""
        flat: dict[str, Value] = {f"chance_{measure}": number(value) for measure, value in self.chance.items()}
        for name, by_condition in figures_of(self.listened).items():
            for condition in self.rooms.table:
                for measure, interval in by_condition[condition].items():
                    flat |= spread(f"{name}_{condition}_{measure}", interval)
        bootstrap = Bootstrap(self._collections)
        noisy = outcomes_of(self.ours, self.rooms.noisy, STRIDE)
        rival = outcomes_of(self.listened[MFCC], CLEAN, STRIDE)
        for measure in (Measure.COLLECTION, Measure.STYLE):
            flat |= spread(f"{AGAINST}_minus_{measure}", bootstrap.difference(noisy[measure], rival[measure]))
            flat |= spread(f"{AGAINST}_times_{measure}", bootstrap.ratio(noisy[measure], rival[measure]))
        return flat

    def stability(self) -> dict[str, Value]:
        """Measure how steady the running vector is within a song, and how far from it other songs lie."""
        found = asdict(stability(self.ours, (CLEAN, ROOM), STRIDE))
        return {f"stability_{key}": number(value) for key, value in found.items()}

    def reaction(self) -> dict[str, Value]:
        """Measure how soon the proposals follow other music."""
        _, intros = heard_and_intros(self.ours, CLEAN, STRIDE)
        found = react(self.taken, intros, embed_with(self.encoder), self.calibration.within_track_p01, self.rooms.spoil)
        if found is None:
            return {}
        limit = f"{LIMIT:g}_s"
        return {
            "reaction_changes": found.changes,
            "reaction_median_seconds": number(found.median),
            "reaction_p90_seconds": number(found.p90),
            **spread(f"reaction_within_{limit}", found.within_limit),
            **spread(f"reaction_at_{limit}", found.at_limit),
            "reaction_before": number(found.before),
            "reaction_chance": number(found.chance),
        }

    def music(self) -> dict[str, Value]:
        """Measure how well music is told from what is none, at 12 dB.

        Raises:
            LiveDjError: the model does not tell, or espeak-ng, whose voices it must not take for music, is missing.

        """
        if not self.encoder.tells_music:
            raise ModelError("the model has no output for the probability of music.")
        found = measure_music(self.encoder, [take.heard[CLEAN] for take in self.taken], self.rooms.spoil)
        recall = {f"music_recall_{kind}": number(share) for kind, share in found.recall.items()}
        return {"music_balanced_accuracy": number(found.balanced_accuracy), **recall}

    def cost(self, model: Path) -> dict[str, Value]:
        """Measure what a window and the file cost."""
        return {
            "cost_milliseconds": number(milliseconds({OURS: self.encoder})[OURS]),
            "cost_megabytes": number(model.stat().st_size / 1e6),
        }

    def quantised(self, network: keras.Model) -> dict[str, Value]:
        """Measure what smaller weights of `network`, the model's own, cost."""
        flat: dict[str, Value] = {}
        with TemporaryDirectory() as folder:
            variants = compare(network, self.taken, self.rooms.noisy, Path(folder))
        for name, variant in variants.items():
            flat[f"quantised_{name}_megabytes"] = number(variant.bytes / 1e6)
            flat[f"quantised_{name}_milliseconds"] = number(variant.milliseconds)
            flat[f"quantised_{name}_time"] = number(variant.milliseconds / variants[Quantisation.FLOAT32].milliseconds)
            for measure in (Measure.OWN_IN_TEN, Measure.COLLECTION, Measure.STYLE):
                flat |= spread(f"quantised_{name}_{measure}", variant.figures[measure])
        return flat

    def track_vectors(self) -> dict[str, Value]:
        """Measure the plain mean and TF-IDF as track vectors, of ours and of random weights, and what TF-IDF costs."""
        flat: dict[str, Value] = {"track_vectors_epsilon": EPSILON}
        bootstrap = Bootstrap(self._collections)
        for name in (OURS, RANDOM):
            found = track_vectors.found_by_kind(self.listened[name], self.rooms.noisy)
            for kind, by_measure in found.items():
                for measure, outcome in by_measure.items():
                    flat |= spread(f"track_vectors_{name}_{kind}_{measure}", bootstrap.mean(outcome))
            for measure, gain in track_vectors.gains(found, bootstrap).items():
                flat |= spread(f"track_vectors_{name}_gain_{measure}", gain)
        thinned = track_vectors.cosines_when_thinned([one.stored for one in self.ours])
        counting, weighing = track_vectors.seconds_to_count_and_weigh(self.encoder.card.dimensions)
        return flat | {
            "track_vectors_thinned_cosine_median": number(float(np.median(thinned))),
            "track_vectors_thinned_cosine_least": number(float(thinned.min())),
            "track_vectors_cost_tracks": track_vectors.TRACKS,
            "track_vectors_cost_windows": track_vectors.WINDOWS,
            "track_vectors_counting_seconds": number(counting),
            "track_vectors_weighing_seconds": number(weighing),
        }

    def real_passes(self) -> dict[str, Value]:
        """Measure a sample of songs at 12 dB by real sound, beside the same songs without it.

        Raises:
            RoomError: the virtual room cannot be set up.

        """
        chosen = room_pass.sample(len(self.taken))
        recorded = room_pass.record([self.taken[place].heard[self.rooms.noisy] for place in chosen])
        heard, intros = heard_and_intros(self.ours, self.rooms.noisy, STRIDE)
        simulated = outcomes(heard, intros, self._collections, self._styles)
        embed = embed_with(self.encoder)
        streams = [embed(Windows(windows(samples, round(STRIDE * SAMPLE_RATE)))) for samples in recorded]
        heard = heard.copy()
        heard[chosen] = [running_vectors(stream, STRIDE)[-1] for stream in streams]
        real = outcomes(heard, intros, self._collections, self._styles)
        flat: dict[str, Value] = {"room_pass_songs": len(chosen)}
        for measure in Measure:
            flat[f"room_pass_simulated_{measure}"] = number(mean(simulated[measure][chosen]))
            flat[f"room_pass_{measure}"] = number(mean(real[measure][chosen]))
        return flat


def spread(key: str, interval: Interval) -> dict[str, Value]:
    """Return a figure and the ends of its interval."""
    ends = (("", interval.value), ("_low", interval.low), ("_high", interval.high))
    return {f"{key}{end}": number(value) for end, value in ends}


def mean(outcome: Outcome) -> float:
    """Return the mean of those that could find something; NaN where nobody could."""
    asked = outcome[~np.isnan(outcome)]
    return float(asked.mean()) if len(asked) else math.nan


def number(value: float) -> float | None:
    """Return a figure as JSON takes it: rounded, and None for what does not exist or never happened."""
    return round(float(value), 4) if math.isfinite(value) else None
