from datetime import datetime, timezone
from zoneinfo import ZoneInfo

from odoo import models
from odoo.exceptions import UserError
from odoo.fields import Date
from odoo.tools.date_utils import start_of

from odoo.addons.kpi_base.engine.tabular import CellError, Reading, TargetOption

REMOVED = ("file", "refused_file", "check_page", "accepted_ranges")


class KpiImport(models.Model):
    """Files that name people are not stored once their touches are."""

    _inherit = "kpi.import"

    def _run_parts(self, is_background, is_tried):
        outcome = super()._run_parts(is_background, is_tried)
        if self.target_model == "kpi.import.touch" and outcome["state"] == "done":
            # What was read is the engine's to write.
            columns = self.sudo().column_ids
            columns.write({"sample": False, "other_texts": False})
            outcome |= dict.fromkeys(REMOVED, False)
        return outcome


class KpiImportSpend(models.AbstractModel):
    """Spend by channel and day: a row each, or a column for each channel."""

    _name = "kpi.import.spend"
    _description = "Marketing Spend Import"
    _inherit = ["kpi.import.bi"]

    _staging = {
        "channel": "text",
        "day": "date",
        "amount": "numeric",
        "visits": "integer",
    }
    _staging_key = ("number", "channel")
    _stored_model = "kpi.bi.spend"
    _list = "kpi_bi_spend_action"
    _required = ("day",)
    _money = frozenset({"amount"})
    _upsert_key = ("channel", "day")
    _upsert_values = ("amount", "visits")
    _fresh = """
        SELECT channel, day, round(sum(amount), %(digits)s) AS amount,
               sum(visits) AS visits, min(number) AS number
          FROM kpi_import_staging
      GROUP BY channel, day
    """

    def _get_fixed(self, job):
        return {**super()._get_fixed(job), "source": "imported"}

    def _get_labels(self):
        return {
            "channel": (self.env._("Channel"), "text", "source", "medium"),
            "day": (self.env._("Day"), "moment", "date", "week", "month"),
            "amount": (self.env._("Amount"), "number", "spend", "cost", "costs"),
            "visits": (self.env._("Visits"), "number", "clicks", "sessions"),
        }

    def _options(self, job):
        return [
            TargetOption(
                "channels",
                self.env._("Channel Columns"),
                "text",
                help=self.env._(
                    "Titles of the amount columns per channel, separated by semicolons."
                ),
            )
        ]

    def _note(self):
        return self.env._(
            "One row per channel and day (or start of week or month), or one "
            "column per channel. Rows add up; reimporting a day replaces it."
        )

    def _missing(self, job, keys):
        missing = super()._missing(job, keys)
        if not job._get_options()["channels"] and not {"channel", "amount"} <= keys:
            missing.append(
                self.env._(
                    "Choose channel and amount columns, or enter titles under "
                    "“Channel Columns”."
                )
            )
        return missing

    def _build_staging_rows(self, run, entries):
        rows, today = [], Date.context_today(self)
        for entry, spent in self._list_spent(run, [*self._list_complete(run, entries)]):
            moment, visits = entry.values["day"], entry.values.get("visits") or 0
            if visits < 0 or visits % 1:
                reason = self.env._("Visits must be whole numbers, 0 or more.")
                run.refuse(entry.number, reason, ("visits",))
            if any((amount or 0) < 0 for _channel, amount in spent):
                reason = self.env._("Spend cannot be negative.")
                run.refuse(entry.number, reason, ("amount",))
            if (day := start_of(moment.day, moment.grain)) > today:
                reason = self.env._("This day is in the future.")
                run.refuse(entry.number, reason, ("day",))
            rows += [
                (entry.number, channel, day, amount or 0, int(visits))
                for channel, amount in spent
            ]
        return rows

    def _list_spent(self, run, entries):
        """Entries, with pairs of channel and amount of each."""
        named = (run.options["channels"] or "").split(";")
        titles = {title.strip() for title in named} - {""}
        if not titles:
            for entry in entries:
                if channel := (entry.values.get("channel") or "").strip():
                    yield entry, [(channel, entry.values.get("amount"))]
                else:
                    reason = self.env._("The channel is missing.")
                    run.refuse(entry.number, reason, ("channel",))
            return
        columns = run.job.column_ids.filtered(lambda one: one.name in titles)
        for unknown in sorted(titles - set(columns.mapped("name"))):
            raise UserError(self.env._("The file has no column “%s”.", unknown))
        _all, units = run.job._list_units()
        units -= {"%"}
        readers = [
            (
                one.name,
                one.place,
                Reading("number", one.decimal_mark or ".", known_units=units).reader(),
            )
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


class KpiImportTouch(models.AbstractModel):
    """Touches: who met which channel when, and whether they bought then."""

    _name = "kpi.import.touch"
    _description = "Touch Import"
    _inherit = ["kpi.import.bi"]

    _staging = {
        "person": "text",
        "moment": "timestamp",
        "channel": "text",
        "amount": "numeric",
    }
    _staging_key = ("number",)
    _stored_model = "kpi.bi.touch"
    _list = "kpi_bi_touch_action"
    _required = ("person", "moment", "channel")
    _money = frozenset({"amount"})
    _may_be_empty = ("channel",)  # they bought, and met none then
    _upsert_key = ("person", "moment", "channel")
    _upsert_values = ("amount",)
    _fresh = """
        SELECT person, moment, channel, round(max(amount), %(digits)s) AS amount,
               min(number) AS number
          FROM kpi_import_staging
      GROUP BY person, moment, channel
    """

    def _get_labels(self):
        return {
            "person": (self.env._("Person"), "text", "user", "user id", "visitor"),
            "moment": (self.env._("Time"), "text", "timestamp", "date", "day"),
            "channel": (self.env._("Channel"), "text", "source", "medium"),
            "amount": (self.env._("Bought For"), "number", "revenue", "value"),
            "is_bought": (self.env._("Bought"), "boolean", "conversion", "converted"),
        }

    def _note(self):
        return self.env._(
            "One row per touch. Person IDs are hashed and the file is deleted "
            "after import, so check the preview."
        )

    def _build_staging_rows(self, run, entries):
        hashed = self.env["kpi.bi.touch"]._hash_person(run.job.company_id)
        zone = ZoneInfo(self.env.user.tz or "UTC")
        rows = []
        for entry in self._list_complete(run, entries):
            values = entry.values
            channel = (values.get("channel") or "").strip()
            amount = values.get("amount") or None  # 0.00 is what most files say of none
            if "is_bought" in values:
                amount = (amount or 0) if values["is_bought"] else None
            if not (moment := _read_moment(values["moment"], zone)):
                reason = self.env._("Enter the time as 2026-01-31 14:05.")
                run.refuse(entry.number, reason, ("moment",))
            if not channel and amount is None:
                reason = self.env._("The channel is missing.")
                run.refuse(entry.number, reason, ("channel",))
            person = hashed(values["person"].strip())
            rows.append((entry.number, person, moment, channel, amount))
        return rows


def _read_moment(text, zone):
    """The moment in UTC as Odoo stores it; None where there is none."""
    try:
        moment = datetime.fromisoformat(text.strip())
    except ValueError:
        return None
    moment = moment if moment.tzinfo else moment.replace(tzinfo=zone)
    return moment.astimezone(timezone.utc).replace(tzinfo=None, microsecond=0)
