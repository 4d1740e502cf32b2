"""Stacked LSTM layers and a dense layer in NumPy: what a network with given weights must answer."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import permutations

import numpy as np

Layer = tuple[np.ndarray, np.ndarray, np.ndarray]


def softmax(scores: np.ndarray) -> np.ndarray:
    """Probabilities over the last axis."""
    shifted = np.exp(scores - scores.max(axis=-1, keepdims=True))
    return shifted / shifted.sum(axis=-1, keepdims=True)


def states(layer: Layer, sequences: np.ndarray) -> np.ndarray:
    """The states [B, T, H] of one LSTM layer (Hochreiter and Schmidhuber 1997, Gers et al. 2000) over [B, T, F].

    `layer` is Keras's (kernel [F, 4H], recurrent kernel [H, 4H], bias [4H]), with the gates in the order i, f, c, o.
    """
    kernel, recurrent, bias = (np.asarray(part, np.float32) for part in layer)
    hidden = recurrent.shape[0]
    # As sigmoid(z) = (1 + tanh(z / 2)) / 2, one tanh serves all gates and the candidate.
    halves: np.ndarray = np.repeat(np.array([0.5, 0.5, 1, 0.5], np.float32), hidden)
    weights = kernel * halves, recurrent * halves, bias * halves
    seen: np.ndarray = np.empty((*np.shape(sequences)[:2], hidden), np.float32)
    # In parts for which BLAS starts no threads: on so small products they cost many times what they save.
    rows = max(4, 200_000 // (4 * hidden * hidden))
    for start in range(0, len(seen), rows):
        part = slice(start, start + rows)
        seen[part] = _states_of_part(*weights, np.asarray(sequences[part], np.float32))
    return seen


def _states_of_part(kernel: np.ndarray, recurrent: np.ndarray, bias: np.ndarray, sequences: np.ndarray) -> np.ndarray:
    """As `states`, the weights of the gates halved."""
    size = recurrent.shape[0]
    hidden: np.ndarray = np.zeros((len(sequences), size), np.float32)
    cell = np.zeros_like(hidden)
    seen = []
    for of_inputs in sequences.swapaxes(0, 1) @ kernel + bias:
        gates = hidden @ recurrent
        gates += of_inputs
        np.tanh(gates, out=gates)
        # Slices, since np.split costs more than all that is computed with them.
        i, f, candidate, o = (gates[:, start : start + size] for start in range(0, 4 * size, size))
        cell = ((1 + f) * cell + (1 + i) * candidate) / 2
        hidden = (1 + o) * np.tanh(cell) / 2
        seen.append(hidden)
    return np.stack(seen, axis=1)


def probabilities(layers: Sequence[Layer], dense: Sequence[np.ndarray], sequences: np.ndarray) -> np.ndarray:
    """The probabilities [B, T, K] after every step of [B, T, F] that the layers, one above the other, arrive at."""
    for layer in layers:
        sequences = states(layer, sequences)
    kernel, bias = (np.asarray(part, np.float64) for part in dense)
    return softmax(sequences @ kernel + bias)


def readings(weights: Sequence[np.ndarray], features: int) -> Iterator[tuple[list[Layer], list[np.ndarray]]]:
    """All ways to read a list of arrays as LSTM layers above each other and one dense layer, if there is any.

    A model may list its layers in any order; the arrays of one layer stand together, as Keras keeps them.
    """
    weights = [np.asarray(weight) for weight in weights]
    for start in range(0, len(weights), 3):
        dense, rest = weights[start : start + 2], weights[:start] + weights[start + 2 :]
        layers = [tuple(rest[i : i + 3]) for i in range(0, len(rest), 3)]
        if len(rest) % 3 or not layers or [w.ndim for w in dense] != [2, 1]:
            continue
        for stack in permutations(layers):
            if _fits(stack, dense, features):
                yield [(kernel, recurrent, bias) for kernel, recurrent, bias in stack], dense


def _fits(stack: Sequence[tuple[np.ndarray, ...]], dense: Sequence[np.ndarray], features: int) -> bool:
    width = features
    for kernel, recurrent, bias in stack:
        hidden = recurrent.shape[0]
        if (kernel.shape, recurrent.shape, bias.shape) != ((width, 4 * hidden), (hidden, 4 * hidden), (4 * hidden,)):
            return False
        width = hidden
    return dense[0].shape == (width, len(dense[1]))
