from odoo import api, fields, models
from odoo.fields import Domain

from odoo.addons.kpi_base.engine.counts import say_count

DECIDED = ("approved", "rejected", "returned")
MOST = 80


class KpiHome(models.AbstractModel):
    """What was decided about the user's requests, and what of theirs became due."""

    _inherit = "kpi.home"

    def _list_news(self, day, needs):
        news = super()._list_news(day, needs)
        first, today = day.isoformat(), fields.Date.context_today(self).isoformat()
        due = [
            need
            for need in needs
            if need["kind"] == "due" and first <= (need["date"] or "") <= today
        ]
        if due:
            one = self.env._("1 value due today")
            more = self.env._("%s values due today")
            news.append(self._prepare_needs_news("due", due, one, more))
        return news

    @api.model
    def _list_decided(self, day):
        """Requests of the user that others have decided on since, as one item.

        It is for the morning only: the overview reads no more for it.
        """
        moment = self._get_first_moment(day)
        own = Domain("submitter_id", "=", self.env.uid)
        own &= Domain("user_id", "!=", self.env.uid) & Domain("state", "in", DECIDED)
        steps = self.env["kpi.approval.step"].search_fetch(
            own & Domain("decided_at", ">=", moment),
            ["res_model", "res_id", "document_name"],
            order="decided_at desc, id desc",
            limit=MOST,
        )
        names = {}
        for step in steps:
            names.setdefault((step.res_model, step.res_id), step.document_name)
        if not names:
            return []
        one = self.env._("1 of your requests decided")
        more = self.env._("%s of your requests decided")
        title = say_count(len(names), one, more)
        item = self._prepare_news("decided", title, self._name_first([*names.values()]))
        if len(names) == 1:
            ((model, id_),) = names
            item |= {"model": model, "ids": [id_]}
        return [item]
