"""What detection finds in initiatives and their benefits."""

from dataclasses import dataclass
from datetime import date

from odoo.models import BaseModel


@dataclass(frozen=True)
class Finding:
    """Value that leaks, and what shows it.

    :ivar kind: as of leakages
    :ivar about: the benefit, or the initiative where it is about all of it
    :ivar first: first day of the month in which it is seen first
    :ivar lost: so far, 0 or more, in the company's currency
    :ivar coming: what will be lost on top if nothing changes, 0 or more
    :ivar evidence: sentences
    :ivar cited: further records that they are about
    :ivar part: the one part of ``about`` that leaks, where there are several
    """

    kind: str
    about: BaseModel
    first: date
    lost: float
    coming: float
    evidence: str
    cited: tuple[BaseModel, ...] = ()
    part: BaseModel | None = None


def rank_findings(findings):
    """Those that cost most first."""
    return sorted(findings, key=lambda one: -(one.lost + one.coming))


def cite(text, *recordsets):
    """A sentence and what it is about, as screens and REST routes give it."""
    return {
        "text": text,
        "records": [
            {"model": one._name, "id": one.id, "name": one.display_name}
            for records in recordsets
            for one in records
        ],
    }
