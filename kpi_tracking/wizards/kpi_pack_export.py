import base64
import re

from odoo import fields, models

from odoo.addons.kpi_base.actions import ticked


class KpiPackExport(models.TransientModel):
    """Write chosen definitions, and what belongs to them, into a pack file."""

    _name = "kpi.pack.export"
    _description = "Export KPI Pack"

    name = fields.Char(
        "Pack Name", required=True, default=lambda self: self._default_name()
    )
    definition_ids = fields.Many2many(
        "kpi.definition", string="KPIs", required=True, default=ticked("kpi.definition")
    )
    with_parts = fields.Boolean(
        "Include KPIs in Formulas",
        default=True,
        help="Includes the KPIs used in formulas so that other databases can "
        "import the formulas.",
    )
    with_targets = fields.Boolean("Targets", default=True)
    with_scorecards = fields.Boolean(
        "Scorecards",
        default=True,
        help="Includes only scorecards whose KPIs are all in the pack.",
    )
    with_versions = fields.Boolean(
        "All Versions",
        help="Includes earlier versions, not only the current one.",
    )
    file = fields.Binary(readonly=True, attachment=False)
    file_name = fields.Char(readonly=True)

    def _default_name(self):
        """Name what is in the pack; that of the company before KPIs are chosen."""
        kpis = ticked("kpi.definition")(self)
        first, count = kpis[:1].name, len(kpis)
        if count < 2:
            return first or self.env.company.name
        if len(kpis.category_id) == 1 and all(kpi.category_id for kpi in kpis):
            return self.env._(
                "%(category)s (%(count)s KPIs)",
                category=kpis.category_id.name,
                count=count,
            )
        return self.env._("%(kpi)s and %(count)s more", kpi=first, count=count - 1)

    def action_export(self):
        """Write the file and download it."""
        self.ensure_one()
        definitions = self.definition_ids
        if self.with_parts:
            definitions = definitions._with_components()
        chosen = self._get_chosen_sections()
        text = self._get_packs()._build_pack_text(
            definitions, self.name, [name for name in chosen if not chosen[name]]
        )
        stem = re.sub(r"[^a-z0-9]+", "-", self.name.lower()).strip("-") or "kpis"
        self.file = base64.b64encode(text.encode())
        self.file_name = f"{stem}.kpi.json"
        field = f"{self._name}/{self.id}/file"
        return {
            "type": "ir.actions.act_url",
            "url": f"/web/content/{field}/{self.file_name}?download=true",
            "close": True,
        }

    def _get_packs(self):
        """``kpi.pack``, with what was chosen for its sections in the context.

        An addon that has a section offers a choice with a field of its own::

            def _get_packs(self):
                packs = super()._get_packs()
                return packs.with_context(pack_board_ids=self.board_ids.ids)

            def _get_chosen_sections(self):
                return {**super()._get_chosen_sections(), "boards": self.with_boards}
        """
        return self.env["kpi.pack"].with_context(pack_all_versions=self.with_versions)

    def _get_chosen_sections(self):
        """Section → whether it is wanted; those that are not named always are."""
        return {"targets": self.with_targets, "scorecards": self.with_scorecards}
