from functools import partial

from odoo import api, fields, models

from odoo.addons.kpi_base.use_link import UseLink
from odoo.addons.kpi_base.user_link import END, HAND_OVER, STAY, Connection, UserLink

KPI = "kpi.definition"


class KpiUseLink(models.AbstractModel):
    """Formulas, targets, scorecards and tables use KPIs."""

    _inherit = "kpi.use.link"

    def _get_links(self):
        use = partial(UseLink, KPI)
        cards, tables = self.env._("Scorecards"), self.env._("Tables")
        emails, rules = self.env._("Emails"), self.env._("Tracking Rules")
        targets = self.env._("Targets")
        schedule = "kpi.period.report.schedule"
        through_cards = "group_ids.line_ids.report_id.definition_id"
        return [
            *super()._get_links(),
            use(KPI, "component_ids", self.env._("Formulas"), is_transitive=True),
            use("kpi.target", "source_definition_id", targets, shown_as="report_id"),
            use(
                "kpi.report.group.line",
                "report_id.definition_id",
                cards,
                shown_as="group_id",
            ),
            use("kpi.period.report", "report_ids.definition_id", tables),
            use("kpi.period.report", through_cards, tables),
            use(schedule, "period_report_id.report_ids.definition_id", emails),
            use("kpi.tracking.rule", "definition_ids", rules),
        ]


class KpiUserLink(models.AbstractModel):
    """KPIs, their entries and reports that hang on a person."""

    _inherit = "kpi.user.link"

    def _get_links(self):
        return [
            *super()._get_links(),
            UserLink("kpi.definition", "owner_id", HAND_OVER),
            UserLink("kpi.definition.category", "certifier_ids", HAND_OVER),
            UserLink("kpi.report", "owner_id", HAND_OVER),
            UserLink("kpi.report", "submitter_ids", HAND_OVER),
            UserLink("kpi.report.group", "owner_id", HAND_OVER),
            UserLink("kpi.period.report", "owner_id", HAND_OVER),
            # KPIs of new people are tracked with this person's rights.
            UserLink("kpi.tracking.rule", "user_id", HAND_OVER),
            UserLink("kpi.report", "shared_user_ids", END),
            UserLink("kpi.report", "starred_user_ids", END),
            UserLink("kpi.report.group", "member_ids", END),
            UserLink(
                "kpi.period.report.schedule",
                "user_ids",
                END,
                ending="_leave",
                connection=Connection(
                    self.env._("Report Email"),
                    since="active_since",
                    domain=(("active", "=", True),),
                ),
            ),
            UserLink("kpi.entry.duty", "user_id", END),
            UserLink("kpi.definition", "verified_by_id", STAY),
            UserLink("kpi.definition", "changed_by_id", STAY),
            UserLink("kpi.report", "user_id", STAY),
            UserLink("kpi.measurement", "recorded_by_id", STAY),
            UserLink("kpi.measurement.revision", "old_recorded_by_id", STAY),
            UserLink("kpi.measurement.revision", "replaced_by_id", STAY),
            UserLink("kpi.submission", "contributor_id", STAY),
            UserLink("kpi.submission", "entered_by_id", STAY),
            UserLink("kpi.submission", "decided_by_id", STAY),
            UserLink("kpi.submission", "withdrawn_by_id", STAY),
        ]


class BaseModuleUninstall(models.TransientModel):
    """Who takes an app away is told which KPIs count its records, and who uses them."""

    _inherit = "base.module.uninstall"

    kpi_notice = fields.Text(string="KPI Notice", compute="_compute_kpi_notice")

    @api.depends("model_ids")
    def _compute_kpi_notice(self):
        for wizard in self:
            # Administrators of apps need not see KPIs; names of what is lost are told.
            definitions = self.env["kpi.definition"].sudo()
            definitions = definitions.search(
                [
                    ("computation", "=", "records"),
                    ("model_name", "in", wizard.model_ids.mapped("model")),
                ]
            )
            names = ", ".join(definitions.mapped("name"))
            lost = self.env._("These KPIs will get no new values: %s", names)
            users = definitions.env["kpi.use.link"]._say_users(definitions._list_uses())
            wizard.kpi_notice = "\n".join([lost, *users]) if definitions else False
