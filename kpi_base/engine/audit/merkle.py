"""Merkle trees of RFC 9162 (Certificate Transparency 2.0), section 2.1.

A root of 32 bytes stands for any number of leaves in their order. A proof of a few
hashes shows that a leaf is below a root, or that a later tree only added leaves.
"""

import hashlib
from collections.abc import Collection, Iterable, Sequence


def leaf_hash(data: bytes) -> bytes:
    """Hash of a leaf: SHA-256(0x00 || data)."""
    return hashlib.sha256(b"\x00" + data).digest()


def node_hash(left: bytes, right: bytes) -> bytes:
    """Hash of an inner node: SHA-256(0x01 || left || right)."""
    return hashlib.sha256(b"\x01" + left + right).digest()


class Frontier:
    """Roots of the full subtrees of a growing tree; memory grows with its logarithm."""

    def __init__(self, size: int = 0, hashes: Sequence[bytes] = ()) -> None:
        """Go on from where :attr:`hashes` of a tree of ``size`` leaves left off.

        :raises ValueError: not as many hashes as such a tree has full subtrees
        """
        if len(hashes) != size.bit_count():
            raise ValueError(
                f"a tree of {size} leaves has {size.bit_count()} full subtrees, got"
                f" {len(hashes)}"
            )
        self.size = size
        self.hashes = list(hashes)  # largest subtree first

    def append(self, leaf: bytes) -> None:
        """Add the leaf of this hash."""
        height = self.size
        while height & 1:
            leaf = node_hash(self.hashes.pop(), leaf)
            height >>= 1
        self.hashes.append(leaf)
        self.size += 1

    def root(self) -> bytes:
        """Root of all leaves so far; of none: SHA-256 of nothing."""
        if not self.hashes:
            return hashlib.sha256().digest()
        root = self.hashes[-1]
        for left in reversed(self.hashes[:-1]):
            root = node_hash(left, root)
        return root


def roots_at(
    leaves: Iterable[tuple[int, bytes]], sizes: Collection[int]
) -> dict[int, bytes]:
    """Size → root of the tree of that many first leaves.

    A missing leaf leaves out all later roots.

    :param leaves: index from 0, and hash of the entry that the leaf stands for, in
        their order
    """
    frontier, roots = Frontier(), {}
    for index, entry_hash in leaves:
        if index != frontier.size:
            break
        frontier.append(leaf_hash(entry_hash))
        if frontier.size in sizes:
            roots[frontier.size] = frontier.root()
    return roots


def inclusion_proof(leaves: Sequence[bytes], index: int) -> list[bytes]:
    """Hashes that lead from a leaf to the root (RFC 9162, 2.1.3.1).

    :param leaves: hashes of all leaves of the tree
    :param index: of the leaf, from 0
    :raises IndexError: there is no such leaf
    """
    if not 0 <= index < len(leaves):
        raise IndexError(f"no leaf {index} in a tree of {len(leaves)}")
    if len(leaves) == 1:
        return []
    left, right = _split(leaves)
    if index < len(left):
        return [*inclusion_proof(left, index), _root(right)]
    return [*inclusion_proof(right, index - len(left)), _root(left)]


def consistency_proof(leaves: Sequence[bytes], first: int) -> list[bytes]:
    """Hashes that show the tree of the ``first`` leaves within that of all.

    RFC 9162, 2.1.4.1.

    :raises ValueError: ``first`` is not from 1 to the number of leaves
    """
    if not 1 <= first <= len(leaves):
        raise ValueError(f"no tree of {first} leaves in one of {len(leaves)}")
    return _prove_subtree(leaves, first, is_whole=True)


def _prove_subtree(leaves: Sequence[bytes], first: int, is_whole: bool) -> list[bytes]:
    if first == len(leaves):
        return [] if is_whole else [_root(leaves)]
    left, right = _split(leaves)
    if first <= len(left):
        return [*_prove_subtree(left, first, is_whole), _root(right)]
    return [*_prove_subtree(right, first - len(left), is_whole=False), _root(left)]


def _split(leaves: Sequence[bytes]) -> tuple[Sequence[bytes], Sequence[bytes]]:
    """Those of the two subtrees: the left one is the largest full one."""
    size = 1 << ((len(leaves) - 1).bit_length() - 1)
    return leaves[:size], leaves[size:]


def _root(leaves: Iterable[bytes]) -> bytes:
    frontier = Frontier()
    for leaf in leaves:
        frontier.append(leaf)
    return frontier.root()
