import numpy as np

from odoo.addons.kpi_tracking.engine.series import as_json_numbers


def as_column(numbers):
    """Numbers as PostgreSQL keeps them; None for what is no finite number."""
    return as_json_numbers(np.where(np.isfinite(numbers), numbers, np.nan))
