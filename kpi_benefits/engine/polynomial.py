"""Positive roots of polynomials, each found once."""

import numpy as np

# How far from 0, relative to the size of its terms, a value is rounding only.
ROUNDING = 1e-13


def find_positive_roots(coefficients: np.ndarray) -> list[float]:
    """Find the roots above 0 of Σ cᵢ xⁱ, in order.

    Between neighbouring terms of unlike signs lies a power k for which x⁻ᵏ Σ cᵢ xⁱ has
    a derivative of one change of sign less, Σ (i − k) cᵢ xⁱ⁻ᵏ⁻¹: its roots are the
    turning points between which at most one root lies each (Rolle; Descartes' rule of
    signs is the case without a turning point). So none is lost, as eigenvalues of a
    companion matrix lose double ones in their imaginary parts.

    :param coefficients: finite, lowest power first
    """
    terms = np.trim_zeros(np.asarray(coefficients, float))
    if not len(terms):
        return []
    return _find_roots(terms / np.abs(terms).max())


def _find_roots(terms: np.ndarray) -> list[float]:
    filled = np.flatnonzero(terms)
    signs = np.sign(terms[filled])
    changes = np.flatnonzero(signs[1:] != signs[:-1])
    if not len(changes):
        return []
    power = (filled[changes[0]] + filled[changes[0] + 1]) / 2
    turns = _find_roots(terms * (np.arange(len(terms)) - power))
    return _collect_roots(terms, turns, signs[0], signs[-1])


def _collect_roots(terms, turns, first_sign, last_sign) -> list[float]:
    """The root of each stretch between turning points, and those that turn at 0."""
    edges = [0.0, *turns, np.inf]
    sides = [first_sign, *(_find_sign(terms, turn) for turn in turns), last_sign]
    roots = [turn for turn, side in zip(turns, sides[1:-1], strict=True) if not side]
    for low, high, left, right in zip(edges, edges[1:], sides, sides[1:], strict=False):
        if left * right < 0:
            roots.append(_bisect(terms, low, high, left))
    return sorted(roots)


def _find_sign(terms: np.ndarray, x: float) -> float:
    """−1, 0 or 1; 0 where the terms cancel but for rounding."""
    value, size = _evaluate(terms, x), _evaluate(np.abs(terms), x)
    return 0.0 if abs(value) <= ROUNDING * size else float(np.sign(value))


def _evaluate(terms: np.ndarray, x: float) -> float:
    """Σ cᵢ xⁱ, divided by the highest power where that keeps it finite."""
    if x <= 1:
        return float(np.polynomial.polynomial.polyval(x, terms))
    return float(np.polynomial.polynomial.polyval(1 / x, terms[::-1]))


def _bisect(terms: np.ndarray, low: float, high: float, left: float) -> float:
    """The root between two points, of which 0 and ∞ are approached by doubling."""
    if np.isinf(high):
        high = max(2 * low, 1.0)
        while left * _evaluate(terms, high) > 0:
            low, high = high, 2 * high
    if low == 0:
        low = high / 2
        while left * _evaluate(terms, low) < 0:
            low, high = low / 2, low
    while low < (middle := (low + high) / 2) < high:
        if left * _evaluate(terms, middle) > 0:
            low = middle
        else:
            high = middle
    return high
