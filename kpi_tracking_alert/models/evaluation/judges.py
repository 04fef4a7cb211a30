"""What rules of each type say of what is known of KPIs: of now, or of an earlier day.

Each takes ``Watched`` of rules of its type, and yields ``Finding``.
"""

from .finding import Finding


def judge_trends(watched, trends):
    """KPIs that get worse.

    :param trends: report id → course, change in percent (None = unknown), newest value
        or None, number of periods with values
    """
    for key, rule, kpi, alert in watched.walk():
        if kpi.report_id not in trends:
            continue
        course, change, value, count = trends[kpi.report_id]
        fires = course == "worse" and count >= rule.least_facts
        if fires or alert:
            yield Finding(
                *key,
                kpi.frame.periods[1].start,
                fires=fires,
                resolution="" if course == "worse" else "cleared",
                value=value,
                measured=change,
            )


def judge_risks(watched, chances):
    """Targets that have become unlikely.

    :param chances: report id → first day of the running period, chance in percent,
        expected value; only of what says something, see ``PeriodOutlook.chance``
    """
    for key, rule, kpi, alert in watched.walk():
        if kpi.report_id not in chances:
            continue
        start, chance, expected = chances[kpi.report_id]
        fires = chance < rule.chance_below
        if fires or alert:
            yield Finding(
                *key,
                start,
                fires=fires,
                resolution="" if fires else "cleared",
                value=expected,
                measured=chance,
                limit=rule.chance_below,
            )


def judge_anomalies(watched, anomalies):
    """Unusual values of the newest periods.

    :param anomalies: report id → first day of its newest value (None = it has none),
        and of each unusual run, the latest first: first days of its first, last and
        oddest period, kind, value, what was expected, margin
    """
    for key, rule, kpi, alert in watched.walk():
        newest, known = anomalies.get(kpi.report_id, (None, ()))
        first = kpi.frame.periods[rule.recent_periods].start
        current = [row for row in known if row[1] >= first]
        if current:
            start, _last, oddest, kind, value, expected, margin = current[0]
            yield Finding(
                *key,
                oddest,
                fires=True,
                since=start,
                value=value,
                measured=value,
                limit=expected,
                details={"kind": kind, "margin": margin},
            )
        elif alert and newest:
            is_there = any(row[0] <= alert.period_start <= row[1] for row in known)
            # One of the last values, with none after it, is still news.
            if not is_there or newest > alert.period_start:
                resolution = "cleared" if is_there else "corrected"
                yield Finding(*key, newest, resolution=resolution)


def judge_missing(watched, newest, find_due):
    """Values that have not come in time.

    :param newest: report id → first day and value of its newest period with a value
    :param find_due: ``WatchedKpi``, working days → the newest period that ended so many
        of them ago, or None
    """
    for key, rule, kpi, alert in watched.walk():
        start, value = newest.get(kpi.report_id, (None, None))
        period = find_due(kpi, rule.no_data_days)
        # One that never had a value is waited for since it is tracked.
        was_due = period and (start or kpi.tracked_since <= period.start)
        if was_due and (not start or start < period.start):
            details = {"newest": start.isoformat() if start else None}
            yield Finding(*key, period.start, fires=True, details=details)
        elif alert and (start or alert.period_start < kpi.tracked_since):
            known = start or alert.period_start
            yield Finding(*key, known, resolution="cleared", value=value)


def judge_restated(watched, restatements, seen_until, since, moment=None):
    """Closed periods that have become others, or vanished; the latest of each pair.

    Changes from before ``since`` are not looked at, nor what somebody had seen already.

    :param restatements: pair → ``Restatement`` of its periods
    :param seen_until: pair → moment at which its last alert had ended
    :param since: rule id → moment
    :param moment: what is known then, naive UTC; None = all
    """
    for key, rule, _kpi, alert in watched.walk():
        moved = []
        for each in restatements.get(key, ()):
            known = each.as_of(moment)
            is_new = known and known.is_after(since[rule.id], seen_until.get(key))
            is_open = known and alert and each.period_start == alert.period_start
            if (is_new or is_open) and known.is_beyond(rule.restated_percent):
                moved.append(known)
        if moved:
            latest = max(moved, key=lambda each: (each.restated_on, each.period_start))
            old, new, change = latest.old, latest.new, None
            if new is not None and old:
                change = 100 * (new - old) / abs(old)
            yield Finding(
                *key,
                latest.period_start,
                fires=True,
                value=new,
                measured=change,
                limit=rule.restated_percent,
                details={"old": old, "new": new, "cause": latest.cause},
            )
        elif alert:
            yield Finding(*key, alert.period_start, resolution="cleared")
