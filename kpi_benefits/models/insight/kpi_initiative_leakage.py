from odoo import api, models
from odoo.fields import Domain

from odoo.addons.kpi_base.repeat import repeat_late

from .kpi_benefit_detection import OPEN
from .kpi_value_leakage import get_cause

AT_ONCE = 50  # initiatives that are looked at in one transaction


class KpiInitiative(models.Model):
    """What detection finds is filed as leakages, each cause once."""

    _inherit = "kpi.initiative"

    def action_find_leakage(self):
        """File what seems to leak now, also below these, and show the leakages."""
        self.check_access("write")
        tree = self.union(*self._group_tree().values())
        tree._filtered_access("write")._file_findings()
        action = self.env["ir.actions.act_window"]._for_xml_id(
            "kpi_benefits.kpi_value_leakage_action"
        )
        return {
            **action,
            "domain": [("initiative_id", "in", tree.ids)],
            "context": {},
        }

    @api.model
    def _cron_find_leakage(self):
        """Each month: file what seems to leak in initiatives under way."""
        waiting = self.search(Domain("status", "in", OPEN), order="id")
        self.env["ir.cron"]._commit_progress(remaining=len(waiting))
        for lang, same in waiting.grouped(lambda one: one.owner_id.lang).items():
            # People of its owner's language read what is filed.
            same = same.with_context(lang=lang)
            for start in range(0, len(same), AT_ONCE):
                part = same[start : start + AT_ONCE]
                repeat_late(self.env, part._file_findings)
                if not self.env["ir.cron"]._commit_progress(len(part)):
                    return

    def _file_findings(self):
        """File the findings of these initiatives as leakages, each cause once."""
        leakages = self.env["kpi.value.leakage"]
        # Whether a cause is known is looked at; what is filed is the user's right.
        found = leakages.sudo().with_context(active_test=False)
        found = found.search(
            [("initiative_id", "in", self.ids), ("detection_key", "!=", False)]
        )
        known = found.grouped(lambda one: one._get_cause())
        for finding in self._find_own_findings():
            same = known.get(get_cause(finding), found.browse())
            if _can_file(finding) and not same._is_decided_on(finding):
                waiting = same.filtered(lambda one: one.is_open and one.active)[:1]
                waiting = waiting.with_env(self.env)
                if waiting.has_access("write"):
                    leakages._file(finding, waiting)


def _can_file(finding):
    """Whether all who read the leakage may read what it is about.

    So a double claim is filed within one initiative; and what people entered, as not
    everybody there may see the KPI that a benefit is measured by.
    """
    if not finding.cited:
        return True
    claims = finding.about.union(*finding.cited)
    # The initiatives are compared, not shown.
    claims = claims.sudo()
    is_measured = claims.baseline_id or claims.former_report_ids
    return len(claims.initiative_id) == 1 and not is_measured
