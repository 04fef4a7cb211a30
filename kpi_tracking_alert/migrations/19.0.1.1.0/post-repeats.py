"""What fires already, and nobody has acknowledged, is told again from now on, too."""


def migrate(cr, version):
    cr.execute(
        """
        UPDATE kpi_alert_event
           SET next_step_at = now() AT TIME ZONE 'UTC'
         WHERE state = 'firing' AND next_step_at IS NULL
        """
    )
