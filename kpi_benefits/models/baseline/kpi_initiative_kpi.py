from odoo import models
from odoo.exceptions import UserError
from odoo.fields import Command

from odoo.addons.kpi_base.audit import AuditEvent
from odoo.addons.kpi_base.engine.postgres import is_storable

CODE_PREFIX = "own"
OWN_VALUES = (
    "name",
    "unit",
    "unit_symbol",
    "duration_unit",
    "decimals",
    "direction",
    "frequency",
    "aggregation_time",
)


class KpiInitiative(models.Model):
    """KPIs of an initiative alone, which nobody had defined before.

    KPIs are defined by officers. An owner needs one that people enter, for the own
    initiative: this is the one way to it, and it is logged.
    """

    _inherit = "kpi.initiative"

    def _create_own_kpi(self, values):
        """Define a KPI whose values people enter, and track it for this initiative.

        It belongs to the initiative's department, or company; the owner is responsible
        for it, and the sponsor sees it.

        :param values: dict of ``OWN_VALUES``; ``name`` is needed
        :return: the KPI (``kpi.report``)
        :raises AccessError: the user may not change the initiative
        """
        self.ensure_one()
        self.check_access("write")
        name = (values.get("name") or "").strip()
        if not name or not is_storable(name):
            raise UserError(self.env._("Enter a name for the KPI."))
        # Only officers define KPIs; this one is entered by people and of this
        # initiative only, which the user may change.
        definitions = self.env["kpi.definition"].sudo()
        known = {key: values[key] for key in OWN_VALUES if values.get(key)}
        definition = definitions.create(
            {
                **known,
                "name": name,
                "code": definitions._free_code(self._build_own_code(name)),
                "computation": "manual",
                "company_id": self.company_id.id,
                "currency_id": self.currency_id.id,
                "owner_id": self.owner_id.id,
            }
        )
        report = definition.report_ids.create(self._prepare_own_report(definition))
        self._log_own_kpi(definition)
        return report.sudo(False)

    def _track_own_kpi(self, values, tracked):
        """Define a KPI of this initiative, and its baseline and target here.

        :param values: as ``_create_own_kpi``
        :param tracked: values of the ``kpi.baseline``
        """
        report = self._create_own_kpi(values)
        return self.env["kpi.baseline"].create(
            {**tracked, "initiative_id": self.id, "report_id": report.id}
        )

    def _build_own_code(self, name):
        """Code that says whose it is: own, number of the initiative, name."""
        definitions = self.env["kpi.definition"]
        return definitions._code_from_name(f"{CODE_PREFIX} {self.id} {name}")

    def _prepare_own_report(self, definition):
        department = self.department_id
        return {
            "definition_id": definition.id,
            "company_id": self.company_id.id,
            "scope_type": "department" if department else "company",
            "department_id": department.id,
            "owner_id": self.owner_id.id,
            "shared_user_ids": [Command.set(self.sponsor_id.ids)],
        }

    def _log_own_kpi(self, definition):
        # Whoever causes an event logs it; few may read the log.
        self.env["kpi.audit.log"].sudo()._append(
            [
                AuditEvent(
                    self,
                    "initiative_kpi_created",
                    {"code": definition.code, "definition_id": definition.id},
                )
            ]
        )
