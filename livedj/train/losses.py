"""The two losses: a song attracts itself, and songs attract each other as much as they go together.

Both work on the cosines of a batch's embeddings, (m, m), on whichever back end Keras runs.
"""

from typing import Any

from keras import ops

_NEVER = -1e9  # a logit that takes no part


def contrast(cosines: Any, positives: Any, candidates: Any, temperature: float) -> Any:
    """Return the contrastive loss NT-Xent (Chen et al. 2020, eq. 1).

    `positives`: (m, m), 1 at the one column of each row that should attract. `candidates`: (m, m), 1 where a column
    takes part in the row's softmax, positives included.
    """
    log_share = _log_softmax(cosines / temperature, candidates)
    return -ops.mean(ops.sum(positives * log_share, axis=1))


def divergence(cosines: Any, likeness: Any, candidates: Any, temperature: float, likeness_temperature: float) -> Any:
    """Return how far each row's softmax of cosines is from its softmax of `likeness` (Kullback-Leibler, mean of rows).

    Similarity distillation (Tejankar et al., ISD, ICCV 2021), with what is known of the songs in the teacher's place.
    """
    wanted = _log_softmax(likeness / likeness_temperature, candidates)
    found = _log_softmax(cosines / temperature, candidates)
    return ops.mean(ops.sum(candidates * ops.exp(wanted) * (wanted - found), axis=1))


def alike(labels: Any) -> Any:
    """Return the matrix of pairs with the same label, (m, m)."""
    return ops.cast(labels[:, None] == labels[None, :], "float32")


def _log_softmax(logits: Any, candidates: Any) -> Any:
    """Return the logarithm of the softmax over each row's candidates; 0 elsewhere."""
    taking_part = logits + _NEVER * (1 - candidates)
    return candidates * (logits - ops.logsumexp(taking_part, axis=1, keepdims=True))
