from odoo import api, fields, models

from ..deal.kpi_deal_stage import PIPELINE_STAGES


class KpiDealCrmStage(models.Model):
    """Stage of deals that a stage of opportunities stands for, team by team."""

    _name = "kpi.deal.crm.stage"
    _description = "CRM Stage Mapping"
    _order = "team_id, stage_id, id"
    _rec_name = "stage_id"

    team_id = fields.Many2one(
        "crm.team",
        ondelete="cascade",
        help=("Leave empty for all teams without their own mapping."),
    )
    stage_id = fields.Many2one(
        "crm.stage", "CRM Stage", required=True, ondelete="cascade"
    )
    pipeline_stage = fields.Selection(PIPELINE_STAGES, "Deal Stage", required=True)

    _team_stage_uniq = models.UniqueIndex(
        "(stage_id, coalesce(team_id, 0))",
        "This team already has a mapping for this stage.",
    )

    @api.model
    def _maps(self, teams):
        """Team → (stage in CRM → stage of deals), its own lines before common ones."""
        # Whoever works in CRM moves deals; how stages correspond is no secret.
        lines = self.sudo().search([("team_id", "in", [False, *teams.ids])])
        found = {team: {} for team in teams | self.env["crm.team"]}
        for line in lines.sorted(lambda each: not each.team_id):
            for team in [line.team_id] if line.team_id else found:
                found[team].setdefault(line.stage_id, line.pipeline_stage)
        return found
