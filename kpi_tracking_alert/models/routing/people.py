"""People whom alerts are escalated to."""

from odoo.tools import email_normalize

from odoo.addons.kpi_base.roles import ADMIN

from ...engine.routing import SEVERITY_RANKS


def is_out_of_reach(user, channels):
    """Whether ``user`` is told by email only, and has no address."""
    if user.notification_type == "inbox" or email_normalize(user.email):
        return False
    return set(channels) == {"email"}


class PeopleFinder:
    """Finds whom to tell of some alerts, by a constant number of statements a person.

    :param events: ``kpi.alert.event``, as superuser
    :param now: moment that somebody is on call at, UTC
    """

    def __init__(self, events, now):
        self._reports = events.report_id
        self._nobody = events.env["res.users"]
        self._employees = events.report_id.owner_id._kpi_find_employees()
        self._on_call = events.alert_id.level_ids.rota_id._find_on_call(now)
        self._administrators = events.env.ref(ADMIN).all_user_ids
        self._away = self._nobody._kpi_find_away(now)
        self._readable = {}
        self.passed_over = {}  # event → pairs (user id, why) of levels

    def find(self, event, levels):
        """People of ``levels`` who are there: by ``whom``, ``_get_<whom>``.

        Those who are not are noted in ``passed_over``, as ``_timeline_passed_over``
        says it.
        """
        found = there = self._nobody
        for level in levels:
            found |= getattr(self, f"_get_{level.whom}")(event, level)
        passed_over = self.passed_over.setdefault(event, [])
        for user in found:
            why = self._find_obstacle(event, user)
            if user in self._away and why != "archived":
                why = "away"
            if why or self._has_no_address(event, user):
                passed_over.append((user.id, why or "address"))
            else:
                there |= user
        return there

    def _has_no_address(self, event, user):
        rule, rank = event.alert_id, SEVERITY_RANKS[event.severity]
        named = rule.route_ids.filtered(
            lambda way: not way.channel_id and SEVERITY_RANKS[way.severity] <= rank
        )
        channels = {rule.notification_channels, *named.mapped("channel")}
        return is_out_of_reach(user, channels)

    def find_in_charge(self, event):
        """Whoever made the rule, else the administrators."""
        owner = self.filter_there(event, event.alert_id.owner_id)
        return owner or self.find_administrators(event)

    def find_administrators(self, event):
        """Those of the alert's company, unless it is somebody's own."""
        if event.alert_id.is_personal:
            return self._nobody
        return self.filter_there(event, self._administrators)

    def filter_there(self, event, users):
        """Those whom it makes sense to tell: not gone, and allowed to see the KPI."""
        return users.filtered(lambda user: not self._find_obstacle(event, user))

    def _find_obstacle(self, event, user):
        if not user.active or user.share:
            return "archived"
        if event.company_id not in user.company_ids:
            return "company"
        if user not in self._readable:
            # As the person: their rights, in all their companies.
            own = self._reports.with_user(user).with_context(allowed_company_ids=None)
            self._readable[user] = set(own._filtered_access("read").ids)
        return None if event.report_id.id in self._readable[user] else "access"

    def _get_owner(self, event, _level):
        return event.report_id.owner_id

    def _get_manager(self, event, _level):
        return self._climb(event, 1)

    def _get_manager_2(self, event, _level):
        return self._climb(event, 2)

    def _climb(self, event, steps):
        """The manager so many steps above the KPI's responsible, in its company."""
        employee = self._get_employee(event)
        for _step in range(steps):
            head = employee.department_id.manager_id
            employee = employee.parent_id or (head - employee)
        return employee.user_id

    def _get_department_head(self, event, _level):
        """Of the KPI's department, else of that of its responsible."""
        own = event.report_id.department_id
        return (own or self._get_employee(event).department_id).manager_id.user_id

    def _get_group(self, _event, level):
        return level.group_id.all_user_ids

    def _get_rota(self, _event, level):
        return self._on_call.get(level.rota_id.id, self._nobody)

    def _get_employee(self, event):
        """The KPI's responsible, as they are employed in its company."""
        return self._employees.filtered(
            lambda employee: (
                employee.user_id == event.report_id.owner_id
                and employee.company_id == event.company_id
            )
        )[:1]
