from datetime import UTC, time, timedelta
from uuid import uuid4
from zoneinfo import ZoneInfo

from odoo import api, fields, models
from odoo.exceptions import UserError
from odoo.fields import Command, Domain

from odoo.addons.kpi_base.formatting import format_clock, format_full_day
from odoo.addons.kpi_base.roles import MANAGER, OFFICER

from ..engine.conditions import OF_VALUES
from ..engine.intent import GRAINS
from ..engine.recurrence import WEEKDAYS

PURPOSE = "question"
VALID_FOR = timedelta(minutes=10)
REPLAYED = timedelta(days=365)
MOST_NAMED = 20  # rules that are turned off at once
MOST_MAILED = 200  # KPIs of one table
LAST_DAY = 28  # of a month: each has it
HOUR = 7


class KpiNlpProcessor(models.AbstractModel):
    """Alerts and mails that a question asks for: shown first, done once confirmed.

    What is done is in the token that the proposal has, signed, for one user and ten
    minutes; nothing is stored before. Whoever confirms needs the rights to do it then.
    """

    _inherit = "kpi.nlp.processor"

    def init(self):
        result = super().init()
        self.env.cr.execute(
            """
            CREATE TABLE IF NOT EXISTS kpi_question_confirmed (
                nonce text PRIMARY KEY,
                confirmed_at timestamp NOT NULL
            )
            """
        )
        return result

    @api.model
    def confirm_action(self, token: str) -> dict:
        """Do what a question has proposed, once.

        :param token: of ``proposal`` in the answer
        :return: dict of ``sentences`` and ``records``, dicts of ``model``, ``id`` and
            ``name``
        :raises UserError: another user's token, one that was used, or an old one
        """
        content = self._read_token(token)
        if not content or not self._use_up(content["nonce"]):
            raise UserError(self.env._("This proposal is no longer valid. Ask again."))
        records, said = getattr(self, f"_do_{content['kind']}")(content["values"])
        return {
            "sentences": [said],
            "records": [
                {"model": one._name, "id": one.id, "name": one.display_name}
                for one in records
            ],
        }

    def _read_token(self, token):
        """What a token of this user proposes; None where it is no valid one."""
        content = self.env["kpi.api.key"]._unseal(PURPOSE, token)
        return content if content and content["uid"] == self.env.uid else None

    def _use_up(self, nonce):
        """Take a token out of use; whether it was in use. Of two at once one waits."""
        cr, now = self.env.cr, fields.Datetime.now()
        cr.execute(
            "DELETE FROM kpi_question_confirmed WHERE confirmed_at < %s",
            [now - 2 * VALID_FOR],
        )
        cr.execute(
            "INSERT INTO kpi_question_confirmed VALUES (%s, %s) ON CONFLICT DO NOTHING",
            [nonce, now],
        )
        return bool(cr.rowcount)

    def _propose(self, intent, values, sentences):
        """An answer that asks to confirm what was read."""
        nonce = uuid4().hex
        content = {
            "kind": intent.kind,
            "uid": self.env.uid,
            "nonce": nonce,
            "values": values,
        }
        token = self.env["kpi.api.key"]._seal(PURPOSE, content, VALID_FOR)
        return {
            **self._make_empty(intent),
            "outcome": "proposed",
            "reading": sentences[0],
            "sentences": sentences,
            "proposal": {
                "token": token,
                "expires_at": fields.Datetime.now() + VALID_FOR,
            },
        }

    # alerts

    def _answer_create_alert(self, asked):
        intent = asked.intent
        rules, sentences = [], []
        for wish in asked.take("alerts"):
            report = self._find_reports(asked, (wish.metric,))
            if len(report) != 1:
                return self._ask_which(report, intent)
            values = self._prepare_rule_values(report, wish)
            if isinstance(values, str):
                return self._make_unclear(values, (), intent)
            rules.append(values)
            sentences += self._say_rule(values)
        return self._propose(intent, rules, sentences)

    def _prepare_rule_values(self, report, wish):
        """The values of the rule that is wished for, or why there is none."""
        user = self.env.user
        receivers = self._find_receivers(wish.recipients)
        if not receivers:
            return self._phrase("alert.nobody")
        if receivers != user and not user.has_group(OFFICER):
            return self._phrase("alert.officers")
        is_change = wish.condition.startswith("change")
        compared = "previous" if is_change else "value"
        if is_change and wish.window not in (None, report.frequency):
            if wish.window != "year":
                return self._phrase("alert.window", kpi=report.kpi_name)
            compared = "last_year"
        return {
            "applies_to": "kpi",
            "report_ids": [Command.set(report.ids)],
            "company_id": report.company_id.id,
            "alert_type": "threshold_breach",
            "compared": compared,
            "condition": "below" if wish.condition.endswith("below") else "above",
            "threshold": wish.threshold,
            "periods": wish.consecutive,
            "owner_id": user.id,
            "is_personal": receivers == user,
            "tell_responsible": False,
            "user_ids": [Command.set([] if receivers == user else receivers.ids)],
        }

    def _find_receivers(self, keys):
        """The people of the names that were read, and those in departments and teams;
        without names the user."""
        return self._find_people(keys) if keys else self.env.user

    def _say_rule(self, values):
        """The rule in words, and what it would have done last year."""
        rules = self.env["kpi.smart.alert"]
        said = [rules.new(values).summary]
        people = self.env["res.users"].browse(values["user_ids"][0][2])
        if people:
            # Whose names were read, or who is in the department that was read.
            names = ", ".join(people.sudo().mapped("name"))
            said.append(self._phrase("alert.to", people=names))
        # A statement that reads only has no rule to try.
        if self.env.cr.readonly:
            return said
        today = fields.Date.context_today(self)
        with self.env.cr.savepoint() as savepoint:
            rule = rules.with_context(tracking_disable=True).create(values)
            count = rule.replay(today - REPLAYED, today)["alert_count"]
            savepoint.rollback()
        kind = "alert.replay.one" if count == 1 else "alert.replay"
        return [*said, self._phrase(kind, count=count)]

    def _do_create_alert(self, values):
        rules = self.env["kpi.smart.alert"].create(values)
        rules.action_turn_on()
        return rules, self._phrase("alert.on")

    def _answer_disable_alert(self, asked):
        intent = asked.intent
        domain = Domain("state", "=", "on")
        metrics = [int(code) for code in asked.take("metrics")]
        if intent.scope:
            reports = self.env["kpi.report"].search(self._get_asked_domain(asked))
            of_kpis = reports.filtered(lambda kpi: kpi.definition_id.id in metrics)
            domain &= Domain("report_ids", "in", (of_kpis if metrics else reports).ids)
        elif metrics:
            domain &= Domain("report_ids.definition_id", "in", metrics) | Domain(
                "definition_ids", "in", metrics
            )
        rules = self.env["kpi.smart.alert"]
        found = rules.search(domain & Domain("owner_id", "=", self.env.uid))
        if not found and metrics:
            found = rules.search(domain)._filtered_access("write")
        if not found:
            none = self._phrase("alert.none")
            return {**self._make_answer(intent, []), "sentences": [none]}
        found = found[:MOST_NAMED]
        sentences = [self._phrase("alert.turn_off", rule=rule.name) for rule in found]
        return self._propose(intent, found.ids, sentences)

    def _do_disable_alert(self, ids):
        rules = self.env["kpi.smart.alert"].search([("id", "in", ids)])
        rules.action_turn_off()
        return rules, self._phrase("alert.off")

    # mails

    def _answer_schedule_report(self, asked):
        intent = asked.intent
        if any(one.field in OF_VALUES for one in intent.conditions):
            why = self._phrase("mail.conditions")
            return self._make_unclear(why, (), intent)
        reports = (
            self._find_reports(asked) if intent.metrics else self._find_listed(asked)
        )
        if not reports or len(reports) > MOST_MAILED:
            return self._ask_which(reports[:1] and reports, intent)
        schedule = self._prepare_schedule_values(asked.take("schedule"))
        if isinstance(schedule, str):
            return self._make_unclear(schedule, (), intent)
        table = self._prepare_table_values(reports, intent)
        said = self._say_schedule(table, schedule, len(reports))
        values = {**table, "schedule_ids": [Command.create(schedule)]}
        return self._propose(intent, values, [said])

    def _prepare_table_values(self, reports, intent):
        names = list(dict.fromkeys(reports.mapped("kpi_name")))
        name = ", ".join(names[:3])
        if len(names) > 3 or not intent.metrics:
            shown = self._say_reading(intent.with_(metrics=()), [])
            name = self._phrase("mail.table", kpis=shown)
        values = {
            "name": name,
            "grain": max(reports.mapped("frequency"), key=list(GRAINS.values()).index),
            "company_id": self.env.company.id,
        }
        scope = intent.scope
        keys = scope.ids if scope and not scope.excluded else ()
        is_whole = not intent.metrics and not intent.conditions and keys
        if is_whole and all(key.startswith("department:") for key in keys):
            # Those that the department has by then.
            ids = [int(key.split(":")[1]) for key in keys]
            return {**values, "department_ids": [Command.set(ids)]}
        return {**values, "report_ids": [Command.set(reports.ids)]}

    def _prepare_schedule_values(self, wish):
        """The values of the schedule that is wished for, or why there is none."""
        user = self.env.user
        receivers = self._find_receivers(wish.recipients)
        if receivers != user and not user.has_group(MANAGER):
            return self._phrase("mail.others")
        delay, frequency = 1, GRAINS[wish.frequency]
        if frequency == "week" and wish.day in WEEKDAYS[1:]:
            calendar = self._get_calendar()
            first = calendar._period("week", calendar._today()).start.isoweekday()
            delay = (WEEKDAYS.index(wish.day) - first) % 7 + 1
        elif isinstance(wish.day, int):
            delay = wish.day
            if frequency == "day" or delay > LAST_DAY:
                return self._phrase("mail.day")
        elif wish.day:
            return self._phrase("unclear.incomplete")
        return {
            "frequency": frequency,
            "delay_days": delay,
            "hour": int((wish.time or f"{HOUR}:00").split(":")[0]),
            "user_ids": [Command.set(receivers.ids)],
        }

    def _say_schedule(self, table, schedule, count):
        receivers = self.env["res.users"].browse(schedule["user_ids"][0][2])
        day = self._find_next_day(schedule)
        return self._phrase(
            "mail.proposed",
            # Whose name was read is seen by whoever asks.
            person=", ".join(receivers.sudo().mapped("name")),
            table=table["name"],
            count=count,
            often=self._phrase(f"often.{schedule['frequency']}"),
            time=format_clock(self.env, time(schedule["hour"])),
            day=format_full_day(self.env, day),
        )

    def _find_next_day(self, schedule):
        """The first day on which a new schedule sends."""
        calendar, delay = self._get_calendar(), schedule["delay_days"]
        zone = ZoneInfo(self.env.user.tz or calendar.tz)
        now = fields.Datetime.now().replace(tzinfo=UTC).astimezone(zone)
        today = calendar._today()
        period = calendar._period(schedule["frequency"], today)
        day = period.start + timedelta(days=delay - 1)
        is_over = day < today or (day == today and now.hour >= schedule["hour"])
        return period.stop + timedelta(days=delay - 1) if is_over else day

    def _do_schedule_report(self, values):
        table = self.env["kpi.period.report"].create(values)
        return table, self._phrase("mail.done")
