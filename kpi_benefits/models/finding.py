"""What detection finds in initiatives and their benefits."""

from dataclasses import dataclass
from datetime import date

from odoo.models import BaseModel
from odoo.tools import date_utils

# One cause, which looks like this or like that as months pass.
FALLS = ("shortfall", "decay", "adoption_stall")
# No month says since when; what people decided on is not found again.
LASTING = ("cost_overrun", "double_claim")


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

    @property
    def place(self) -> tuple[BaseModel, BaseModel]:
        """(initiative, benefit) that it is filed with; the benefit may be empty."""
        about = self.about
        if about._name != "kpi.benefit.realization":
            return about, about.benefit_ids.browse()
        # It is filed with; owners of a benefit need not see the rest of it.
        initiative = about.sudo().initiative_id.with_env(about.env)
        return initiative, about.browse() if self.cited else about

    @property
    def detection_key(self) -> str:
        """What tells it apart from other findings about the initiative."""
        month = str(date_utils.start_of(self.first, "month"))
        key = f"{self.part.id}/{month}" if self.part else month
        if self.cited:
            key = "-".join(str(one.id) for one in (self.about, *self.cited))
        elif self.kind in LASTING:
            key = "all"
        return f"{self.kind}:{self.place[1].id or 0}:{key}"


def get_cause(initiative, detection_key):
    """The cause of what is filed by a key: equal for that of other months."""
    kind, benefit_id, key = detection_key.split(":", 2)
    part, _separator, month = key.partition("/")
    about = key if kind == "double_claim" else part if month else ""
    return "fall" if kind in FALLS else kind, initiative.id, int(benefit_id), about


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
