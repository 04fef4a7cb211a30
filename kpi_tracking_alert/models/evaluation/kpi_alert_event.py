import json

from odoo import api, fields, models
from odoo.tools import SQL

from odoo.addons.kpi_base.fields import OptionalFloat


class KpiAlertEvent(models.Model):
    """Alerts of many findings at once: opened, brought up to date and ended."""

    _inherit = "kpi.alert.event"

    is_initial = fields.Boolean(
        "Found When Turned On",
        readonly=True,
        help="Its rule was turned on or changed, and found it at once.",
    )
    cleared_period = fields.Date(
        "Cleared In", readonly=True, help="Period whose value ended the alert."
    )
    cleared_value = OptionalFloat(
        "Cleared At", readonly=True, aggregator=False, help="Value that ended it."
    )

    @api.model
    def _apply(self, watched, findings, initial):
        """Open, go on with and end alerts by what was found.

        :param watched: ``Watched``, what was evaluated
        :param findings: list of ``Finding`` of it
        :param initial: pairs (rule id, report id) of rules that were turned on
        """
        # Alerts are the engine's.
        events, known = self.sudo(), watched.open_alerts
        of_open = [each for each in findings if each.key in known]
        ended = [each for each in of_open if each.resolution]
        events._go_on(known, [each for each in of_open if each.fires or each.goes_on])
        events._note_cleared(known, ended)
        for resolution in sorted({each.resolution for each in ended}):
            ids = [
                known[each.key].id for each in ended if each.resolution == resolution
            ]
            events.browse(ids)._resolve(resolution)
        new = [each for each in findings if each.fires and each.key not in known]
        rules = {rule.id: rule for rule in watched.rules}
        rows = [
            self._prepare_event_values(
                rules[each.alert_id],
                each,
                watched.kpis[each.report_id].frame.grain,
                each.key in initial,
            )
            for each in new
        ]
        if rows:
            events._fire(rows)

    @api.model
    def _prepare_event_values(self, rule, finding, grain, is_initial):
        is_compared = rule.alert_type == "threshold_breach"
        return {
            "alert_id": rule.id,
            "rule_name": rule.name,
            "report_id": finding.report_id,
            "personal_user_id": rule.owner_id.id if rule.is_personal else None,
            "alert_type": rule.alert_type,
            "severity": rule.severity,
            "compared": rule.compared if is_compared else None,
            "grain": grain,
            "is_initial": is_initial,
            **_get_shown(finding),
        }

    @api.model
    def _get_found_columns(self):
        """Column → what the database finds for it when it opens an alert.

        An addon adds its own; ``given`` has the other columns, ``report`` is the KPI.
        """
        return {"company_id": SQL("report.company_id")}

    @api.model
    def _insert_open(self, rows):
        """Open new alerts by one statement; those that are open stay as they are.

        Those that somebody has resolved by hand for their period, or a later one, are
        left out.

        Of two evaluations at once the unique index lets one open an alert; the other
        leaves it out, or is run again where it could not see it.
        """
        if not rows:
            return self.browse()
        self.flush_model()
        now, found = fields.Datetime.now(), self._get_found_columns()
        names = sorted(set().union(*rows) - found.keys())
        columns = {name: [row.get(name) for row in rows] for name in names}
        count = len(rows)
        stored = [
            name
            for name, field in self._fields.items()
            if field.store and field.column_type
        ]
        defaults = {"fired_at": now, "evaluated_at": now, **self.default_get(stored)}
        for name in defaults.keys() - found.keys():
            columns.setdefault(name, [defaults[name]] * count)
        given = SQL(", ").join(SQL.identifier("given", name) for name in columns)
        self.env.cr.execute(
            SQL(
                """
                INSERT INTO kpi_alert_event
                       (%(names)s, %(found_names)s, create_uid, create_date,
                        write_uid, write_date)
                SELECT %(given)s, %(found)s, %(uid)s, %(now)s, %(uid)s, %(now)s
                  FROM unnest(%(arrays)s) AS given(%(names)s)
                  JOIN kpi_report AS report ON report.id = given.report_id
                 WHERE NOT EXISTS (
                         SELECT FROM kpi_alert_event AS decided
                          WHERE decided.alert_id = given.alert_id
                            AND decided.report_id = given.report_id
                            AND decided.period_start >= given.period_start
                            AND decided.resolution = 'person'
                            AND decided.alert_type <> 'restated')
              ORDER BY given.alert_id, given.report_id
                    ON CONFLICT (alert_id, report_id) WHERE state <> 'resolved'
                       DO NOTHING
             RETURNING id
                """,
                names=SQL(", ").join(map(SQL.identifier, columns)),
                found_names=SQL(", ").join(map(SQL.identifier, found)),
                found=SQL(", ").join(found.values()),
                given=given,
                arrays=self._arrays_sql(columns),
                uid=self.env.uid,
                now=now,
            )
        )
        ids = [id_ for (id_,) in self.env.cr.fetchall()]
        self.invalidate_model()
        self.env["kpi.smart.alert"].invalidate_model(["event_ids"])
        return self.browse(ids)

    @api.model
    def _arrays_sql(self, columns):
        """Name → values as arrays of the types of their fields."""

        def as_stored(name, value):
            if value is False and self._fields[name].type != "boolean":
                return None
            if self._fields[name].type == "json" and value is not None:
                return json.dumps(value)
            return value

        return SQL(", ").join(
            SQL(
                "%s::%s[]",
                [as_stored(name, value) for value in values],
                SQL(self._fields[name].column_type[1]),
            )
            for name, values in columns.items()
        )

    @api.model
    def _go_on(self, known, findings):
        """Bring alerts that go on up to date, where something differs.

        :param known: (rule id, report id) → ``OpenAlert``
        """
        rows = []
        for each in findings:
            alert = known[each.key]
            shown = _get_shown(each)
            if alert.since_period:
                shown["since_period"] = min(shown["since_period"], alert.since_period)
            rows.append({"id": alert.id, **shown})
        self._update_rows(rows)

    @api.model
    def _note_cleared(self, known, findings):
        """Keep the values that end alerts."""
        self._update_rows(
            [
                {
                    "id": known[each.key].id,
                    "cleared_period": each.period_start,
                    "cleared_value": each.value,
                }
                for each in findings
            ]
        )

    @api.model
    def _update_rows(self, rows):
        """Write many rows by one statement, where they differ."""
        if not rows:
            return
        self.flush_model()
        columns = {name: [row[name] for row in rows] for name in rows[0]}
        ids = columns.pop("id")
        names = SQL(", ").join(map(SQL.identifier, columns))
        given = SQL(", ").join(SQL.identifier("given", name) for name in columns)
        stored = SQL(", ").join(SQL.identifier("event", name) for name in columns)
        self.env.cr.execute(
            SQL(
                """
                UPDATE kpi_alert_event AS event
                   SET (%(names)s, evaluated_at) = ROW(%(given)s, %(now)s)
                  FROM unnest(%(ids)s::int[], %(arrays)s) AS given(id, %(names)s)
                 WHERE event.id = given.id
                   AND ROW(%(stored)s) IS DISTINCT FROM ROW(%(given)s)
                """,
                names=names,
                given=given,
                stored=stored,
                now=fields.Datetime.now(),
                ids=ids,
                arrays=self._arrays_sql(columns),
            )
        )
        self.invalidate_model()


def _get_shown(finding):
    """Columns of what an alert shows."""
    return {
        "period_start": finding.period_start,
        "since_period": finding.since or finding.period_start,
        "value": finding.value,
        "measured": finding.measured,
        "limit": finding.limit,
        "details": finding.details,
    }
