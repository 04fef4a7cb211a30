"""Faults of a log of many chains."""

from dataclasses import dataclass


@dataclass(frozen=True)
class AuditFault:
    """Something in the log that is not as it was written.

    :param kind: that of ``chain.Fault``; ``anchor`` = the entries do not give the root
        that was anchored, or its signature is not of the key. Of a database only:
        ``columns`` = a column differs from the entry's text; ``row`` = the row made
        with the entry says otherwise, is missing, or has no entry; ``personal`` = the
        personal text is not the one logged
    :param model, res_id: of the chain; empty for an anchor
    :param seq: position in the chain, 0 for a row without entry; for an anchor its
        number of entries
    :param row: model and id of the row that does not fit; 0 where it is missing
    :param about: model and id of what that row belongs to
    """

    kind: str
    model: str
    res_id: int
    seq: int
    row: tuple[str, int] | None = None
    about: tuple[str, int] | None = None
