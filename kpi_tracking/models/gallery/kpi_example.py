import json

from dateutil.relativedelta import relativedelta

from odoo import api, models
from odoo.exceptions import UserError
from odoo.tools import SQL, file_open

from odoo.addons.kpi_base.references import forget_used

from ...engine.example import make_example
from .kpi_gallery_kpi import EXAMPLE, EXAMPLE_LEVEL

SET = "kpi_tracking/data/example.json"
MONTHS = 18  # with the running one
MADE = "__kpi_example__"  # module of the external ids of what was made
QUIET = {  # nobody follows an example
    "mail_create_nolog": True,
    "mail_create_nosubscribe": True,
    "mail_notrack": True,
    "tracking_disable": True,
}
AMBITION = {"higher": 1.03, "lower": 0.97}  # target by direction, of the level


class KpiExample(models.AbstractModel):
    """Example values of ready KPIs, for whoever has no records of their own yet.

    What is made for them has an external id, by which all of it is deleted again.
    """

    _name = "kpi.example"
    _description = "Example Data"
    _inherit = ["kpi.external.source"]

    def _get_measures(self):
        """Levels of the examples by code.

        Each definition of an example asks for them: PostgreSQL reads the one number of
        an entry, of which Odoo would copy everything.
        """
        gallery = self.env["kpi.gallery.kpi"]
        query = gallery._search([("entry", "!=", False)])
        gallery.flush_model(["code", "entry"])
        entry = gallery._field_to_sql(query.table, "entry", query)
        rows = self.env.execute_query(
            query.select(
                gallery._field_to_sql(query.table, "code", query),
                SQL("%s -> 'example'", entry),
            )
        )
        return {code: example or EXAMPLE_LEVEL for code, example in rows}

    def _get_facts(self, definitions, periods):
        levels = self._get_measures()
        days = [period.start for period in periods]
        for kpi in definitions:
            code = kpi.external_measure
            values = make_example(code, levels[code], days, kpi.unit)
            for report in kpi.report_ids:
                for day, value in zip(days, values.tolist(), strict=True):
                    yield report.id, day, round(value, kpi.decimals)

    def _get_fingerprints(self, definitions, periods):
        return {period.start: "" for period in periods}

    def _explain(self, report, period):
        return {"method": self.env._("Example data, not measured.")}

    @api.model
    def action_try(self):
        """Make the example set of the company, with values, and open the overview."""
        self._check_officer()
        if self._find_made("kpi.definition"):
            raise UserError(self.env._("Example data is already installed."))
        with file_open(SET) as file:
            shipped = json.load(file)
        wanted = [("code", "in", shipped["kpis"])]
        self._make(self.env["kpi.gallery.kpi"].search(wanted))
        return self.env["ir.actions.actions"]._for_xml_id(
            "kpi_tracking.kpi_home_action"
        )

    @api.model
    def action_remove(self):
        """Delete all that was made for the example data of the company."""
        self._check_officer()
        for records in map(self._find_made, self._list_made_models()):
            if records._name == "kpi.definition":
                self._delete_values(records)
            records.unlink()
        return {"type": "ir.actions.client", "tag": "soft_reload"}

    def _check_officer(self):
        self.env["kpi.definition"].check_access("create")

    @api.model
    def _list_made_models(self):
        """Models of what is made, in the order in which it can be deleted."""
        return ["kpi.definition", "kpi.definition.category"]

    def _make(self, kpis):
        """Make an example of gallery KPIs and the parts of their formulas.

        :return: the new definitions, tracked for the company, with values and targets
        """
        # Officers define KPIs; targets are not proposed, as nobody measures them.
        self = self.sudo().with_context(**QUIET)  # pylint: disable=self-cls-assignment
        company, kpis = self.env.company, kpis._with_parts()
        category = self._get_category()
        entries = [kpi._prepare_example_entry() for kpi in kpis]
        imported = self.env["kpi.pack"]._import({"definitions": entries}, company)
        definitions = imported["definitions"]
        today = definitions.calendar_id[:1]._today()
        start = today.replace(day=1) - relativedelta(months=MONTHS - 1)
        owner = self.env.user.id
        definitions.write(
            {"history_start": start, "owner_id": owner, "category_id": category.id}
        )
        self._remember(definitions)
        reports = definitions._track_for("company", company, company.id)
        for source in definitions.source_ids:
            for statement, periods in source._plan():
                source._compute(statement, periods)
        definitions._recompute_formulas(start, asked=definitions)
        levels = {f"{EXAMPLE}{kpi.code}": kpi._get_example_level() for kpi in kpis}
        self.env["kpi.target"].create(
            [
                {
                    "report_id": report.id,
                    "date_from": start,
                    "value": float(f"{levels[report.code] * aim:.3g}"),
                }
                for report in reports
                if (aim := AMBITION.get(report.direction)) and levels[report.code] > 0
            ]
        )
        return definitions

    def _delete_values(self, definitions):
        """Delete what tracks them, with its values, which nobody measured."""
        reports = definitions.report_ids
        reports.target_ids.unlink()
        self.env.flush_all()
        for model in ("kpi.measurement", "kpi.target.value"):
            self.env.cr.execute(
                SQL(
                    "DELETE FROM %s WHERE report_id = ANY(%s)",
                    SQL.identifier(self.env[model]._table),
                    reports.ids,
                )
            )
        # A job that computes them now writes beside its source, which goes too: one
        # of both transactions fails.
        forget_used(self.env.cr, "kpi_measurement", "report_id", reports.ids)
        # What two transactions claim of a KPI, where one of them deletes it.
        self.env.cr.execute(
            SQL(
                "DELETE FROM kpi_claim WHERE split_part(key, ' of KPI ', 2) = ANY(%s)",
                [str(id_) for id_ in definitions.ids],
            )
        )
        self.env.invalidate_all()
        reports.unlink()

    def _get_category(self):
        with file_open(SET) as file:
            name = json.load(file)["category"]
        category = self._find_made("kpi.definition.category")
        return category or self._remember(
            self.env["kpi.definition.category"].create({"name": name})
        )

    def _remember(self, records):
        """Have ``records`` deleted with the example data of the company."""
        prefix = self._get_prefix(records)
        self.env["ir.model.data"]._update_xmlids(
            [
                {"xml_id": f"{MADE}.{prefix}{each.id}", "record": each}
                for each in records
            ]
        )
        return records

    def _get_prefix(self, records):
        """How external ids of the company's examples begin; no “_” after its number,
        which stands for any sign where they are searched.
        """
        return f"{records._table}-{self.env.company.id}-"

    def _find_made(self, model):
        """Records of the company's example data, as superuser: they are nobody's."""
        # Which rows were made is in external ids, which administrators alone read.
        names = self.env["ir.model.data"].sudo()
        prefix = self._get_prefix(self.env[model])
        found = names.search(
            [
                ("module", "=", MADE),
                ("model", "=", model),
                ("name", "=like", f"{prefix}%"),
            ]
        )
        records = names.env[model].with_context(active_test=False)
        return records.browse(found.mapped("res_id")).exists()
