from typing import Any

from odoo import Command, api, models

from odoo.addons.kpi_base.schemas.base import Id, Nothing

from .kpi_period_report import CHOICES, FILTERS


class KpiPeriodReport(models.Model):
    """Answers to the screen's requests."""

    _inherit = "kpi.period.report"

    @api.model
    @api.readonly
    def get_matrix(self, options: dict[str, Any]):
        """The table that ``options`` ask for, as far as the user may see it.

        :param options: as for ``_build_from_options``
        :return: as ``_matrix``
        :raises UserError: options that no table has
        """
        return self._build_from_options(options)._matrix()

    @api.model
    @api.readonly
    def get_start(self):
        """Return the options to choose from, and those selected at first.

        :return: dict of ``reports`` (saved ones: id, name, options), ``figures`` (key,
            label), pairs (key, label) of ``grains``, ``scopes`` and ``judges``, and
            ``scope_type``: the company's KPIs first, for those who see any
        """
        has_company = self.env["kpi.report"].search_count(
            [("scope_type", "=", "company")], limit=1
        )
        labels = self._figure_labels()
        return {
            "reports": [
                {"id": report.id, "name": report.name, "options": report._options()}
                for report in self.search([])
            ],
            "figures": [
                {"key": key, "label": labels[key]} for key in self._list_other_figures()
            ],
            "grains": self._labels("grain"),
            "scopes": self._labels("scope_type"),
            "judges": self._labels("judged_by"),
            "scope_type": "company" if has_company else False,
        }

    @api.model
    def get_save_action(self, options: dict[str, Any], report_id: Id | Nothing = False):
        """The form of a saved report, or of a new one that shows what is shown now.

        :param options: as for ``_build_from_options``
        """
        shown = self._build_from_options(options)
        figures = self._list_other_figures()
        names = [*CHOICES, *(f"show_{key}" for key in figures)]
        values = {
            **shown._convert_to_write({name: shown[name] for name in names}),
            **{name: [Command.set(shown._get_filter_ids(name))] for name in FILTERS},
        }
        return {
            "type": "ir.actions.act_window",
            "name": self.env._("Save or Schedule"),
            "res_model": self._name,
            "res_id": report_id,
            "views": [(False, "form")],
            "target": "new",
            "context": {f"default_{name}": value for name, value in values.items()},
        }

    def _labels(self, name):
        return self._fields[name]._description_selection(self.env)
