"""Finds rows that are one text sent twice, so that they are learnt from and measured on together."""

import numpy as np
from numpy.typing import NDArray
from scipy.sparse import coo_matrix, csr_matrix
from scipy.sparse.csgraph import connected_components

ALIKE = 0.8  # rows that share so much of their grams are one text sent twice


def alike_rows(matrix: csr_matrix, seed: int) -> NDArray[np.int64]:
    """The group of each row, (rows,): rows that share most of their grams are one. Candidates by MinHash, then compared."""
    count = matrix.shape[0]
    random = np.random.default_rng(seed)
    filled = np.flatnonzero(np.diff(matrix.indptr))
    pairs: list[NDArray[np.int64]] = []
    if len(filled):
        starts = matrix.indptr[filled]
        for _ in range(6):
            band = np.zeros(len(filled), dtype=np.uint64)
            for _ in range(3):
                order = random.permutation(matrix.shape[1]).astype(np.int32)
                band = band * np.uint64(matrix.shape[1]) + np.minimum.reduceat(order[matrix.indices], starts).astype(np.uint64)
            _, first, group = np.unique(band, return_index=True, return_inverse=True)
            others = np.flatnonzero(first[group] != np.arange(len(filled)))
            pairs.append(np.column_stack([filled[others], filled[first[group[others]]]]))
    near = np.unique(np.concatenate(pairs), axis=0) if pairs else np.empty((0, 2), dtype=np.int64)
    if len(near):
        present = csr_matrix((np.ones(matrix.nnz, dtype=np.float32), matrix.indices, matrix.indptr), shape=matrix.shape)
        sizes = np.diff(matrix.indptr)
        shared = np.asarray(present[near[:, 0]].multiply(present[near[:, 1]]).sum(axis=1)).ravel()
        near = near[shared >= ALIKE * (sizes[near[:, 0]] + sizes[near[:, 1]] - shared)]
    graph = coo_matrix((np.ones(len(near)), (near[:, 0], near[:, 1])), shape=(count, count))
    groups: NDArray[np.int64] = connected_components(graph, directed=False)[1].astype(np.int64)
    return groups
