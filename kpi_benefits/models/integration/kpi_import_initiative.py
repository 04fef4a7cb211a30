from odoo import api, models

from odoo.addons.kpi_base.engine.tabular import TargetColumn, TargetOption

# Titles of gates of capital projects, in the order in which they are passed.
GATES = ("bni", "pbc", "bca", "tender", "stage1", "stage2", "stage3")


class KpiImportInitiative(models.AbstractModel):
    """Initiatives with their gates and total costs, identified by their reference."""

    _name = "kpi.import.initiative"
    _description = "Initiative Import"
    _inherit = ["kpi.import.target"]

    _staging = {"reference": "text", "payload": "text"}
    _staging_key = ("reference",)

    @api.model
    def _columns(self):
        return [*self._list_own_columns(), *self._list_gate_columns()]

    @api.model
    def _list_own_columns(self):
        return [
            TargetColumn(
                "reference",
                self.env._("Reference"),
                is_required=True,
                aliases=("id", "project id", "project number", "initiative id"),
            ),
            TargetColumn(
                "name", self.env._("Name"), aliases=("title", "initiative", "project")
            ),
            TargetColumn(
                "programme",
                self.env._("Programme"),
                aliases=("program", "delivery program", "parent"),
            ),
            TargetColumn("owner", self.env._("Owner"), aliases=("project owner",)),
            TargetColumn("sponsor", self.env._("Sponsor")),
            TargetColumn("department", self.env._("Department")),
            TargetColumn("gate_class", self.env._("Gate class"), aliases=("ept",)),
            TargetColumn(
                "planned_cost",
                self.env._("Planned cost"),
                "number",
                aliases=("budget",),
            ),
            TargetColumn(
                "forecast_cost",
                self.env._("Forecast cost"),
                "number",
                aliases=("ffc", "final forecast cost"),
            ),
            TargetColumn("actual_cost", self.env._("Actual cost"), "number"),
            TargetColumn(
                "planned_go_live_date", self.env._("Planned go-live"), "moment"
            ),
            TargetColumn("go_live_date", self.env._("Go-live"), "moment"),
            TargetColumn(
                "approving_body",
                self.env._("Approving body"),
                aliases=("approval body", "decided by"),
            ),
        ]

    @api.model
    def _list_gate_columns(self):
        names = self._name_gates()
        aliases = {"tender": ("tender closed",)}
        return [
            TargetColumn(key, names[key], "moment", aliases=aliases.get(key, ()))
            for key in GATES
        ]

    @api.model
    def _name_gates(self):
        return {
            "bni": self.env._("Business need identified"),
            "pbc": self.env._("Preliminary business case"),
            "bca": self.env._("Business case approved"),
            "tender": self.env._("Tender closed"),
            "stage1": self.env._("Stage 1"),
            "stage2": self.env._("Stage 2"),
            "stage3": self.env._("Stage 3"),
        }

    @api.model
    def _list_gate_names(self):
        """Key of a gate → its names, own language first: people speak several."""
        codes = [self.env.lang, *dict(self.env["res.lang"].get_installed())]
        names = [
            self.with_context(lang=code)._name_gates() for code in filter(None, codes)
        ]
        return {key: [some[key] for some in names] for key in GATES}

    @api.model
    def _options(self, job):
        return [
            TargetOption(
                "creates_programmes",
                self.env._("Create Missing Programmes"),
                default=True,
                help=self.env._("Otherwise rows with unknown programmes are rejected."),
            )
        ]

    @api.model
    def _note(self):
        return self.env._(
            "Days of gates up to today are taken as passed, later ones as forecast."
        )

    @api.model
    def _missing(self, job, keys):
        self.env["kpi.initiative"].check_access("create")
        return super()._missing(job, keys)
