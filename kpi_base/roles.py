"""The groups of people, by name: what each may is said where they are asked for.

::

    if self.env.user.has_group(roles.OFFICER):
"""

USER = "kpi_base.kpi_base_group_user"  # own and shared KPIs
MANAGER = "kpi_base.kpi_base_group_manager"  # those of departments and teams led
OFFICER = "kpi_base.kpi_base_group_officer"  # defines KPIs
ADMIN = "kpi_base.kpi_base_group_admin"  # keys, logs, jobs and settings
