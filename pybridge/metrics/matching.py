"""Which objects of a result stand for which objects of the truth: one to one, at an IoU threshold.

Imports core and numpy; scipy only inside functions.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from pybridge.core.errors import UsageError
from pybridge.metrics.overlaps import Overlaps

_BLOCK_OBJECTS = 512


def match_pairs(found: Overlaps, *, threshold: float) -> NDArray[np.int64]:
    """Choose pairs so that each object is in one at most: as many as possible, of these the greatest sum of IoU.

    Parameters
    ----------
    found : Overlaps
    threshold : float
        A pair fits at an IoU of at least this; above 0, up to 1.

    Returns
    -------
    ndarray of int64
        Which of the pairs of ``found``, rising; so ``found.truth[pairs]`` are the truth objects.

    Raises
    ------
    UsageError
        If the threshold is out of range.

    Examples
    --------
    >>> from pybridge.metrics.overlaps import overlaps
    >>> found = overlaps(np.array([[5, 5, 5, 0, 6]]), np.array([[1, 1, 0, 0, 2]]))
    >>> match_pairs(found, threshold=0.7).tolist()
    [1]
    """
    if not 0 < threshold <= 1:
        raise UsageError(f"match objects at IoU {threshold!r}", found="out of range", do="take it above 0, up to 1")
    iou = found.iou
    fits = np.flatnonzero(iou >= threshold)  # 11/20 and 0.55 round to one float, so a pair at the threshold fits
    return fits[_one_to_one(found.truth[fits], found.result[fits], iou[fits])]


def _one_to_one(truth: NDArray[np.int64], result: NDArray[np.int64], iou: NDArray[np.float64]) -> NDArray[np.int64]:
    """Choose as many pairs as possible so that no object is in two; of these, the greatest sum of IoU."""
    if not truth.size:
        return np.zeros(0, np.int64)
    contested = (np.bincount(truth)[truth] > 1) | (np.bincount(result)[result] > 1)
    chosen = [np.flatnonzero(~contested)]
    disputed = np.flatnonzero(contested)
    chosen += [
        disputed[block[_settle(truth[disputed[block]], result[disputed[block]], iou[disputed[block]])]]
        for block in _blocks(truth[disputed], result[disputed])
    ]
    return np.sort(np.concatenate(chosen))


def _blocks(truth: NDArray[np.int64], result: NDArray[np.int64]) -> list[NDArray[np.int64]]:
    """Part the pairs so that no object has pairs in two parts, and each part has some hundred objects if it can.

    The solver's time grows with the square of the objects that it is given at once.
    """
    if not truth.size:
        return []
    from scipy.sparse import coo_array
    from scipy.sparse.csgraph import connected_components

    rows, row_of = np.unique(truth, return_inverse=True)
    columns, column_of = np.unique(result, return_inverse=True)
    size = rows.size + columns.size
    graph = coo_array((np.ones(truth.size, np.int8), (row_of, rows.size + column_of)), shape=(size, size))
    group = connected_components(graph.tocsr(), directed=False)[1]
    block_of_group = np.cumsum(np.bincount(group)) // _BLOCK_OBJECTS
    block = block_of_group[group[row_of]]
    order = np.argsort(block, kind="stable")
    return np.split(order, np.flatnonzero(np.diff(block[order])) + 1)


def _settle(truth: NDArray[np.int64], result: NDArray[np.int64], iou: NDArray[np.float64]) -> NDArray[np.int64]:
    """Choose among pairs that compete for objects."""
    from scipy.sparse import coo_array
    from scipy.sparse.csgraph import min_weight_full_bipartite_matching

    rows, row_of = np.unique(truth, return_inverse=True)
    columns, column_of = np.unique(result, return_inverse=True)
    # Each truth object may also take a partner of its own that stands for "none", at a price above all real ones
    # together: so a full matching exists, and the cheapest has as many real pairs as possible. No price may be 0,
    # because a stored 0 is no edge of a sparse graph.
    none = columns.size + np.arange(rows.size)
    price = np.concatenate([2.0 - iou, np.full(rows.size, 2.0 * rows.size + 2.0)])
    graph = coo_array(
        (price, (np.append(row_of, np.arange(rows.size)), np.append(column_of, none))),
        shape=(rows.size, columns.size + rows.size),
    ).tocsr()
    chosen_row, chosen_column = min_weight_full_bipartite_matching(graph)
    real = chosen_column < columns.size
    code = row_of.astype(np.int64) * columns.size + column_of
    return np.flatnonzero(np.isin(code, chosen_row[real].astype(np.int64) * columns.size + chosen_column[real]))
