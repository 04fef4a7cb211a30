from datetime import datetime, timezone
from zoneinfo import ZoneInfo

from odoo import api, fields, models
from odoo.exceptions import UserError
from odoo.tools import SQL
from odoo.tools.date_utils import start_of

from odoo.addons.kpi_base.actions import open_list
from odoo.addons.kpi_base.engine.tabular import (
    CellError,
    Reading,
    TargetColumn,
    TargetOption,
)

TOUCH = "kpi.import.touch"
REMOVED = ("file", "refused_file", "check_page", "accepted_ranges")


class KpiImportOptions(models.AbstractModel):
    """Spend and touches come from files, too."""

    _inherit = "kpi.import.options"

    target_model = fields.Selection(
        selection_add=[("kpi.import.spend", "Marketing spend"), (TOUCH, "Touches")],
        ondelete={"kpi.import.spend": "cascade", TOUCH: "cascade"},
    )


class KpiImport(models.Model):
    """Files that name people are not stored once their touches are."""

    _inherit = "kpi.import"

    def _run_parts(self, is_background, is_tried):
        outcome = super()._run_parts(is_background, is_tried)
        if self.target_model == TOUCH and outcome["state"] == "done":
            # What was read is the engine's to write.
            columns = self.sudo().column_ids
            columns.write({"sample": False, "other_texts": False})
            outcome |= dict.fromkeys(REMOVED, False)
        return outcome


class KpiImportMarketing(models.AbstractModel):
    """Rows that are told apart by ``_upsert_key``; others of them are written anew."""

    _name = "kpi.import.marketing"
    _description = "Import for Marketing"
    _inherit = ["kpi.import.target"]

    _stored_model = ""
    _upsert_key = ()
    _upsert_values = ()
    _fresh = ""  # SELECT of what is staged, a row for each key, in order of ``number``
    _fixed = {}  # column → value of all that is imported

    @api.model
    def _check_may_import(self):
        self.env[self._stored_model].check_access("unlink")

    @api.model
    def _missing(self, job, keys):
        self._check_may_import()
        return super()._missing(job, keys)

    @api.model
    def _upsert_sql(self, statement, company):
        """Fill a statement below with the names of tables and columns."""
        fixed = {"company_id": company.id, **self._fixed}
        names = SQL(", ").join

        def columns(table, keys):
            return names(SQL.identifier(table, key) for key in keys)

        return SQL(
            statement,
            fresh=SQL(self._fresh, digits=company.currency_id.decimal_places),
            table=SQL.identifier(self.env[self._stored_model]._table),
            same_key=SQL(
                "(%s) = (%s)",
                columns("stored", [*fixed, *self._upsert_key]),
                names([*(SQL("%s", one) for one in fixed.values()),
                       columns("fresh", self._upsert_key)]),
            ),
            stored=columns("stored", self._upsert_values),
            new=columns("fresh", self._upsert_values),
            values=names(map(SQL.identifier, self._upsert_values)),
            names=names(
                map(SQL.identifier, [*fixed, *self._upsert_key, *self._upsert_values])
            ),
            fixed=names(SQL("%s", one) for one in fixed.values()),
            key=columns("fresh", self._upsert_key),
        )  # fmt: skip

    @api.model
    def _counts(self, run):
        sql = self._upsert_sql(_COUNTS, run.job.company_id)
        return self.env.execute_query(sql)[0]

    @api.model
    def _store(self, run):
        self._check_may_import()
        company = run.job.company_id
        for statement in (_CHANGED, _ADDED):
            self.env.cr.execute(self._upsert_sql(statement, company))
        self.env[self._stored_model].invalidate_model()
        # Who imports does not run jobs; that it is analysed follows from it.
        self.env["kpi.job"].sudo()._enqueue_bi(company)
        yield run.row_count


