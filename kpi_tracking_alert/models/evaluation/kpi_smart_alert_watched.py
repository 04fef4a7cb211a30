from odoo import models
from odoo.tools import SQL

# applies_to → FROM and WHERE of the pairs of a rule and a tracked KPI
PAIRS = {
    "kpi": """
        FROM kpi_smart_alert_report_rel AS chosen
        JOIN kpi_report AS report ON report.id = chosen.kpi_report_id""",
    "definition": """
        FROM kpi_smart_alert_definition_rel AS chosen
        JOIN kpi_report AS report ON report.definition_id = chosen.kpi_definition_id""",
    "category": """
        FROM kpi_smart_alert_category_rel AS chosen
        JOIN kpi_definition AS held
          ON held.category_id = chosen.kpi_definition_category_id
        JOIN kpi_report AS report ON report.definition_id = held.id""",
    "tag": """
        FROM kpi_smart_alert_tag_rel AS chosen
        JOIN kpi_definition_kpi_tag_rel AS held ON held.kpi_tag_id = chosen.kpi_tag_id
        JOIN kpi_report AS report ON report.definition_id = held.kpi_definition_id""",
    "scorecard": """
        FROM kpi_smart_alert_scorecard_rel AS chosen
        JOIN kpi_report_group_line AS held
          ON held.group_id = chosen.kpi_report_group_id
        JOIN kpi_report AS report ON report.id = held.report_id""",
    "department": """
        FROM kpi_smart_alert_department_rel AS chosen
        JOIN kpi_report AS report ON report.department_id = chosen.hr_department_id""",
}


class KpiSmartAlert(models.Model):
    """Which tracked KPIs rules watch, for all rules by one statement."""

    _inherit = "kpi.smart.alert"

    def _watched_sql(self, report_ids=None):
        """Pairs ``alert_id``, ``report_id`` of these rules, as ``_get_watched_domain``
        has them of one; of rules that are on or off.

        :param report_ids: of these KPIs only; None = of all
        """
        asked = SQL("TRUE")
        if report_ids is not None:
            asked = SQL("report.id = ANY(%s)", list(report_ids))
        branches = SQL(" UNION ").join(
            SQL(
                """
                SELECT chosen.kpi_smart_alert_id AS alert_id, report.id AS report_id
                %(pairs)s
                  JOIN kpi_smart_alert AS rule
                    ON rule.id = chosen.kpi_smart_alert_id
                   AND rule.applies_to = %(kind)s
                 WHERE rule.id = ANY(%(ids)s)
                   AND %(asked)s
                """,
                pairs=SQL(pairs),
                kind=kind,
                ids=self.ids,
                asked=asked,
            )
            for kind, pairs in PAIRS.items()
        )
        return SQL(
            """
            SELECT pair.alert_id, pair.report_id
              FROM (%s) AS pair
              JOIN kpi_smart_alert AS rule ON rule.id = pair.alert_id
              JOIN kpi_report AS report ON report.id = pair.report_id
              JOIN kpi_definition AS definition ON definition.id = report.definition_id
             WHERE report.active
               AND definition.active
               AND (rule.company_id IS NULL OR rule.company_id = report.company_id)
            """,
            branches,
        )

    def _find_readable_by_owners(self, report_ids):
        """What owners of rules of their own may see, by a statement for each owner.

        :return: dict rule id → set of those of ``report_ids`` that its owner sees
        """
        found = {}
        for owner, rules in self.filtered("is_personal").grouped("owner_id").items():
            visible = set()
            # As the owner, in any of their companies, as when they are told.
            reports = self.env["kpi.report"].with_user(owner)
            reports = reports.with_context(allowed_company_ids=None)
            if owner.active and reports.has_access("read"):
                visible = set(reports.search([("id", "in", report_ids)]).ids)
            found.update(dict.fromkeys(rules.ids, visible))
        return found
