from odoo import models

from ..definition.kpi_method_mixin import METHOD_FIELDS

FILTERS = ("domain", "numerator_domain")


class KpiDefinition(models.Model):
    """Versions as other systems and packs read and bring them."""

    _inherit = "kpi.definition"

    def _list_versions(self):
        """Versions of this definition, oldest first; one where it never changed.

        Filters are told to who may read the records that they choose.

        :return: list of dicts, see ``schemas.version.VersionOut``
        """
        self.ensure_one()
        return [
            {
                "valid_from": stretch.first or self._first_counted_day(),
                "valid_before": stretch.stop,
                "is_current": stretch.is_current,
                "reason": stretch.version.reason or "",
                # The first was noted when the second was made: nobody changed it.
                "changed_by": (stretch.first and stretch.version.create_uid) or None,
                "changed_at": stretch.first and stretch.version.create_date,
                "computation_error": stretch.error,
                "method": self._describe_method(stretch.method),
            }
            for stretch in self._list_stretches()
        ]

    def _restore_versions(self, rows):
        """Have these versions and no others; all values are computed by them.

        :param rows: dicts of ``METHOD_FIELDS``, ``valid_from`` and ``reason``; none:
            what is in force holds for all history
        :raises UserError, ValidationError: one cannot be, or not beside the others
        """
        self.ensure_one()
        self.check_access("write")
        self.env["kpi.claim"]._claim(f"versions of KPI {self.id}")
        rows = sorted(rows, key=lambda row: row["valid_from"])
        self._check_period_starts(self.frequency, [row["valid_from"] for row in rows])
        methods = []
        for row in rows:
            given = {name: row[name] for name in METHOD_FIELDS if name in row}
            draft = self.new({**self._get_method(), **given}, origin=self)
            methods.append(draft._get_method())
            draft._check_method(self._with_method(methods[max(0, len(methods) - 2)]))
        self._replace_versions(
            self.version_ids,
            [{**row, **method} for row, method in zip(rows, methods, strict=True)],
        )
        self._take_over()
        self._link_sources()

    def _describe_method(self, method):
        # Names of what a KPI is made of are no secret to those who see it.
        told = {name: method.sudo()[name] for name in METHOD_FIELDS}
        told["working_calendar"] = told.pop("working_calendar_id") or None
        told["without_company_of"] = told.pop("without_company_id") or None
        name = method.model_name
        if name not in self.env or not self.env[name].has_access("read"):
            told.update(dict.fromkeys(FILTERS))
        return told
