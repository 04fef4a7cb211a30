"""Fingerprints: short texts that are equal where what they stand for is equal."""

from collections.abc import Mapping
from dataclasses import dataclass
from hashlib import sha256

LENGTH = 32  # hexadecimal digits, 128 bits
# What the facts of a period are made from: other tables that its records are joined
# with, the records, who belongs to which department and team, rates, the day itself.
PARTS = ("joined", "records", "people", "rates", "time")
SEPARATOR = ";"


@dataclass(frozen=True)
class Fingerprint:
    """What the facts of a period were computed from; equal ones mean equal facts.

    :param records: the rows of the period, the tables joined to them, who belongs to
        which department, and the rates
    :param methods: definition id → how it is computed in the period, and for whom
    :param reads: what ``records`` is made over, see ``kpi.source._list_reads``
    """

    records: str
    methods: dict[int, str]
    reads: dict


def hash_text(text: str | bytes) -> str:
    """A short digest of ``text``, the same in every process and on every day."""
    data = text if isinstance(text, bytes) else text.encode()
    return sha256(data).hexdigest()[:LENGTH]


def join_parts(parts: Mapping[str, str]) -> str:
    """One text of the digests of some of :data:`PARTS`; that of records begins with
    their number and a colon."""
    return SEPARATOR.join(parts.get(name, "") for name in PARTS)


def find_cause(before: str, now: str, *, has_other_method: bool) -> str:
    """Why the facts of a period may be others than before.

    :param before, now: as :func:`join_parts` returns them
    :param has_other_method: whether they are computed in another way as well
    :return: ``records``, ``removed`` (fewer records), ``people``, ``rates``,
        ``definition``, ``time`` where nothing else, ``several``, or ``recomputed``
        where nothing differs
    """
    pairs = zip(before.split(SEPARATOR), now.split(SEPARATOR), strict=True)
    found = {
        name: pair
        for name, pair in zip(PARTS, pairs, strict=True)
        if pair[0] != pair[1]
    }
    passed = found.pop("time", None)
    causes = {"definition"} if has_other_method else set()
    causes |= found.keys() & {"people", "rates"}
    if "records" in found:
        count_before, count_now = map(_count, found["records"])
        causes.add("removed" if count_now < count_before else "records")
    elif "joined" in found:
        causes.add("records")
    if not causes:
        return "time" if passed else "recomputed"
    return causes.pop() if len(causes) == 1 else "several"


def _count(part: str) -> int:
    """Number of records of a part; none where nothing was there to be read."""
    count = part.partition(":")[0].partition(".")[0]
    return int(count) if count.isdigit() else 0
