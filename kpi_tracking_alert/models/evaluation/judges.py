"""What rules of each type say of what is known of KPIs: of now, or of an earlier day.

Each takes ``Watched`` of rules of its type, and yields ``Finding``.
"""

from .finding import Finding

# A forecast of so few values says nothing of a chance.
YOUNG = ("too_short", "no_data")


def judge_trends(watched, trends):
    """KPIs that get worse.

    :param trends: report id → course, change in percent (None = unknown), newest value
        or None, number of periods with values
    """
    least = {rule.id: rule.least_facts for rule in watched.rules}
    for key in watched.list_keys():
        rule_id, report_id = key
        if report_id not in trends:
            continue
        course, change, value, count = trends[report_id]
        fires = course == "worse" and count >= least[rule_id]
        if fires or key in watched.open_alerts:
            yield Finding(
                *key,
                watched.kpis[report_id].frame.periods[1].start,
                fires=fires,
                resolution="" if course == "worse" else "cleared",
                value=value,
                measured=change,
            )


def judge_risks(watched, chances):
    """Targets that have become unlikely.

    :param chances: report id → first day of the running period, chance in percent,
        expected value; only of what says something, see ``YOUNG``
    """
    limits = {rule.id: rule.chance_below for rule in watched.rules}
    for key in watched.list_keys():
        rule_id, report_id = key
        if report_id not in chances:
            continue
        start, chance, expected = chances[report_id]
        fires = chance < limits[rule_id]
        if fires or key in watched.open_alerts:
            yield Finding(
                *key,
                start,
                fires=fires,
                resolution="" if fires else "cleared",
                value=expected,
                measured=chance,
                limit=limits[rule_id],
            )


def judge_anomalies(watched, anomalies):
    """Unusual values of the newest periods.

    :param anomalies: report id → first day of its newest value (None = it has none),
        and of each unusual run, the latest first: first days of its first, last and
        oddest period, kind, value, what was expected, margin
    """
    recent = {rule.id: rule.recent_periods for rule in watched.rules}
    for key in watched.list_keys():
        rule_id, report_id = key
        alert = watched.open_alerts.get(key)
        newest, known = anomalies.get(report_id, (None, ()))
        first = watched.kpis[report_id].frame.periods[recent[rule_id]].start
        current = [row for row in known if row[1] >= first]
        if current:
            yield _describe_anomaly(key, current[0])
        elif alert and newest:
            is_there = any(row[0] <= alert.period_start <= row[1] for row in known)
            # One of the last values, with none after it, is still news.
            if not is_there or newest > alert.period_start:
                resolution = "cleared" if is_there else "corrected"
                yield Finding(*key, newest, resolution=resolution)


def _describe_anomaly(key, row):
    start, _last, oddest, kind, value, expected, margin = row
    return Finding(
        *key,
        oddest,
        fires=True,
        since=start,
        value=value,
        measured=value,
        limit=expected,
        details={"kind": kind, "margin": margin},
    )


def judge_missing(watched, newest, find_due):
    """Values that have not come in time.

    :param newest: report id → first day and value of its newest period with a value
    :param find_due: ``WatchedKpi``, working days → the newest period that ended so many
        of them ago, or None
    """
    days = {rule.id: rule.no_data_days for rule in watched.rules}
    for key in watched.list_keys():
        rule_id, report_id = key
        kpi = watched.kpis[report_id]
        start, value = newest.get(report_id, (None, None))
        period = find_due(kpi, days[rule_id])
        # One that never had a value is waited for since it is tracked.
        was_due = period and (start or kpi.tracked_since <= period.start)
        if was_due and (not start or start < period.start):
            details = {"newest": start.isoformat() if start else None}
            yield Finding(*key, period.start, fires=True, details=details)
        elif key in watched.open_alerts and start:
            yield Finding(*key, start, resolution="cleared", value=value)


def judge_restated(watched, restatements, seen_until, since, moment=None):
    """Closed periods that have become others, or vanished; the latest of each pair.

    Changes from before ``since`` are not looked at, nor what somebody had seen already.

    :param restatements: pair → ``Restatement`` of its periods
    :param seen_until: pair → moment at which its last alert had ended
    :param since: rule id → moment
    :param moment: what is known then, naive UTC; None = all
    """
    percents = {rule.id: rule.restated_percent for rule in watched.rules}
    for key in watched.list_keys():
        alert = watched.open_alerts.get(key)
        moved = []
        for each in restatements.get(key, ()):
            known = each.as_of(moment)
            is_new = known and known.is_after(since[key[0]], seen_until.get(key))
            is_open = known and alert and each.period_start == alert.period_start
            if (is_new or is_open) and known.is_beyond(percents[key[0]]):
                moved.append(known)
        if moved:
            latest = max(moved, key=lambda each: (each.restated_on, each.period_start))
            yield _describe_restated(key, latest, percents[key[0]])
        elif alert:
            yield Finding(*key, alert.period_start, resolution="cleared")


def _describe_restated(key, restated, percent):
    old, new = restated.old, restated.new
    change = None
    if new is not None and old:
        change = 100 * (new - old) / abs(old)
    return Finding(
        *key,
        restated.period_start,
        fires=True,
        value=new,
        measured=change,
        limit=percent,
        details={"old": old, "new": new, "cause": restated.cause},
    )
