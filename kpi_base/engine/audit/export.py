"""A log outside of its database: one JSON object per line, verified line by line."""

import json
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field

from .anchor import Anchor
from .canonical import AuditError, AuditFault, parse_canonical, parse_json
from .chain import GENESIS, Entry, compare_entry
from .merkle import roots_at

MEMBERS = ("seq", "previous_hash", "hash", "text", "leaf")


@dataclass
class ExportedLog:
    """Takes the lines of an export in their order, and stores what is to be compared.

    Memory: 32 bytes per entry, and the last hash of each chain.
    """

    faults: list[AuditFault] = field(default_factory=list)
    size: int = 0
    _chains: dict[tuple[str, int], tuple[int, bytes]] = field(default_factory=dict)
    _leaves: dict[int, bytes] = field(default_factory=dict)

    @property
    def chain_count(self) -> int:
        """Number of records that something was logged of."""
        return len(self._chains)

    def add(self, line: str) -> None:
        """Verify one entry.

        :raises AuditError: the line is no entry of an export
        """
        seq, previous, found, text, leaf = _parse_line(line)
        self.size += 1
        if leaf is not None:
            self._leaves[leaf] = found
        chain = _chain_of(text)
        if chain is None:  # nobody can say where it belongs
            self.faults.append(AuditFault("changed", "", 0, seq))
            return
        entry = Entry(seq, text, previous, found)
        expected, last = self._chains.get(chain, (1, GENESIS))
        self.faults.extend(compare_entry(entry, expected, last, chain))
        self._chains[chain] = seq + 1, found

    def check(self, anchors: Sequence[Anchor], public_key: bytes = b"") -> None:
        """Compare the entries with anchors that were stored elsewhere.

        :param public_key: whose signatures are believed; empty = each anchor's own
        """
        leaves = ((index, self._leaves[index]) for index in sorted(self._leaves))
        roots = roots_at(leaves, {anchor.size for anchor in anchors})
        for anchor in sorted(anchors, key=lambda each: each.size):
            key = public_key or anchor.public_key
            is_signed = not key or anchor.is_signed_by(key)
            if roots.get(anchor.size) != anchor.root or not is_signed:
                self.faults.append(AuditFault("anchor", "", 0, anchor.size))


def export_lines(rows: Iterable[Sequence]) -> Iterator[str]:
    """Lines of an export.

    :param rows: seq, previous hash, hash (hexadecimal), text, and the index among the
        anchored entries or None
    """
    for row in rows:
        yield json.dumps(dict(zip(MEMBERS, row, strict=True))) + "\n"


def _chain_of(text: str) -> tuple[str, int] | None:
    """Model and id of the record, None where the text is no entry's."""
    try:
        members = parse_canonical(text)
        model, res_id = members["model"], int(members["res_id"])
        return (model, res_id) if isinstance(model, str) else None
    except (AuditError, KeyError, TypeError, ValueError):
        return None


def _parse_line(line: str) -> tuple[int, bytes, bytes, str, int | None]:
    try:
        members = parse_json(line)
        seq, previous, found, text, leaf = (members[name] for name in MEMBERS)
        is_entry = isinstance(seq, int) and isinstance(text, str)
        if not is_entry or not isinstance(leaf, int | None):
            raise TypeError("seq and leaf are whole numbers, text is a text")
        return seq, bytes.fromhex(previous), bytes.fromhex(found), text, leaf
    except (KeyError, TypeError, ValueError) as error:
        raise AuditError(f"This is not a line of an exported log: {error}") from error
