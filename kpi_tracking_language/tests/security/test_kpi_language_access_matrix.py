from odoo.tests import tagged

from odoo.addons.kpi_base.tests.security.access_matrix import AccessMatrixMixin
from odoo.addons.kpi_tracking.tests.security.access_oracle import (
    BY_OFFICERS,
    DEFINED,
    KNOWN,
    READ_ONLY,
    SEEN,
    STAFF,
)

from .language_access_case import LanguageAccessCase


@tagged("post_install", "-at_install")
class TestKpiLanguageAccessMatrix(AccessMatrixMixin, LanguageAccessCase):
    """Who may do what with other names of KPIs: as with the KPIs themselves."""

    addon = "kpi_tracking_language"
    oracle = {
        "kpi.intelligent.optimization": {"read": SEEN, **READ_ONLY},
        "kpi.definition.synonym": {"read": KNOWN, **BY_OFFICERS},
        "kpi.question.unread": {"read": DEFINED, **READ_ONLY, "unlink": DEFINED},
    }
    dialogs = {"kpi.lever.wizard": STAFF}
    new_values = {
        "kpi.intelligent.optimization": {"suggested_value": 7.0},
        "kpi.definition.synonym": {"text": "New name"},
        "kpi.question.unread": {"text": "New question"},
    }

    def _values_of_another(self):
        return {
            "kpi.definition.synonym": {"text": "Another name"},
            "kpi.question.unread": {"text": "Another question"},
        }
