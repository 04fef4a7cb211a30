from odoo import api, models
from odoo.tools import SQL

from .kpi_deal_stage import CLOSED_STAGES, PIPELINE_STAGES


class KpiDeal(models.Model):
    """Display of deals on the board, and the windows that its buttons open."""

    _inherit = "kpi.deal"

    @api.model
    def _web_read_group_format(self, groupby, aggregates, groups):
        """Columns of closed deals start folded: they grow without end."""
        result = super()._web_read_group_format(groupby, aggregates, groups)
        if groupby[:1] == ("pipeline_stage",):
            if self._web_read_group_field_expand(groupby):
                for group in result:
                    group["__fold"] = group["pipeline_stage"] in CLOSED_STAGES
        return result

    @api.model
    def _read_group_orderby(self, order, groupby_terms, query):
        """Stages come in their order, in pivots and graphs as on the board."""
        stage = groupby_terms.get("pipeline_stage")
        if not stage:
            return super()._read_group_orderby(order, groupby_terms, query)
        stages = [key for key, _label in PIPELINE_STAGES]
        groupby_terms["pipeline_stage"] = SQL(
            "array_position(%s::varchar[], %s)", stages, stage
        )
        ordered = super()._read_group_orderby(order, groupby_terms, query)
        groupby_terms["pipeline_stage"] = stage
        return ordered

    def action_move(self):
        """Ask for the stage, and for a note, the moment and the reason."""
        return {
            "type": "ir.actions.act_window",
            "name": self.env._("Move the deal"),
            "res_model": "kpi.deal.move",
            "views": [(False, "form")],
            "target": "new",
            "context": {"default_deal_ids": self.ids, **self._stage_asked_for()},
        }

    def _stage_asked_for(self):
        """The stage that the button wants, else the one after that of the deal."""
        asked = self.env.context.get("to_stage")
        if asked or not self:
            return {"default_to_stage": asked}
        stages = [key for key, _label in PIPELINE_STAGES if key != "closed_lost"]
        following = dict(zip(stages, stages[1:], strict=False))
        return {"default_to_stage": following.get(self[0].pipeline_stage)}

    def action_won(self):
        self.write({"pipeline_stage": "closed_won"})
