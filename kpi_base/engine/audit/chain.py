"""A chain of entries: each holds the hash of the one before it."""

import hashlib
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from .canonical import AuditFault

GENESIS = bytes(32)  # what the first entry of a chain follows
HASH_VERSION = 1


@dataclass(frozen=True)
class Entry:
    """One entry as it is stored.

    :param seq: position in its chain, from 1
    :param text: canonical text of what was logged
    :param previous_hash: 32 bytes, of the entry before it; ``GENESIS`` for the first
    :param hash: 32 bytes, as ``link_hash(previous_hash, text)`` gave
    """

    seq: int
    text: str
    previous_hash: bytes
    hash: bytes


def parse_hash(text: str) -> bytes:
    """Hash of a column; empty, which no hash is, where another text was written."""
    try:
        return bytes.fromhex(text)
    except ValueError:
        return b""


def link_hash(previous_hash: bytes, text: str) -> bytes:
    """SHA-256 over the previous entry's hash and the UTF-8 bytes of ``text``."""
    return hashlib.sha256(previous_hash + text.encode()).digest()


def commitment(salt: bytes, text: str) -> str:
    """Hexadecimal SHA-256 that stands for a personal text in an entry.

    The text lies elsewhere and may be erased; without the salt, which goes with it,
    nobody can find out by trying what it was.

    :param salt: at least 16 random bytes
    """
    if len(salt) < 16:
        raise ValueError(f"a salt needs 16 bytes, got {len(salt)}")
    return hashlib.sha256(salt + text.encode()).hexdigest()


def compare_entry(
    entry: Entry, expected: int, previous: bytes, chain: tuple[str, int]
) -> Iterator[AuditFault]:
    """Faults of an entry beside the one before it.

    It is compared with the hash stored for that one, so that a change names the changed
    entry and not all that follow.

    :param expected: its position, where none is missing
    :param previous: hash stored for the entry before it
    :param chain: model and id of the record
    """
    if entry.seq > expected:
        yield AuditFault("missing", *chain, expected)
    elif entry.seq < expected or entry.previous_hash != previous:
        yield AuditFault("reordered", *chain, entry.seq)
    if link_hash(entry.previous_hash, entry.text) != entry.hash:
        yield AuditFault("changed", *chain, entry.seq)


def verify_chain(
    chain: tuple[str, int], entries: Iterable[Entry], head_seq: int, head_hash: bytes
) -> Iterator[AuditFault]:
    """Faults of one chain, in the order of its entries; none if it is intact.

    :param chain: model and id of the record
    :param entries: ordered by ``seq``
    :param head_seq: number of entries that the head counts
    :param head_hash: hash of the last of them
    """
    expected, previous = 1, GENESIS
    for entry in entries:
        yield from compare_entry(entry, expected, previous, chain)
        expected, previous = entry.seq + 1, entry.hash
    if head_seq >= expected:
        yield AuditFault("truncated", *chain, expected)
    elif head_seq != expected - 1 or head_hash != previous:
        yield AuditFault("head", *chain, expected - 1)
