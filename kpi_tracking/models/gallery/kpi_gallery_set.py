from odoo import api, fields, models
from odoo.tools import file_open

from odoo.addons.kpi_base.actions import open_list


class KpiGalleryMixin(models.AbstractModel):
    """What an addon ships as a pack file, shown in the gallery."""

    _name = "kpi.gallery.mixin"
    _description = "KPI Gallery Pack"
    _order = "sequence, name, id"

    name = fields.Char(required=True, translate=True, readonly=True)
    description = fields.Text(translate=True, readonly=True)
    sequence = fields.Integer(readonly=True)
    icon = fields.Char(readonly=True, help="Name of a Font Awesome icon.")

    @api.model
    def _load_packs(self, module, paths):
        """Bring the gallery in line with pack files of an addon.

        :param module: the addon's technical name
        :param paths: of JSON files, such as ``kpi_tracking/data/gallery/crm.json``
        """
        for sequence, path in enumerate(paths):
            with file_open(path, "rb") as file:
                document = self.env["kpi.pack"]._read(file.read())
            stem = path.rpartition("/")[2].removesuffix(".json")
            values = {
                "name": document["name"],
                "description": document.get("description"),
                "icon": document.get("icon"),
                "sequence": sequence,
            }
            xml_id = f"{module}.{self._table}_{stem}"
            shown = self._load_records([{"xml_id": xml_id, "values": values}], True)
            shown._load_pack(module, document)

    def _load_pack(self, module, document):
        """Take over what a pack has beside its name."""
        raise NotImplementedError(f"{self._name} has no _load_pack")

    def _get_kpis(self):
        """The ready KPIs of one pack, the most important first."""
        raise NotImplementedError(f"{self._name} has no _get_kpis")

    def action_start(self):
        """Turn on what a company without KPIs has chosen first, and show it."""
        raise NotImplementedError(f"{self._name} has no action_start")


class KpiGallerySet(models.Model):
    """A theme of ready KPIs, shipped by an addon as a pack."""

    _name = "kpi.gallery.set"
    _description = "KPI Gallery Set"
    _inherit = ["kpi.gallery.mixin"]

    icon = fields.Char(exportable=False)
    kpi_ids = fields.One2many("kpi.gallery.kpi", "set_id", "KPIs", readonly=True)
    kpi_count = fields.Integer("KPI Count", compute="_compute_counts")
    enabled_count = fields.Integer(
        "Turned On", compute="_compute_counts", exportable=False
    )
    available_count = fields.Integer(
        "Ready to Turn On", compute="_compute_counts", exportable=False
    )
    missing_apps = fields.Char(compute="_compute_counts")
    empty_records = fields.Char(string="Missing Records", compute="_compute_counts")

    @api.depends_context("company", "lang", "uid")
    @api.depends("kpi_ids.state")
    def _compute_counts(self):
        for theme in self:
            states = theme.kpi_ids.mapped("state")
            theme.kpi_count = len(states)
            theme.enabled_count = states.count("on")
            theme.available_count = states.count("off")
            theme.missing_apps = theme.kpi_ids._all_missing_apps()
            theme.empty_records = theme.kpi_ids._list_names("empty_records")

    def _load_pack(self, module, document):
        """KPIs that a file does not hold any more leave the gallery with the next
        update; what was turned on stays.
        """
        self.kpi_ids._load_entries(module, self, document["definitions"])

    def _get_kpis(self):
        return self.kpi_ids

    def action_start(self):
        return self.action_turn_on()

    def action_turn_on(self):
        """Turn on all that is available, for the company."""
        return self.kpi_ids.action_turn_on()

    def action_turn_off(self):
        return self.kpi_ids.action_turn_off()

    def action_choose(self):
        """Ask whom the KPIs are tracked for before they are turned on."""
        return self.kpi_ids.action_choose()

    def action_open_kpis(self):
        self.ensure_one()
        return open_list(
            self.env,
            "kpi_tracking.kpi_gallery_kpi_action",
            [("set_id", "=", self.id)],
            display_name=self.name,
        )
