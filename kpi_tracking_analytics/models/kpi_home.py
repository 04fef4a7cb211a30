from odoo import models

from odoo.addons.kpi_base.engine.counts import say_count
from odoo.addons.kpi_base.rights import look_up_once
from odoo.addons.kpi_tracking.models.home.kpi_home import OF_SUMMARY


class KpiHome(models.AbstractModel):
    """The digest of the overview names KPIs that will probably miss their targets."""

    _inherit = "kpi.home"

    def _list_news(self, day, needs):
        """With the KPIs of the overview that will probably miss, least likely first."""
        news = super()._list_news(day, needs)
        # As the summary has read them, so all of them may be seen.
        kpis = {kpi.id: kpi for kpi in look_up_once(self.env, OF_SUMMARY, list)}
        if not kpis:
            return news
        reports = self.env["kpi.report"].browse(kpis)
        outlooks = reports._read_outlooks()
        missed = [(one.chance, id_) for id_, one in outlooks.items() if one.is_miss]
        if not missed:
            return news
        shown = reports.browse(id_ for _chance, id_ in sorted(missed))
        title = say_count(
            len(shown),
            self.env._("1 KPI will likely miss its target"),
            self.env._("%s KPIs will likely miss their targets"),
        )
        text = self._name_first([kpis[id_].kpi_name for id_ in shown.ids])
        # Several lead to their forecasts: their statuses are of periods so far.
        led_to = shown.predictive_ids if len(shown) > 1 else shown
        return [*news, self._prepare_news("forecast", title, text, led_to, "worse")]
