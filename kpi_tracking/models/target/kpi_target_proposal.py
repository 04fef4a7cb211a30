from odoo import api, fields, models
from odoo.fields import Domain
from odoo.tools import format_date, frozendict

from ...engine.zones import THRESHOLD_FIELDS
from .kpi_target import CHANGED_FIELDS

GUARDED = (
    "report_id",
    "date_from",
    "rule",
    "value",
    "change_percent",
    "source_definition_id",
    "annual_total",
    "range_low",
    "range_high",
    "has_baseline",
    "baseline",
    "stretch",
    "zones",
    *THRESHOLD_FIELDS,
)
AMOUNTS = {*CHANGED_FIELDS, "baseline"}
# What a target of a number may say beside it for its approval to depend on that alone.
OF_A_NUMBER = {"report_id", "date_from", "rule", "value"}


class KpiTarget(models.Model):
    """Targets change by proposal where a workflow asks for it."""

    _name = "kpi.target"
    _inherit = ["kpi.target", "kpi.guarded.mixin"]

    _guarded_fields = frozendict(target_change=GUARDED)
    _proposal_subjects = ("kpi.report",)
    _hidden_in_proposals = frozenset({"report_id"})

    def _get_proposal_subject(self, vals):
        reports = self.env["kpi.report"]
        return self.report_id or reports.browse(vals.get("report_id") or [])

    def _name_proposed(self, vals, subject):
        day = fields.Date.to_date(vals.get("date_from"))
        if not day:
            return subject.display_name
        return self.env._(
            "%(kpi)s, from %(date)s",
            kpi=subject.display_name,
            date=format_date(self.env, day),
        )

    def _find_replaced(self, vals):
        """The target that holds on the day from which a new one would."""
        day = fields.Date.to_date(vals.get("date_from"))
        if not day or not vals.get("report_id"):
            return self.browse()
        return self.search(
            Domain("report_id", "=", vals["report_id"])
            & Domain("date_from", "<=", day),
            order="date_from desc",
            limit=1,
        )

    def _get_proposal_amount(self, vals):
        """The target, where nothing else of it changes."""
        number = vals.get("value")
        others = self._get_guarded_names() & vals.keys() - OF_A_NUMBER
        if number in (None, False) or vals.get("rule", "number") != "number":
            return None
        if self and self.rule != "number":
            return None
        if any(self._is_other_value(name, vals[name]) for name in others):
            return None
        return number

    def _get_present_amount(self):
        is_number = self.rule == "number" and self.value is not False
        return self.value if is_number else None

    def _say_value(self, name, value):
        if name in AMOUNTS:
            known = value is not None and value is not False
            return (
                self._format_number(value)
                if known and self.report_id
                else (super()._say_value(name, value))
            )
        if (name in THRESHOLD_FIELDS or name == "change_percent") and value:
            return f"{value:g} %"
        return super()._say_value(name, value)

    def action_propose_change(self):
        """Open the dialog in which another target is proposed."""
        self.ensure_one()
        return self.report_id._open_target_proposal(self)

    def _open_proposal_again(self, change):
        # What a proposal is about is no secret to who reads it.
        subject = change.sudo()._get_subject().with_env(self.env)
        target = self.exists() or self._find_replaced(change.vals or {})
        action = subject._open_target_proposal(target)
        action["context"]["default_change_id"] = change.id
        return action


class KpiReport(models.Model):
    """Proposing targets from the form of a KPI."""

    _inherit = "kpi.report"

    has_guarded_targets = fields.Boolean(
        compute="_compute_has_guarded_targets", exportable=False
    )

    @api.depends_context("uid")
    def _compute_has_guarded_targets(self):
        targets = self.env["kpi.target"]
        for report in self:
            # Those of a new KPI are written together with it.
            report.has_guarded_targets = bool(report._origin) and (
                targets._filter_guarded("create", {"report_id": report._origin.id})
                is not None
            )

    def action_propose_target(self):
        """Open the dialog in which a target is proposed."""
        self.ensure_one()
        return self._open_target_proposal(self.target_ids.sorted("date_from")[-1:])

    def _open_target_proposal(self, target):
        return {
            "type": "ir.actions.act_window",
            "name": self.env._("Propose a Change"),
            "res_model": "kpi.target.proposal",
            "views": [(False, "form")],
            "target": "new",
            "context": {
                "default_report_id": self.id,
                "default_target_id": target.id,
            },
        }

    def unlink(self):
        # Proposals about a KPI that goes are nobody's to decide.
        changes = self.env["kpi.approval.change"].sudo()
        about = Domain("subject_model", "=", self._name)
        changes._withdraw(about & Domain("subject_id", "in", self.ids))
        return super().unlink()
