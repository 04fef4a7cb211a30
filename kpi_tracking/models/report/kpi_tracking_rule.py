import ast
import logging

from odoo import api, fields, models
from odoo.exceptions import UserError, ValidationError
from odoo.fields import Domain
from odoo.tools import SQL

from odoo.addons.kpi_base.actions import CLOSE, open_list, show_notification
from odoo.addons.kpi_base.repeat import repeat_late

from .kpi_report import SCOPE_MODELS, SCOPES

_logger = logging.getLogger(__name__)
WHO_IS_TRACKED = {"definition_ids", "scope_type", "domain", "company_id"}


class KpiTrackingRule(models.Model):
    """Keeps KPIs tracked for every department, team or person that matches a filter.

    It archives only reports that a rule made; those of people stay as they are.
    """

    _name = "kpi.tracking.rule"
    _description = "KPI Tracking Rule"
    _inherit = ["kpi.input.mixin", "kpi.readonly.mixin"]
    _order = "name, id"

    name = fields.Char(required=True, translate=True)
    active = fields.Boolean(
        default=True, help="Archiving a rule does not change its KPIs."
    )
    company_id = fields.Many2one(
        "res.company", required=True, index=True, default=lambda self: self.env.company
    )
    definition_ids = fields.Many2many("kpi.definition", string="KPIs", required=True)
    scope_type = fields.Selection(
        SCOPES[1:], "Track for Every", required=True, default="department"
    )
    scope_model = fields.Char("Model", compute="_compute_scope_model", exportable=False)
    domain = fields.Char("Filter", default="[]", required=True)
    include_children = fields.Boolean(
        "Include Sub-Departments",
        help="Includes sub-departments of matching departments.",
    )
    user_id = fields.Many2one(
        "res.users",
        "Runs As",
        readonly=True,
        required=True,
        copy=False,
        default=lambda self: self.env.uid,
        help="Last person to change what the rule tracks. The rule uses their "
        "access rights.",
    )
    report_ids = fields.Many2many(
        "kpi.report",
        "kpi_tracking_rule_report_rel",
        "rule_id",
        "report_id",
        "Tracked KPIs",
        readonly=True,
        copy=False,
    )
    report_count = fields.Integer("Tracked", compute="_compute_report_count")
    last_run_at = fields.Datetime("Last Applied", readonly=True, copy=False)
    last_error = fields.Char("Error", readonly=True, copy=False)

    @api.depends("scope_type")
    def _compute_scope_model(self):
        for rule in self:
            rule.scope_model = SCOPE_MODELS.get(rule.scope_type)

    @api.depends("report_ids")
    def _compute_report_count(self):
        counts = dict(
            self.env["kpi.report"]._read_group(
                [("tracking_rule_ids", "in", self.ids)],
                ["tracking_rule_ids"],
                ["__count"],
            )
        )
        for rule in self:
            rule.report_count = counts.get(rule, 0)

    @api.onchange("scope_type")
    def _onchange_scope_type(self):
        self.domain = "[]"

    @api.constrains(*WHO_IS_TRACKED, "user_id")
    def _check_scopes(self):
        """Find the scopes as the person who saves: no reading by proxy."""
        for rule in self.sudo(False):
            if not rule.definition_ids:
                raise ValidationError(
                    self.env._("%s: choose the KPIs to track.", rule.name)
                )
            rule.definition_ids.check_access("read")
            for definition in rule.definition_ids:
                definition._check_leads_to(rule.scope_type)
            rule._scopes()

    @api.model_create_multi
    def create(self, vals_list):
        rules = super().create(vals_list)
        rules._trigger()
        return rules

    def write(self, vals):
        result = super().write(vals)
        if WHO_IS_TRACKED & vals.keys():
            # Written by the engine: the rule works with the rights of who changed it.
            self.sudo().user_id = self.env.user
        if vals.get("active") or WHO_IS_TRACKED & vals.keys():
            self._trigger()
        return result

    @api.model
    def _trigger(self):
        # Crons are the administrators'; waking this one only makes it look earlier.
        self.env.ref("kpi_tracking.kpi_tracking_rule_cron").sudo()._trigger()

    def _scopes(self):
        """The departments, teams or persons that match now.

        :raises ValidationError: the filter cannot be read
        """
        self.ensure_one()
        return self._matching_scopes(
            self.scope_type, self.domain, self.company_id, self.include_children
        )

    @api.model
    def _matching_scopes(self, scope_type, text, company, include_children=False):
        """Departments, teams or persons of a company that match the filter ``text``."""
        model = self.env[SCOPE_MODELS[scope_type]]
        if scope_type == "user":
            inside = Domain("company_ids", "in", company.ids) & Domain(
                "share", "=", False
            )
        else:
            inside = Domain("company_id", "in", [company.id, False])
        try:
            found = model.search(Domain(ast.literal_eval(text or "[]")) & inside)
        except (ValueError, TypeError, KeyError, SyntaxError, RecursionError) as error:
            raise ValidationError(
                self.env._(
                    "Filter: “%(filter)s” is invalid for %(model)s.",
                    filter=text[:200],
                    model=model._description,
                )
            ) from error
        if include_children and scope_type == "department" and found:
            found = model.search(Domain("id", "child_of", found.ids) & inside)
        return found

    def action_apply(self):
        """Apply the rule now and show what it tracks."""
        self.check_access("write")
        for rule in self:
            rule._apply()
        if not any(self.mapped("report_count")):
            message = self.env._(
                "%s: no matches, so no KPI is tracked. Rules run every night.",
                ", ".join(self.mapped("name")),
            )
            return show_notification(message, type="warning", next=CLOSE)
        return self.action_open_reports()

    def action_open_reports(self):
        domain = [("tracking_rule_ids", "in", self.ids)]
        return open_list(self.env, "kpi_tracking.kpi_report_action", domain)

    @api.model
    def _cron_apply(self):
        """Apply every rule; one that fails says why and does not stop the others."""
        rules = self.search(Domain.TRUE)
        self.env["ir.cron"]._commit_progress(remaining=len(rules))
        for rule in rules:
            try:
                repeat_late(self.env, rule._apply)
            except UserError as error:
                self.env.cr.rollback()
                _logger.warning("KPI tracking rule %s: %s", rule.id, error)
                rule.last_error = str(error)
            if not self.env["ir.cron"]._commit_progress(1):
                break

    def _apply(self):
        """Track what matches and archive what does not any more, set by set."""
        self.ensure_one()
        # Of those who said what is tracked: a rule must not see more than they do.
        owner = self.with_user(self.user_id).with_context(
            allowed_company_ids=self.company_id.ids
        )
        scopes = owner._scopes()
        definitions = owner.definition_ids.filtered("active")
        created = definitions._track_in_bulk(
            self.scope_type, scopes, self.company_id.id
        )
        # What rules made is the engine's to archive and to bring back.
        reports = self.sudo()._sync_reports(definitions, scopes, created)
        reports._mark_formulas_stale()
        self.env["kpi.job"]._trigger()
        # Written by the engine.
        self.sudo().write({"last_run_at": fields.Datetime.now(), "last_error": False})

    def _sync_reports(self, definitions, scopes, created):
        """Link, bring back and archive; the reports that came or went."""
        self.env.flush_all()
        wanted = SQL(
            "definition_id = ANY(%s) AND scope_type = %s AND scope_id = ANY(%s)"
            " AND company_id = %s",
            definitions.ids,
            self.scope_type,
            scopes.ids,
            self.company_id.id,
        )

        def run(code, **parameters):
            statement = SQL(code, rule=self.id, wanted=wanted, **parameters)
            return [row[0] for row in self.env.execute_query(statement)]

        changed = run(
            """
            INSERT INTO kpi_tracking_rule_report_rel (rule_id, report_id)
            SELECT %(rule)s, report.id
              FROM kpi_report AS report
             WHERE %(wanted)s
               AND (report.id = ANY(%(created)s)
                OR report.is_retired
                OR EXISTS (
                     SELECT 1
                       FROM kpi_tracking_rule_report_rel AS known
                      WHERE known.report_id = report.id
                   ))
                ON CONFLICT DO NOTHING
         RETURNING report_id
            """,
            created=created.ids,
        )
        changed += run(
            """
            UPDATE kpi_report
               SET active = TRUE,
                   is_retired = FALSE
             WHERE %(wanted)s
               AND is_retired
               AND NOT active
         RETURNING id
            """
        )
        # What matches no more; what was archived by hand is not noted.
        changed += run(
            """
            WITH gone AS (
                DELETE FROM kpi_tracking_rule_report_rel AS known
                 USING kpi_report AS report
                 WHERE known.rule_id = %(rule)s
                   AND report.id = known.report_id
                   AND NOT (%(wanted)s)
             RETURNING report.id, report.active
            )
            UPDATE kpi_report AS report
               SET active = FALSE,
                   is_retired = TRUE
              FROM gone
             WHERE report.id = gone.id
               AND gone.active
               AND NOT EXISTS (
                     SELECT 1
                       FROM kpi_tracking_rule_report_rel AS other
                       JOIN kpi_tracking_rule AS rule ON rule.id = other.rule_id
                      WHERE other.report_id = report.id
                        AND other.rule_id <> %(rule)s
                        AND rule.active
                   )
         RETURNING report.id
            """
        )
        self.env["kpi.report"].invalidate_model(["active", "is_retired"], flush=False)
        self.invalidate_model(["report_ids"], flush=False)
        return self.env["kpi.report"].browse(changed)
