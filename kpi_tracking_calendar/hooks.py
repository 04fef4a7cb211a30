def add_appointments(env):
    """Make the appointments of reviews that were agreed on before."""
    coachings = env["kpi.performance.coaching"]
    coachings.search([("next_review_date", ">=", "today")])._update_appointments(True)


def remove_appointments(env):
    """Take the appointments along, which nobody would update any more."""
    env["kpi.performance.coaching"].search([])._remove_appointments()
