from odoo import api, fields, models
from odoo.tools import SQL


class KpiTimelineMixin(models.AbstractModel):
    """A record with a timeline: events, each with its position in the audit log.

    Addons add what they know by extending ``_timeline_selects``: for each kind of event
    a SELECT, and a method ``_timeline_<kind>`` that puts its rows into words.
    """

    _name = "kpi.timeline.mixin"
    _description = "Record with a Timeline"

    @api.readonly
    def get_timeline(self):
        """The events of the record, latest first.

        One statement reads them, whatever their number and kinds.

        :return: list of dicts: ``key``, ``kind``, ``title``, ``lines`` (list of texts),
            ``note``, ``by``, ``effective_at``, ``recorded_at``, ``seconds`` (how long
            what began then lasted, or None), ``seq`` and ``hash`` of the audit entry
        """
        self.ensure_one()
        self.check_access("read")
        # Who sees the record sees what happened to it, and that it is logged; the log's
        # texts are not shown.
        records = self.sudo()
        entries = []
        for kind, rows in records._timeline_rows().items():
            words = getattr(records, f"_timeline_{kind}")(rows)
            entries += [
                {
                    "key": f"{row['kind']}-{row['id']}",
                    "lines": [],
                    "note": row["note"] or "",
                    "by": row["by"] or "",
                    "effective_at": fields.Datetime.to_string(row["effective_at"]),
                    "recorded_at": fields.Datetime.to_string(row["recorded_at"]),
                    **{name: row[name] for name in ("kind", "seconds", "seq", "hash")},
                    **each,
                }
                for row, each in zip(rows, words, strict=True)
            ]
        return sorted(
            entries, key=lambda each: (each["effective_at"], each["seq"]), reverse=True
        )

    @api.model
    def _timeline_selects(self):
        """List of SELECTs, one for each kind of event of this record.

        Their columns: ``kind``; ``id`` of the event; ``log_id`` of its audit entry or
        NULL; ``user_id`` of who did it; ``effective_at``; ``recorded_at``; ``seconds``;
        and, as jsonb, ``details`` for ``_timeline_<kind>``. That method gets the rows
        as dicts, oldest event first, and yields for each a dict with ``title`` and, if
        need be, ``lines``.
        """
        return []

    def _timeline_rows(self):
        """Kind → rows of the events as dicts, in the order of their ids."""
        selects = self._timeline_selects()
        if not selects:
            return {}
        self.env["res.partner"].flush_model(["name"])
        self.env["res.users"].flush_model(["partner_id"])
        rows = self.env.execute_query_dict(
            SQL(
                """
                SELECT event.*, person.name AS by, coalesce(log.seq, 0) AS seq,
                       coalesce(left(log.hash, 12), '') AS hash, personal.note
                  FROM (%s) AS event (kind, id, log_id, user_id, effective_at,
                                      recorded_at, seconds, details)
             LEFT JOIN audit_logs AS log ON log.id = event.log_id
             LEFT JOIN res_users AS login ON login.id = event.user_id
             LEFT JOIN res_partner AS person ON person.id = login.partner_id
             LEFT JOIN LATERAL (
                        SELECT string_agg(text, chr(10) ORDER BY id) AS note
                          FROM kpi_audit_personal
                         WHERE log_id = event.log_id
                       ) AS personal ON TRUE
              ORDER BY event.id
                """,
                SQL(" UNION ALL ").join(selects),
            )
        )
        kinds = {}
        for row in rows:
            kinds.setdefault(row["kind"], []).append(row)
        return kinds

    def verify_history(self):
        """Compare the record's events with the audit log, and the log with itself.

        :return: dict with ``is_whole``, the number of ``entries`` and ``faults``: dicts
            with ``seq`` and a ``text`` that says what is wrong
        """
        self.ensure_one()
        self.check_access("read")
        # As above: what is found is about a record that the user may see.
        log = self.env["kpi.audit.log"].sudo()
        chain = [("model", "=", self._name), ("res_id", "=", self.id)]
        faults = []
        for fault in log._verify(self):
            # In words that the reader may see.
            text = self.env[log._name]._describe_fault(fault)
            faults.append({"seq": fault.seq, "text": text[:1].upper() + text[1:]})
        return {
            "is_whole": not faults,
            "entries": log.search_count(chain),
            "faults": faults,
        }
