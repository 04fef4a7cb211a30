from odoo import api, models

from odoo.addons.kpi_base.user_link import END, HAND_OVER, STAY, UserLink


class KpiUserLink(models.AbstractModel):
    """KPIs, their entries and reports that hang on a person."""

    _inherit = "kpi.user.link"

    @api.model
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
            UserLink("kpi.period.report.schedule", "user_ids", END),
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