class KpiImportSpend(models.AbstractModel):
    """Spend by channel and day: a row each, or a column for each channel."""

    _name = "kpi.import.spend"
    _description = "Marketing Spend Import"
    _inherit = ["kpi.import.marketing"]

    _staging = {
        "channel": "text",
        "day": "date",
        "amount": "numeric",
        "visits": "integer",
    }
    _staging_key = ("number", "channel")
    _stored_model = "kpi.bi.spend"
    _fixed = {"source": "imported"}
    _upsert_key = ("channel", "day")
    _upsert_values = ("amount", "visits")
    _fresh = """
        SELECT channel, day, round(sum(amount), %(digits)s) AS amount,
               sum(visits) AS visits, min(number) AS number
          FROM kpi_import_staging
      GROUP BY channel, day
    """

    @api.model
    def _columns(self):
        labels = {
            "channel": (self.env._("Channel"), "text", "source", "medium"),
            "day": (self.env._("Day"), "moment", "date", "week", "month"),
            "amount": (self.env._("Amount"), "number", "spend", "cost", "costs"),
            "visits": (self.env._("Visits"), "number", "clicks", "sessions"),
        }
        return [
            TargetColumn(key, label, kind, key == "day", tuple(aliases))
            for key, (label, kind, *aliases) in labels.items()
        ]

    @api.model
    def _options(self, job):
        return [
            TargetOption(
                "channels",
                self.env._("Columns That Are Channels"),
                "text",
                help=self.env._(
                    "For files with a column of amounts for each channel: the titles,"
                    " separated by semicolons."
                ),
            )
        ]

    @api.model
    def _note(self):
        return self.env._(
            "One row per channel and day, or first day of a week or month; or a column"
            " per channel. Rows of the same channel and day add up; importing a day"
            " again replaces it."
        )

    @api.model
    def _missing(self, job, keys):
        missing = super()._missing(job, keys)
        if not job._get_options()["channels"] and not {"channel", "amount"} <= keys:
            missing.append(
                self.env._(
                    "Choose the columns of the channel and the amount, or name the"
                    " columns that are channels."
                )
            )
        return missing

    @api.model
    def _build_staging_rows(self, run, entries):
        self._check_may_import()
        rows = []
        for entry, spent in self._list_spent(run, entries):
            moment, visits = entry.values.get("day"), entry.values.get("visits") or 0
            if not moment:
                run.refuse(entry.number, self.env._("The day is missing."), ("day",))
            elif visits < 0 or visits % 1:
                reason = self.env._("Visits are whole numbers of 0 or more.")
                run.refuse(entry.number, reason, ("visits",))
            else:
                day = start_of(moment.day, moment.grain)
                rows += [
                    (entry.number, channel, day, amount or 0, int(visits))
                    for channel, amount in spent
                ]
        return rows

    @api.model
    def _list_spent(self, run, entries):
        """Entries, with pairs of channel and amount of each."""
        named = (run.options["channels"] or "").split(";")
        titles = {title.strip() for title in named} - {""}
        if not titles:
            for entry in entries:
                if channel := (entry.values.get("channel") or "").strip():
                    yield entry, [(channel, entry.values.get("amount"))]
                else:
                    run.refuse(entry.number, self.env._("The channel is missing."))
            return
        columns = run.job.column_ids.filtered(lambda one: one.name in titles)
        for unknown in sorted(titles - set(columns.mapped("name"))):
            raise UserError(self.env._("The file has no column “%s”.", unknown))
        readers = [
            (one.name, one.place, Reading("number", one.decimal_mark or ".").reader())
            for one in columns
        ]
        rows = run.find_rows([entry.number for entry in entries])
        for entry, row in zip(entries, rows, strict=True):
            try:
                spent = [(name, read(row.cells[at])) for name, at, read in readers]
            except CellError as error:
                run.refuse(entry.number, error.translate_with(self.env._))
            else:
                yield entry, [one for one in spent if one[1] is not None]

    @api.model
    def _action_open(self, job):
        action = "kpi_bi_dashboard.kpi_bi_spend_action"
        return open_list(self.env, action, [("source", "=", "imported")])


