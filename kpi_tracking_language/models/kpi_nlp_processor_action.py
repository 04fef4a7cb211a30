from dataclasses import replace
from datetime import UTC, timedelta
from uuid import uuid4
from zoneinfo import ZoneInfo

from odoo import api, fields, models
from odoo.exceptions import UserError
from odoo.fields import Command, Domain
from odoo.tools import format_date
from odoo.tools.misc import hash_sign, verify_hash_signed

from odoo.addons.kpi_base.roles import MANAGER, OFFICER

from ..engine.recurrence import WEEKDAYS

SCOPE = "kpi-question-action"
VALID_FOR = timedelta(minutes=10)
REPLAYED = timedelta(days=365)
MOST_NAMED = 20  # rules that are turned off at once
MOST_MAILED = 200  # KPIs of one table
LAST_DAY = 28  # of a month: each has it
HOUR = 7
GRAINS = ("day", "week", "month", "quarter", "year")
FREQUENCIES = dict(
    zip(("daily", "weekly", "monthly", "quarterly", "yearly"), GRAINS, strict=True)
)


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
            raise UserError(
                self.env._("This can no longer be confirmed. Ask the question again.")
            )
        records, said = getattr(self, f"_do_{content['kind']}")(content["values"])
        return {
            "sentences": [said],
            "records": [
                {"model": one._name, "id": one.id, "name": one.display_name}
                for one in records
            ],
        }

    @api.model
    def _read_token(self, token):
        """What a token of this user proposes; None where it is no valid one."""
        try:
            # The key of signatures is the database's.
            content = verify_hash_signed(self.sudo().env, SCOPE, token)
        except ValueError:
            return None
        return content if content and content["uid"] == self.env.uid else None

    @api.model
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

    @api.model
    def _propose(self, intent, values, sentences):
        """An answer that asks to confirm what was read."""
        nonce = uuid4().hex
        content = {
            "kind": intent.intent,
            "uid": self.env.uid,
            "nonce": nonce,
            "values": values,
        }
        # As above.
        token = hash_sign(self.sudo().env, SCOPE, content, expiration=VALID_FOR)
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

    @api.model
    def _answer_create_alert(self, intent):
        rules, sentences = [], []
        for wish in intent.alerts:
            report = self._find_reports(replace(intent, metrics=(wish.metric,)))
            if len(report) != 1:
                return self._ask_which(report, intent)
            values = self._prepare_rule_values(report, wish)
            if isinstance(values, str):
                return self._make_unclear(values, (), intent)
            rules.append(values)
            sentences += self._say_rule(values)
        return self._propose(intent, rules, sentences)

    @api.model
    def _prepare_rule_values(self, report, wish):
        """The values of the rule that is wished for, or why there is none."""
        user = self.env.user
        receiver = self._find_receiver(wish.recipient)
        if receiver != user and not user.has_group(OFFICER):
            return self.env._("Only KPI officers can make rules that notify others.")
        is_change = wish.condition.startswith("change")
        compared = "previous" if is_change else "value"
        if is_change and wish.window not in (None, report.frequency):
            if wish.window != "year":
                return self.env._(
                    "Changes of %s are from one of its periods to the next, or from"
                    " the year before.",
                    report.kpi_name,
                )
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
            "is_personal": receiver == user,
            "tell_responsible": False,
            "user_ids": [Command.set((receiver - user).ids)],
        }

    @api.model
    def _find_receiver(self, key):
        """The person of a name that was read; None = whoever asks."""
        return (
            self.env["res.users"].browse(int(key.split(":")[1]))
            if key
            else self.env.user
        )

    @api.model
    def _say_rule(self, values):
        """The rule in words, and what it would have done last year."""
        rules = self.env["kpi.smart.alert"]
        said = [rules.new(values).summary]
        # A statement that reads only has no rule to try.
        if self.env.cr.readonly:
            return said
        today = fields.Date.context_today(self)
        with self.env.cr.savepoint() as savepoint:
            rule = rules.with_context(tracking_disable=True).create(values)
            count = rule.replay(today - REPLAYED, today)["alert_count"]
            savepoint.rollback()
        if count == 1:
            return [*said, self.env._("In the last year: one alert.")]
        return [*said, self.env._("In the last year: %s alerts.", count)]

    @api.model
    def _do_create_alert(self, values):
        rules = self.env["kpi.smart.alert"].create(values)
        rules.action_turn_on()
        return rules, self.env._("The alert is on.")

    @api.model
    def _answer_disable_alert(self, intent):
        domain = Domain("state", "=", "on")
        metrics = [int(code) for code in intent.metrics]
        if metrics:
            domain &= Domain("report_ids.definition_id", "in", metrics) | Domain(
                "definition_ids", "in", metrics
            )
        rules = self.env["kpi.smart.alert"]
        found = rules.search(domain & Domain("owner_id", "=", self.env.uid))
        if not found and metrics:
            found = rules.search(domain)._filtered_access("write")
        if not found:
            none = self.env._("No alert that you may turn off is on for it.")
            return {**self._make_answer(intent, []), "sentences": [none]}
        found = found[:MOST_NAMED]
        sentences = [self.env._("Turn off: %s", rule.name) for rule in found]
        return self._propose(intent, found.ids, sentences)

    @api.model
    def _do_disable_alert(self, ids):
        rules = self.env["kpi.smart.alert"].search([("id", "in", ids)])
        rules.action_turn_off()
        return rules, self.env._("The alert is off.")

    # mails

    @api.model
    def _answer_schedule_report(self, intent):
        named = {one.name for one in intent.filters} - {"department", "owner"}
        if named - {"frequency"}:
            why = self.env._(
                "A table by email is of KPIs that are named, or of a department, and"
                " not of those with a status or value."
            )
            return self._make_unclear(why, (), intent)
        reports = (
            self._find_reports(intent) if intent.metrics else self._find_listed(intent)
        )
        if not reports or len(reports) > MOST_MAILED:
            return self._ask_which(reports[:1] and reports, intent)
        schedule = self._prepare_schedule_values(intent.schedule)
        if isinstance(schedule, str):
            return self._make_unclear(schedule, (), intent)
        table = self._prepare_table_values(reports, intent)
        said = self._say_schedule(table, schedule, len(reports))
        values = {**table, "schedule_ids": [Command.create(schedule)]}
        return self._propose(intent, values, [said])

    @api.model
    def _prepare_table_values(self, reports, intent):
        names = list(dict.fromkeys(reports.mapped("kpi_name")))
        name = ", ".join(names[:3])
        departments = [one.value for one in intent.filters if one.name == "department"]
        if len(names) > 3 or not intent.metrics:
            shown = self._say_reading(replace(intent, metrics=()), [])
            name = self.env._("KPIs: %s", shown)
        values = {
            "name": name,
            "grain": max(reports.mapped("frequency"), key=GRAINS.index),
            "company_id": self.env.company.id,
        }
        keys = departments[0] if departments else ()
        keys = keys if isinstance(keys, tuple) else (keys,)
        is_whole = not intent.metrics and len(intent.filters) == 1 and keys
        if is_whole and all(key.startswith("department:") for key in keys):
            # Those that the department has by then.
            ids = [int(key.split(":")[1]) for key in keys]
            return {**values, "department_ids": [Command.set(ids)]}
        return {**values, "report_ids": [Command.set(reports.ids)]}

    @api.model
    def _prepare_schedule_values(self, wish):
        """The values of the schedule that is wished for, or why there is none."""
        user = self.env.user
        receiver = self._find_receiver(wish.recipient)
        if receiver != user and not user.has_group(MANAGER):
            return self.env._(
                "You can only add yourself as a recipient. Ask a KPI manager to add"
                " colleagues."
            )
        delay, frequency = 1, FREQUENCIES[wish.frequency]
        if frequency == "week" and wish.day in WEEKDAYS[1:]:
            calendar = self._get_calendar()
            first = calendar._period("week", calendar._today()).start.isoweekday()
            delay = (WEEKDAYS.index(wish.day) - first) % 7 + 1
        elif isinstance(wish.day, int):
            delay = wish.day
            if frequency == "day" or delay > LAST_DAY:
                return self.env._("Choose a day of the month up to the 28th.")
        elif wish.day:
            return self.env._("Something is missing in the question.")
        return {
            "frequency": frequency,
            "delay_days": delay,
            "hour": int((wish.time or f"{HOUR}:00").split(":")[0]),
            "user_ids": [Command.set(receiver.ids)],
        }

    @api.model
    def _say_schedule(self, table, schedule, count):
        model = self.env["kpi.period.report.schedule"]
        often = dict(model._fields["frequency"]._description_selection(self.env))
        receiver = self.env["res.users"].browse(schedule["user_ids"][0][2])
        return self.env._(
            "By email to %(person)s: %(table)s (KPIs: %(count)s), %(often)s at %(hour)s"
            " o'clock, next on %(day)s",
            # Whose name was read is seen by whoever asks.
            person=receiver.sudo().name,
            table=table["name"],
            count=count,
            often=often[schedule["frequency"]].lower(),
            hour=schedule["hour"],
            day=format_date(
                self.env, self._find_next_day(schedule), date_format="EEEE, d MMMM y"
            ),
        )

    @api.model
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

    @api.model
    def _do_schedule_report(self, values):
        table = self.env["kpi.period.report"].create(values)
        return table, self.env._("The email is scheduled.")
