import hashlib
from collections import defaultdict

from odoo import api, fields, models
from odoo.tools import SQL, unique

from ...engine.routing import DROP, SEVERITY_RANKS, decide
from .kpi_alert_event import ROOMS
from .kpi_alert_notice_known import BATCH

MOST_LINES = 50  # of a message; the alerts themselves list the others
URGENT = ("critical", "urgent")


class KpiAlertNotice(models.Model):
    """From what is due to messages: one for each receiver, whatever it tells of."""

    _inherit = "kpi.alert.notice"

    @api.model
    def _sweep_due(self):
        """Tell what is due; when to look again, or None."""
        now = fields.Datetime.now()
        waiting = self._claim_waiting(now)
        if waiting:
            self._decide(waiting, now)
        if len(waiting) == BATCH:
            return now
        ((is_now, moment),) = self.env.execute_query(
            SQL(
                "SELECT bool_or(due_at IS NULL), min(due_at) FROM kpi_alert_notice"
                " WHERE state = 'waiting'"
            )
        )
        return now if is_now else moment

    @api.model
    def _decide(self, waiting, now):
        """Decide about each of these, and queue the messages of what is told now.

        :param waiting: list of ``Waiting``
        """
        users = {each.user_id for each in waiting if each.has_quiet}
        quiet = self.env["kpi.alert.quiet"]._find_quiet(users, now) if users else {}
        decided = {
            each: decide(each.known(quiet.get(each.user_id), False), now)
            for each in waiting
        }
        telling = [each for each, what in decided.items() if what.verdict == "tell"]
        parts = self._find_parts(waiting, telling)
        decided.update(
            {
                each: decide(each.known(quiet.get(each.user_id), True), now)
                for each in waiting
                if each.id in parts
            }
        )
        blind = self._find_blind(
            [each for each, what in decided.items() if what.verdict == "tell"]
        )
        decided.update(dict.fromkeys(blind, DROP))
        first = [
            each.event_id
            for each, what in decided.items()
            if what.verdict == "tell" and each.change == "fired"
        ]
        early = self.env["kpi.alert.event"]._start_escalation(first)
        decided = {each: what for each, what in decided.items() if each.id not in early}
        self._store(decided, now)
        self._queue_messages(
            [each for each, what in decided.items() if what.verdict == "tell"]
        )
        self._tell_others(blind)

    @api.model
    def _find_blind(self, telling):
        """Those whose receivers may not see the alert: nobody tells them of it."""
        by_user = defaultdict(list)
        for each in telling:
            if each.user_id:
                by_user[each.user_id].append(each)
        blind = []
        for user_id, notices in by_user.items():
            ids = [each.event_id for each in notices]
            # As the person: their rights, in all their companies.
            own = self.env["kpi.alert.event"].with_user(user_id)
            own = own.with_context(allowed_company_ids=None)
            seen = set()
            if own.has_access("read"):  # by one statement, however many they are
                seen.update(own.search([("id", "in", ids)]).ids)
            blind += [each for each in notices if each.event_id not in seen]
        return blind

    @api.model
    def _tell_others(self, blind):
        """Tell whoever made the rule, else the administrators, where nobody sees it."""
        events = self.env["kpi.alert.event"].browse(
            {each.event_id for each in blind if each.change == "fired"}
        )
        if events:
            events._find_untold()._tell_somebody()

    @api.model
    def _store(self, decided, now):
        """Write what was decided, by one statement."""
        states = {"tell": "told", "hold": "waiting", "drop": "dropped"}
        self.env.cr.execute(
            SQL(
                """
                UPDATE kpi_alert_notice AS notice
                   SET state = decided.state,
                       hold_reason = decided.reason,
                       due_at = decided.due_at,
                       told_at = CASE WHEN decided.state = 'told' THEN %(now)s END
                  FROM unnest(%(ids)s::int[], %(states)s::varchar[],
                              %(reasons)s::varchar[], %(dues)s::timestamp[])
                       AS decided (id, state, reason, due_at)
                 WHERE decided.id = notice.id
                """,
                ids=[each.id for each in decided],
                states=[states[what.verdict] for what in decided.values()],
                reasons=[what.reason for what in decided.values()],
                dues=[what.due_at for what in decided.values()],
                now=now,
            )
        )
        self.invalidate_model()

    @api.model
    def _queue_messages(self, telling):
        """Put a message for each receiver and channel into the outbox.

        :param telling: list of ``Waiting``
        :return: the messages
        """
        rules = self.env["kpi.smart.alert"].browse(
            {each.alert_id for each in telling if each.alert_id}
        )
        ways = rules._find_ways()
        rooms = self.env["kpi.alert.channel"].browse(
            {each.channel_id for each in telling if each.channel_id}
        )
        room_of = {room.id: room for room in rooms}
        known = dict(self.env["kpi.delivery"]._fields["channel"].selection)
        in_odoo = self._find_in_odoo(telling)
        messages = {}
        for each in telling:
            room = room_of.get(each.channel_id)
            channels = (
                {room.kind} & known.keys()
                if room
                else self._choose_channels(each, ways, known, in_odoo)
            )
            for channel in channels:
                messages.setdefault((*each.receiver, channel), []).append(each)
        return self.env["kpi.delivery"]._queue(
            [
                self._prepare_message(key, notices, room_of)
                for key, notices in messages.items()
            ]
        )

    @api.model
    def _find_in_odoo(self, telling):
        """Ids of users who handle notifications in Odoo, as their preferences say."""
        users = self.env["res.users"].browse(
            {each.user_id for each in telling if each.user_id}
        )
        return set(users.filtered(lambda user: user.notification_type == "inbox").ids)

    @api.model
    def _choose_channels(self, notice, ways, known, in_odoo):
        """Channels by which a person is told; none: they find it in Odoo only.

        By email where the rule is gone, or names only rooms and there is none. Who
        handles notifications in Odoo gets emails only of rules that name it for the
        severity, beside their usual channel.

        :param ways: as ``kpi.smart.alert._find_ways`` gives them
        :param known: channels that an installed addon sends by, as keys
        :param in_odoo: ids of the users who handle notifications in Odoo
        """
        usual, *named = ways.get(notice.alert_id) or [("info", "email", None)]
        named = {
            channel
            for severity, channel, room_id in named
            if not room_id and SEVERITY_RANKS[severity] <= notice.rank
        }
        chosen = {usual[1], *named}
        has_room = notice.has_room and not notice.is_personal
        # A channel whose addon has gone, and a room that is not there, lose nothing.
        lost = chosen - {*known, "inbox", *ROOMS}
        if lost or chosen <= set(ROOMS) and not has_room:
            chosen |= {"email"}
        if notice.user_id in in_odoo and "email" not in named:
            chosen -= {"email"}
        return sorted((chosen & known.keys()) - set(ROOMS))

    @api.model
    def _prepare_message(self, key, notices, room_of):
        """Values of ``kpi.delivery``: its text is written when it is sent."""
        user_id, room_id, channel = key
        worst = max(each.rank for each in notices)
        lines = self._list_lines(notices)
        told = ",".join(
            sorted(f"{each.event_id}.{each.change}.{each.step}" for each in notices)
        )
        receiver = f"user{user_id}" if user_id else f"channel{room_id}"
        message = {
            "key": f"alert:{channel}:{receiver}:{_shorten(told)}",
            "channel": channel,
            "lane": "urgent" if worst >= SEVERITY_RANKS[URGENT[0]] else "bulk",
            "subject": self._say_for_outbox(notices),
            "company_id": notices[0].company_id,
            "renderer": self._name,
            "lines": lines,
        }
        if user_id:
            return {**message, "user_id": user_id}
        return {
            **message,
            "target_model": "kpi.alert.channel",
            "target_id": room_id,
            "reader_id": room_of[room_id].owner_id.id,
        }

    @api.model
    def _say_for_outbox(self, notices):
        """What administrators, who may not see the KPIs, read in the outbox.

        The rules of the message's company are theirs to read, those that somebody has
        for themselves are not.
        """
        company_id = notices[0].company_id
        names = [
            each.rule_name
            for each in sorted(notices, key=_get_weight, reverse=True)
            if not each.is_personal and each.company_id == company_id
        ]
        first, *others = list(unique(names)) or [self.env._("personal rule")]
        words = {
            "count": len({each.event_id for each in notices}),
            "rule": first,
            "others": len(others),
        }
        if all(each.change == "resolved" for each in notices):
            if others:
                return self.env._(
                    "Alerts ended: %(count)s · %(rule)s and %(others)s more", **words
                )
            return self.env._("Alerts ended: %(count)s · %(rule)s", **words)
        if others:
            return self.env._(
                "Alerts: %(count)s · %(rule)s and %(others)s more", **words
            )
        return self.env._("Alerts: %(count)s · %(rule)s", **words)

    @api.model
    def _list_lines(self, notices):
        """A line for each alert, the worst first; each knows how many there are."""
        by_event, ids = {}, defaultdict(list)
        for each in sorted(notices, key=_get_weight):
            by_event[each.event_id] = each
            ids[each.event_id].append(each.id)
        ordered = sorted(by_event.values(), key=_get_weight, reverse=True)
        kpis = {each.report_id for each in ordered if each.change != "resolved"}
        return [
            {
                "res_model": "kpi.alert.event",
                "res_id": each.event_id,
                "data": {
                    "change": each.change,
                    "step": each.step,
                    "count": len(ordered),
                    "kpi_count": len(kpis),
                    "notices": ids[each.event_id],
                    "is_flapping": bool(each.flapping_until),
                },
            }
            for each in ordered[:MOST_LINES]
        ]


def _get_weight(notice):
    """What a message says first, and of an alert at all: what is wrong, the worst."""
    weights = {"escalated": 3, "fired": 2, "reminded": 1, "resolved": 0}
    is_over = notice.change == "resolved"
    return not is_over, notice.rank, weights[notice.change], -notice.event_id


def _shorten(text):
    """The text itself where it is short, else what stands for it alone."""
    if len(text) <= 80:
        return text
    return hashlib.sha256(text.encode()).hexdigest()
