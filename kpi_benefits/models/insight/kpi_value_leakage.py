from odoo import models
from odoo.tools import date_utils

from ...engine.shortfall import suggest_severity

# One cause, which looks like this or like that as months pass.
FALLS = ("shortfall", "decay", "adoption_stall")
# No month says since when; what people decided on is not found again.
LASTING = ("cost_overrun", "double_claim")


class KpiValueLeakage(models.Model):
    """Leakages as detection files them."""

    _inherit = "kpi.value.leakage"

    def _get_cause(self):
        """What makes findings of other months the same; see ``get_cause``."""
        kind, benefit_id, key = self.detection_key.split(":", 2)
        return _build_cause(kind, self.initiative_id.id, int(benefit_id), key)

    def _is_decided_on(self, finding):
        """Whether people closed or archived one that lasts as long as the finding.

        What falls again in a month after that is another cause.
        """
        closed = self.filtered(lambda one: not (one.is_open and one.active))
        if finding.kind in LASTING:
            return bool(closed)
        return any(
            finding.first <= (one.closed_on or one.write_date.date()) for one in closed
        )

    def _file(self, finding, known):
        """File a finding; that of a leakage that is ``known`` updates it.

        It is as severe as what is lost, and will be if nothing changes. What two
        benefits claim is a matter of their initiative: who reads that reads both. An
        overrun is one amount, spent or not: its impact says how severe it is.
        """
        impact, severity = finding.lost + finding.coming, None
        if finding.kind != "cost_overrun":
            severity = suggest_severity(impact, finding.about.expected_value)
            impact = finding.lost
        initiative, benefit = find_place(finding)
        kind, key = finding.kind, get_key(finding)
        if known:
            kind, _benefit_id, key = known.detection_key.split(":", 2)
        return self._file_finding(
            benefit,
            kind,
            self._prepare_evidence(finding),
            impact=impact,
            key=key,
            severity=severity,
            initiative=initiative,
            subject=finding.part or None,
        )

    def _prepare_evidence(self, finding):
        """Sentences of a finding, and what else it is about: read by who reads both."""
        if not finding.cited:
            return finding.evidence
        names = ", ".join(
            finding.cited[0].browse().union(*finding.cited).mapped("name")
        )
        return f"{finding.evidence} {self.env._('The other one: %s.', names)}"


def find_place(finding):
    """(initiative, benefit) that a finding is filed with; the benefit may be empty."""
    about = finding.about
    if about._name != "kpi.benefit.realization":
        return about, about.benefit_ids.browse()
    # The initiative is filed with; owners of a benefit need not see the rest of it.
    initiative = about.sudo().initiative_id.with_env(about.env)
    return initiative, about.browse() if finding.cited else about


def get_key(finding):
    """Key that tells findings of a kind about the same benefit apart."""
    if finding.cited:
        return "-".join(str(one.id) for one in (finding.about, *finding.cited))
    if finding.kind in LASTING:
        return "all"
    month = str(date_utils.start_of(finding.first, "month"))
    return f"{finding.part.id}/{month}" if finding.part else month


def get_cause(finding):
    """The cause of a finding: equal for what was filed of it in other months."""
    initiative, benefit = find_place(finding)
    return _build_cause(finding.kind, initiative.id, benefit.id or 0, get_key(finding))


def _build_cause(kind, initiative_id, benefit_id, key):
    part, _separator, month = key.partition("/")
    about = key if kind == "double_claim" else part if month else ""
    return "fall" if kind in FALLS else kind, initiative_id, benefit_id, about
