from odoo.tests import HttpCase, tagged

from odoo.addons.kpi_base.tests.security.access_methods import (
    WATCHED,
    AccessMethodsMixin,
)

from .benefit_access_case import BenefitAccessCase

CHANGES = "asks for the right to change it"
READS = "asks for the right to read it; what it is compared with, too"
APPROVES = "its sponsor, who manages its department, officers; not its owner"
DECIDES = "on the own step of the approval only"
READ = "asks for the right to read it"
WRITES_REVIEW = "asks for the right to change the review"
SHOWS = "counts and shows what the reader may see"
OPENS = "opens what the reader may see"
REASONS = {
    "kpi.baseline": {
        "action_enter_value": "the dialog asks for the right to enter values",
        "action_freeze": CHANGES,
        "action_keep_baseline": CHANGES,
        "action_open_measurements": "opens what the reader may see",
        "action_open_kpi": "opens what the reader may see",
    },
    "kpi.benefit.assumption": {"action_check": CHANGES},
    "kpi.benefit.assumption.check": {"action_confirm": CHANGES},
    "kpi.initiative.kpi": {"action_create": CHANGES},
    "kpi.benefit.portfolio": {
        "get_choices": "of the initiatives that the user sees",
        "get_portfolio": "of the benefits that the user sees",
        "open_records": "opens what the user sees",
    },
    "kpi.post.implementation.review": {
        "action_approve": DECIDES,
        "action_ask_approval": CHANGES,
        "action_ask_publish": CHANGES,
        "action_download_html": "names a file of what the reader may see",
        "action_download_pdf": "names a file of what the reader may see",
        "action_forward": DECIDES,
        "action_new_edition": CHANGES,
        "action_open_rejection": "opens a dialog",
        "action_open_return": "opens a dialog",
        "action_publish": CHANGES,
        "action_recall": "for who submitted it",
        "action_reject": DECIDES,
        "action_return": DECIDES,
        "action_review_initiative": CHANGES,
        "action_submit": CHANGES,
        "action_suggest_text": CHANGES,
        "action_withdraw": "for who submitted it",
        "decide_approvals": DECIDES,
        "get_timeline": READ,
        "preview_approvers": READ,
        "verify_history": READ,
    },
    "kpi.review.publication": {"action_publish": WRITES_REVIEW},
    "kpi.review.recommendation": {"action_create_action": CHANGES},
    "kpi.review.feedback.link": {
        "action_revoke": WRITES_REVIEW,
        "action_show": WRITES_REVIEW,
    },
    "kpi.review.feedback.wizard": {
        "action_mail_links": WRITES_REVIEW,
        "action_make_link": WRITES_REVIEW,
    },
    "kpi.benefit.calibration": {"get_calibration": SHOWS},
    "kpi.benefit.map": {"get_choices": SHOWS, "get_map": SHOWS},
    "kpi.value.leakage": {
        "action_accept": CHANGES,
        "action_investigate": CHANGES,
        "action_mitigate": CHANGES,
        "action_resolve": CHANGES,
    },
    "kpi.benefit.realization": {
        "action_confirm_status": CHANGES,
        "action_open_baseline": READS,
        "get_insights": READS,
    },
    "kpi.initiative": {
        "action_open_found": "asks for the right to read",
        "find_by_name": "finds what the user may read",
        "action_add_gates": CHANGES,
        "action_approve": APPROVES,
        "action_close": CHANGES,
        "action_find_leakage": CHANGES,
        "action_go_live": CHANGES,
        "action_open_reviews": "opens what the reader may see",
        "action_open_baselines": OPENS,
        "action_open_benefits": OPENS,
        "action_open_children": OPENS,
        "action_open_leakages": OPENS,
        "action_open_map": OPENS,
        "action_reopen": CHANGES,
        "action_review": CHANGES,
        "action_start": CHANGES,
        "action_withdraw_approval": APPROVES,
        "action_write_review": OPENS,
        "get_insights": READS,
        "get_dashboard": "asks for the right to read it",
    },
}

ARGUMENTS = {
    "action_forward": lambda case: [case.users["manager"].id, "Access"],
    "action_reject": lambda case: ["Access"],
    "action_return": lambda case: ["Access"],
    "decide_approvals": lambda case: ["reject", "Access"],
}


@tagged("post_install", "-at_install")
class TestKpiBenefitAccessMethods(AccessMethodsMixin, BenefitAccessCase, HttpCase):
    """No method of initiatives lets anybody reach more."""

    addon = "kpi_benefits"
    lower = (
        "kpi_base",
        "kpi_tracking",
        "kpi_tracking_dashboard",
        "kpi_tracking_analytics",
        "kpi_tracking_alert",
        "kpi_tracking_collaboration",
    )
    reasons = REASONS
    arguments = ARGUMENTS
    watched = (
        *WATCHED,
        "benefit_confidence_scores",
        "benefit_realizations",
        "value_leakages",
        "kpi_benefit_assumption",
        "kpi_benefit_link",
        "kpi_benefit_node",
        "initiatives",
        "kpi_baseline_share",
        "kpi_baselines",
        "kpi_benefit_period",
        "kpi_initiative_cost",
        "kpi_initiative_gate",
        "kpi_initiative_month",
        "kpi_discount_rate",
        "kpi_reference_class",
        "kpi_lesson",
        "kpi_review_feedback",
        "kpi_review_feedback_link",
        "kpi_review_figure",
        "kpi_review_recommendation",
        "post_implementation_reviews",
    )