class KpiImportTouch(models.AbstractModel):
    """Touches: who met which channel when, and whether they bought then."""

    _name = "kpi.import.touch"
    _description = "Touch Import"
    _inherit = ["kpi.import.marketing"]

    _staging = {
        "person": "text",
        "moment": "timestamp",
        "channel": "text",
        "amount": "numeric",
    }
    _staging_key = ("number",)
    _stored_model = "kpi.bi.touch"
    _upsert_key = ("person", "moment", "channel")
    _upsert_values = ("amount",)
    _fresh = """
        SELECT person, moment, channel, round(max(amount), %(digits)s) AS amount,
               min(number) AS number
          FROM kpi_import_staging
      GROUP BY person, moment, channel
    """

    @api.model
    def _columns(self):
        labels = {
            "person": (self.env._("Person"), "text", "user", "user id", "visitor"),
            "moment": (self.env._("Time"), "text", "timestamp", "date", "day"),
            "channel": (self.env._("Channel"), "text", "source", "medium"),
            "amount": (self.env._("Bought For"), "number", "revenue", "value"),
            "is_bought": (self.env._("Bought"), "boolean", "conversion", "converted"),
        }
        required = ("person", "moment", "channel")
        return [
            TargetColumn(key, label, kind, key in required, tuple(aliases))
            for key, (label, kind, *aliases) in labels.items()
        ]

    @api.model
    def _note(self):
        return self.env._(
            "One row per touch. Numbers of people are hashed on the way in, and the"
            " file is deleted once it is imported: look at errors in the preview."
        )

    @api.model
    def _build_staging_rows(self, run, entries):
        self._check_may_import()
        hashed = self.env["kpi.bi.touch"]._hash_person(run.job.company_id)
        zone = ZoneInfo(self.env.user.tz or "UTC")
        rows = []
        for entry in entries:
            values = entry.values
            channel = (values.get("channel") or "").strip()
            amount = values.get("amount") or None  # 0.00 is what most files say of none
            if "is_bought" in values:
                amount = (amount or 0) if values["is_bought"] else None
            moment = _read_moment(values.get("moment") or "", zone)
            if not values.get("person"):
                run.refuse(entry.number, self.env._("The person is missing."))
            elif not moment:
                reason = self.env._("Write the time like 2026-01-31 14:05.")
                run.refuse(entry.number, reason, ("moment",))
            elif not channel and amount is None:
                run.refuse(entry.number, self.env._("The channel is missing."))
            else:
                person = hashed(values["person"].strip())
                rows.append((entry.number, person, moment, channel, amount))
        return rows

    @api.model
    def _action_open(self, job):
        return open_list(self.env, "kpi_bi_dashboard.kpi_bi_touch_action", [])


def _read_moment(text, zone):
    """The moment in UTC as Odoo stores it; None where there is none."""
    try:
        moment = datetime.fromisoformat(text.strip())
    except ValueError:
        return None
    moment = moment if moment.tzinfo else moment.replace(tzinfo=zone)
    return moment.astimezone(timezone.utc).replace(tzinfo=None, microsecond=0)


_COUNTS = """
    SELECT count(*) FILTER (WHERE stored.id IS NULL),
           count(*) FILTER (WHERE stored.id IS NOT NULL
                            AND (%(stored)s) IS DISTINCT FROM (%(new)s)),
           count(*) FILTER (WHERE stored.id IS NOT NULL
                            AND (%(stored)s) IS NOT DISTINCT FROM (%(new)s))
      FROM (%(fresh)s) AS fresh
 LEFT JOIN %(table)s AS stored ON %(same_key)s
"""
_CHANGED = """
    UPDATE %(table)s AS stored
       SET (%(values)s) = ROW(%(new)s)
      FROM (%(fresh)s) AS fresh
     WHERE %(same_key)s
       AND (%(stored)s) IS DISTINCT FROM (%(new)s)
"""
_ADDED = """
    INSERT INTO %(table)s (%(names)s)
    SELECT %(fixed)s, %(key)s, %(new)s
      FROM (%(fresh)s) AS fresh
  ORDER BY fresh.number
        ON CONFLICT DO NOTHING
"""
