from odoo.tests import BaseCase, HttpCase, tagged

from odoo.addons.kpi_base.tests.security.access_matrix import AccessMatrixMixin
from odoo.addons.kpi_base.tests.security.access_methods import (
    WATCHED,
    AccessMethodsMixin,
)
from odoo.addons.kpi_base.tests.sudo_reasons import SudoReasonsMixin

from .bi_access_case import BiAccessCase
from .bi_access_oracle import ORACLE

ADDON = "kpi_bi_dashboard"
OPENS = "opens what the reader may see"


@tagged("post_install", "-at_install")
class TestKpiBiAccessMatrix(AccessMatrixMixin, BiAccessCase):
    addon = ADDON
    oracle = ORACLE
    new_values = {
        "kpi.bi.benchmark": {"middle": 7},
        "kpi.bi.competitor": {"source": "New"},
        "kpi.bi.customer": {"reference": "New"},
        "kpi.bi.market": {"source": "New"},
        "kpi.bi.opportunity": {"name": "New"},
        "kpi.bi.opportunity.event": {"amount": 7},
        "kpi.bi.purchase": {"amount": 7},
        "kpi.bi.purchase.line": {"amount": 7},
        "kpi.bi.result": {"version": 7},
        "kpi.bi.swot": {"name": "New"},
        "kpi.bi.spend": {"amount": 7},
        "kpi.bi.touch": {"amount": 7},
    }

    def _values_of_another(self):
        return {
            "kpi.bi.benchmark": {"date_from": "2002-02-02"},
            "kpi.bi.competitor": {"name": "Other"},
            "kpi.bi.market": {"year": 2002},
        }

    def _deletable(self, record):
        if record._name == "kpi.bi.market":  # one that no opportunity is about
            return record.copy({"year": 2003})
        return super()._deletable(record)


@tagged("post_install", "-at_install")
class TestKpiBiAccessMethods(AccessMethodsMixin, BiAccessCase, HttpCase):
    addon = ADDON
    lower = (
        "kpi_base",
        "kpi_tracking",
        "kpi_tracking_dashboard",
        "kpi_tracking_analytics",
        "kpi_tracking_alert",
        "kpi_tracking_collaboration",
    )
    reasons = {
        "kpi.bi.customer": {
            "action_forget": "asks for the administrators' group itself",
            "action_open_contacts": OPENS,
            "action_tag_contacts": "tags contacts that the user may change",
            "open_cohort": OPENS,
            "open_group": OPENS,
        },
        "kpi.bi.analysis": {
            "get_page": "says results to who may read them",
            "open_bridge_step": OPENS,
            "open_documents": OPENS,
            "open_new_action": OPENS,
            "open_dashboard": "opens what its reader may see",
            "queue_update": "queues what runs each night anyway, for analysts",
        },
        "kpi.bi.spend": {"open_channel": OPENS},
        "kpi.bi.swot": {"action_vote": "votes for whoever may see it, as themselves"},
    }
    arguments = {
        "open_channel": lambda case: [case.b.id, "Ads"],
        "open_cohort": lambda case: [case.b.id, "2001-01-01", 0],
        "open_group": lambda case: [case.b.id, "segment", "champion"],
        "open_bridge_step": lambda case: [case.b.id, "2001-01", "ledger"],
        "get_page": lambda case: ["customers"],
        "open_new_action": lambda case: ["win_rate", "Do it"],
        "open_documents": lambda case: ["account.move", [1]],
    }
    watched = (
        *WATCHED,
        "kpi_bi_benchmark",
        "kpi_bi_competitor",
        "kpi_bi_customer",
        "kpi_bi_market",
        "kpi_bi_opportunity",
        "kpi_bi_opportunity_event",
        "kpi_bi_purchase",
        "kpi_bi_purchase_line",
        "kpi_bi_result",
        "kpi_bi_swot",
        "kpi_bi_spend",
        "kpi_bi_touch",
    )


class TestSudoReasons(SudoReasonsMixin, BaseCase):
    addon = ADDON
