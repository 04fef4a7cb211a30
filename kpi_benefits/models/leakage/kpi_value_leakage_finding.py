from odoo import api, fields, models
from odoo.exceptions import UserError


class KpiValueLeakage(models.Model):
    """Leakages that detection found: filed once each, whatever became of them."""

    _inherit = "kpi.value.leakage"

    source = fields.Selection(
        [("manual", "Reported"), ("detected", "Detected")],
        required=True,
        readonly=True,
        default="manual",
        copy=False,
        index=True,
    )
    detection_key = fields.Char(readonly=True, copy=False, exportable=False)

    _detection_key_uniq = models.UniqueIndex(
        "(initiative_id, detection_key) WHERE detection_key IS NOT NULL"
    )

    @api.model
    def _file_finding(
        self,
        benefit,
        kind,
        evidence,
        *,
        impact,
        key,
        severity=None,
        initiative=None,
        subject=None,
    ):
        """File what detection found; the same finding again is the same leakage.

        While nobody has looked at it, its evidence and impact follow what is found.
        Afterwards it is people's: accepted, resolved or archived, it is not filed
        again. For whoever may change it; detection runs as superuser::

            leakages._file_finding(benefit, "decay", text, impact=1200.0, key="2026-03")

        :param benefit: empty: the finding is about an ``initiative``
        :param kind: one of ``KINDS``; how it was found
        :param evidence: sentences that say what was seen
        :param impact: value lost in all, from 0 on
        :param key: tells findings of a kind about a benefit apart, such as the month
            in which it began
        :param severity: None: by the impact
        :param subject: the record that it is named after; None: benefit or initiative
        :return: the leakage
        """
        owner = initiative or benefit.initiative_id
        known = self._find_filed(owner, f"{kind}:{benefit.id or 0}:{key}")
        found = {"evidence": evidence, "estimated_impact": impact}
        if not known:
            judged = {"severity": severity} if severity else {}
            about = subject or benefit or owner
            judged["name"] = f"{self._get_kind_label(kind)}: {about.display_name}"
            return self._file_new(owner, benefit, kind, key, {**found, **judged})
        if known.status == "identified" and known.active:
            known._update_finding(found)
        return known

    @api.model
    def _find_filed(self, initiative, full_key):
        # Of two runs at once the second is run again and finds what the first filed.
        self.env["kpi.claim"]._claim(f"findings of initiative {initiative.id}")
        everything = self.with_context(active_test=False)
        return everything.search(
            [("initiative_id", "=", initiative.id), ("detection_key", "=", full_key)]
        ).with_env(self.env)

    @api.model
    def _file_new(self, initiative, benefit, kind, key, found):
        self.check_access("create")
        # What says where it is from is not typed; the right to it is asked for below.
        filed = self.sudo().create(
            {
                **found,
                "initiative_id": initiative.id,
                "benefit_id": benefit.id,
                "kind": kind,
                "source": "detected",
                "detection_key": f"{kind}:{benefit.id or 0}:{key}",
            }
        )
        filed.with_env(self.env).check_access("write")
        return filed.with_env(self.env)

    @api.model
    def _get_kind_label(self, kind):
        return dict(self._fields["kind"]._description_selection(self.env))[kind]

    def _update_finding(self, found):
        changed = {name: value for name, value in found.items() if self[name] != value}
        if changed:
            self.write(changed)

    def _check_deletable(self):
        """Refuse to delete what was detected or looked at: it is evidence."""
        for leakage in self:
            if leakage._is_evidence():
                raise UserError(
                    self.env._(
                        "%s was detected or looked at. Archive it instead.",
                        leakage.name,
                    )
                )

    def _is_evidence(self):
        return self.source == "detected" or self.status != "identified"
