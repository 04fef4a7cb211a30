import base64
from dataclasses import replace
from datetime import timedelta

from odoo import fields, models
from odoo.exceptions import UserError

from odoo.addons.kpi_base.actions import open_dialog, open_list
from odoo.addons.kpi_base.engine.spreadsheet import write_csv
from odoo.addons.kpi_base.engine.tabular import fingerprint, suggest
from odoo.addons.kpi_base.names import fold_name
from odoo.addons.kpi_base.repeat import repeat_late

TARGET = "kpi.import.measurement"
CODE_TITLE = "Code"  # of the column of the chosen KPI
# 13 months, which are read once a week
WIDE_COUNTS = {"day": 396, "week": 57, "month": 13, "quarter": 5, "year": 2}
WIDE_PAUSE = timedelta(weeks=1)


class KpiIntegration(models.Model):
    """Systems whose values are pulled: each sync is an import of a table."""

    _inherit = "kpi.integration"

    def _sync_pull(self, owned, adapter):
        """Import what it has; return why not, and seconds until the next run, if it
        says when."""
        periods = owned._find_periods()
        # No one waits for a row of ours while a vendor takes its time.
        self.env["ir.cron"]._commit_progress()
        adapter.sign_in()
        pulled = adapter.pull(periods)
        # Another process may have taken rights away since then.
        self.env.registry.check_signaling(self.env.cr)
        with self.env.cr.savepoint():
            owned._check_may_act()
            job = owned._prepare_import(owned._name_kpi(pulled))
        try:
            job._run(is_background=True)
        except Exception as error:
            # Otherwise it would wait for the cron of imports, as if it had not failed.
            repeat_late(self.env, job._note_end, True, job._describe_failure(error))
        self.env["ir.cron"]._commit_progress()
        if job.state == "failed":
            return job.error, None
        repeat_late(self.env, self._note_refused, job)
        if pulled.periods:
            repeat_late(self.env, owned._note_gone, pulled)
        if len(periods) > 1 + self.closed_count:
            self.wide_sync_at = fields.Datetime.now()
        is_nothing = not (job.added_count or job.changed_count or job.equal_count)
        if job.refused_count and is_nothing:
            reason = owned.env._("No rows could be imported. See the last sync.")
            return reason, None
        return "", None

    def _note_refused(self, job):
        """Note the refused rows of a sync, and the names in them that are unknown."""
        refused = (job.check_page or {}).get("refused")
        self.write(
            {
                "refused_count": job.refused_count,
                "refused_reason": refused[0]["reason"] if refused else False,
                "unknown_names": job.unknown_names,
            }
        )

    def _note_gone(self, pulled):
        """Note which values of before are gone there."""
        replaced = (self.replaced_texts or {}).get("user", {})
        read = {
            (day, fold_name(replaced.get(text, text) or ""))
            for day, text, *_rest in pulled.rows
        }
        facts = self.env["kpi.measurement"].search(
            [
                ("report_id.definition_id", "=", self.definition_id.id),
                ("report_id.company_id", "=", self.company_id.id),
                ("report_id.scope_type", "in", ("company", "user")),
                ("grain", "=", self.definition_id.frequency),
                ("period_start", "in", [period.start for period in pulled.periods]),
                ("source", "=", "import"),
            ]
        )
        missing = facts.filtered(
            lambda fact: (
                not any(
                    (fact.period_start, name) in read
                    for name in _get_names(fact.report_id.user_id) or {""}
                )
            )
        )
        syncs = self.env["kpi.import"]._find_syncs(missing)
        gone = missing.filtered(lambda fact: syncs[fact].integration_id == self)
        self._note(gone_ids=gone.ids)

    def action_open_gone(self):
        """List the values that are no longer at the other system."""
        self.ensure_one()
        domain = [("id", "in", self.gone_ids or [])]
        return open_list(self.env, "kpi_tracking.kpi_measurement_action", domain)

    def action_remove_gone(self):
        """Take away the values that are no longer at the other system."""
        self.ensure_one()
        self.check_access("write")
        facts = self.env["kpi.measurement"].search(
            [
                ("id", "in", self.gone_ids or []),
                ("report_id.definition_id", "=", self.definition_id.id),
                ("source", "=", "import"),
            ]
        )
        facts._remove(self.env._("No longer in %s", self._kind().name))
        self._note(gone_ids=False)

    def action_open_map(self):
        """Ask what the first of the unknown names is here."""
        self.ensure_one()
        first = next(iter(self.unknown_names or []), {})
        return open_dialog(
            self.env["kpi.integration.map"],
            self.env._("Map Name"),
            default_integration_id=self.id,
            default_key=first.get("key", "user"),
            default_text=first.get("text", ""),
        )

    def _map_name(self, key, text, other):
        """Read ``text`` in a column as ``other`` from now on."""
        texts = self.replaced_texts or {}
        known = {**texts.get(key, {}), text: other}
        unknown = [
            one
            for one in self.unknown_names or []
            if (one["key"], one["text"]) != (key, text)
        ]
        self._note(replaced_texts={**texts, key: known}, unknown_names=unknown)
        if self.sync_status != "disabled":
            self.action_sync()

    def _get_kpi_refusal(self, definition):
        """Return why a sync does not write to a KPI, or an empty text.

        :param definition: a record, or values of a KPI to create
        """
        if self.allows_any_kpi:
            return ""
        is_new = isinstance(definition, dict)
        if not is_new and definition in self.definition_id | self.other_definition_ids:
            return ""
        return self.env._(
            "“%(kpi)s” is not a KPI of %(integration)s. Add it to “Other KPIs” there.",
            kpi=definition["name"],
            integration=self.name,
        )

    def _find_periods(self):
        """The running period and some before it; once a week 13 months."""
        calendar, grain = self.definition_id.calendar_id, self.definition_id.frequency
        count, last = self.closed_count, self.wide_sync_at
        if not last or fields.Datetime.now() - last >= WIDE_PAUSE:
            count = max(count, WIDE_COUNTS[grain])
        return calendar._latest_periods(grain, 1 + count)

    def _name_kpi(self, pulled):
        """The table with the KPI in each row, where no column names it."""
        columns = self.env[TARGET]._columns()
        known = {one.key for one in suggest(pulled.titles, columns).values()}
        if mapping := self.mapping_id:
            # Columns that were added since then are not looked at.
            titles = {*mapping.column_ids.filtered("key").mapped("name")}
            is_named = CODE_TITLE not in titles or CODE_TITLE in pulled.titles
        else:
            is_named = bool(known & {"kpi_code", "kpi_name"})
        if is_named:
            return pulled
        code = self.definition_id.code
        rows = [[*row, code] for row in pulled.rows]
        return replace(pulled, titles=[*pulled.titles, CODE_TITLE], rows=rows)

    def _prepare_import(self, pulled):
        """An import of a table, as the person who is responsible would begin it.

        :raises UserError: it is not known what its columns are
        """
        job = self._create_import(self._arrange(pulled))
        if job.question:
            raise UserError(job.question)
        if not self.mapping_id:  # later tables must have the current titles
            self._store_mapping(job)
        # The state is the engine's to write; the person may import.
        job.sudo().state = "queued"
        return job

    def _arrange(self, pulled):
        """The table with the known columns in their order, without those added since.

        :raises UserError: a column that is imported is missing
        """
        known = self.mapping_id
        if not known or known.titles == fingerprint(pulled.titles):
            return pulled
        places = {_fold(title): at for at, title in enumerate(pulled.titles)}
        columns = {column.place: column for column in known.column_ids}
        missing = [
            column.name
            for _place, column in sorted(columns.items())
            if column.key and _fold(column.name) not in places
        ]
        if missing:
            before = {_fold(column.name) for column in columns.values()}
            new = [
                title for title in pulled.titles if title and _fold(title) not in before
            ]
            reasons = [
                self.env._("missing: %s", ", ".join(missing)),
                new and self.env._("new: %s", ", ".join(new)),
            ]
            raise UserError(
                self.env._(
                    "Columns have changed (%s). Choose “Check” to map them.",
                    "; ".join(filter(None, reasons)),
                )
            )
        titles = ["" for _line in known.titles.split("\n")]
        sources = [None] * len(titles)
        for place, column in columns.items():
            titles[place] = column.name
            sources[place] = places.get(_fold(column.name))
        rows = [
            [None if at is None else row[at] for at in sources] for row in pulled.rows
        ]
        return replace(pulled, titles=titles, rows=rows)

    def _create_import(self, pulled):
        """An import of a table; what its columns are may still be a question."""
        now = fields.Datetime.now()
        job = self.env["kpi.import"].create(
            {
                "file": base64.b64encode(write_csv([pulled.titles, *pulled.rows])),
                "file_name": f"{self.name} {now:%Y-%m-%d %H:%M}.csv",
                "company_id": self.company_id.id,
                "target_model": TARGET,
                "is_mapping_kept": False,
            }
        )
        # Where it comes from is the engine's to say, as its state is.
        job.sudo().integration_id = self
        job._analyse()
        for column in job.column_ids:
            # Spreadsheets count days from 1900, and numbers were none of a text.
            if column.has_serials:
                column.epoch = "1900"
            place = column.place
            if column.kind == "number" and not column.decimal_mark:
                if not any(isinstance(row[place], str) for row in pulled.rows):
                    column.decimal_mark = "."
        return job

    def _store_mapping(self, job):
        """Remember what the columns of its table are; no file is read by it."""
        values = self.env["kpi.import.mapping"]._prepare_mapping_values(job)
        # As above.
        own = self.sudo()
        own.replaced_texts = (own.replaced_texts or {}) | (job.replaced_texts or {})
        if own.mapping_id:
            own.mapping_id.write(values)
        else:
            named = {**values, "name": self.name, "active": False}
            own.mapping_id = own.mapping_id.create(named)
        return self.mapping_id


def _get_names(user):
    """Names that a table may have for a user."""
    return {fold_name(name) for name in (user.login, user.email, user.name) if name}


def _fold(title):
    """A title as it is compared with those of the mapping."""
    return fingerprint([title]) or title
