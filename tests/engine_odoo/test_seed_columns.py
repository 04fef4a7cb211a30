"""Enumerations and columns that queries from outside rely on, as PostgreSQL has them.

The names are those of the documents in which the product was asked for.
"""

import re

import psycopg2
import pytest

SHARES_DATABASE = True
STAGES = (
    "lead_captured qualification needs_analysis proposal negotiation agreement"
    " due_diligence awaiting_closure closed_won closed_lost"
)
DEALS = "buy_side sell_side lease management capital_raise other"
# table → column → the values that a document names
CHOICES = {
    "agent_deals": {
        "deal_type": DEALS,
        "pipeline_stage": STAGES,
        "status": "open closed_won closed_lost cancelled",
    },
    "agent_deal_stage_events": {"from_stage": STAGES, "to_stage": STAGES},
    "agent_deal_contacts": {"contact_type": "principal co_broke legal finance other"},
    "agent_deal_documents": {
        "document_type": "loi valuation agreement financials other"
    },
    "agent_commission_records": {
        "commission_type": "introducer exclusive co_broke referral bonus",
        "status": "pending confirmed invoiced paid disputed written_off",
    },
    "agent_commission_adjustments": {"adjustment_type": "clawback bonus correction"},
    "performance_benchmarks": {
        "deal_type": DEALS,
        "cohort": "industry_avg top_quartile internal_avg",
    },
    "kpi_baselines": {"category": "financial operational customer employee strategic"},
    "benefit_realizations": {
        "benefit_type": "cost_reduction revenue_increase efficiency_gain",
        "status": "planned in_progress realized at_risk not_realized",
    },
    "value_leakages": {
        "severity": "low medium high critical",
        "status": "identified investigating mitigating resolved accepted",
    },
    "post_implementation_reviews": {"status": "draft in_review approved published"},
    "kpi_gauge_widget": {"gauge_type": "circular linear speedometer thermometer"},
    "kpi_dashboard_card": {
        "card_style": "metric trend comparison alert",
        "icon_type": "trending-up trending-down target alert-triangle check-circle"
        " clock",
    },
    "kpi_predictive_analytics": {
        "prediction_model": "linear_regression polynomial seasonal machine_learning"
    },
    "kpi_smart_alert": {
        "alert_type": "threshold_breach trend_deterioration anomaly_detected"
        " target_risk",
        "severity": "info warning critical urgent",
        "notification_channels": "email sms slack teams whatsapp",
    },
    "kpi_discussion": {
        "discussion_type": "performance_review improvement_plan target_adjustment"
        " escalation"
    },
    "kpi_action_item": {"status": "open in_progress completed cancelled"},
    "kpi_approval_workflow": {
        "workflow_type": "target_change formula_modification below_threshold"
        " exceptional_submission"
    },
    "kpi_performance_coaching": {
        "coaching_type": "improvement_plan best_practice_sharing mentoring_session"
        " skill_development"
    },
    "kpi_achievement": {"rarity": "common rare epic legendary"},
    "kpi_leaderboard": {
        "leaderboard_type": "department individual team company_wide",
        "ranking_period": "weekly monthly quarterly yearly",
        "score_calculation": "achievement_percentage points_earned improvement_rate"
        " consistency_score",
    },
    "kpi_performance_streak": {
        "streak_type": "target_met improvement consistency excellence"
    },
    "kpi_integration": {
        "integration_type": "slack teams salesforce hubspot google_sheets power_bi"
        " tableau",
        "sync_frequency": "real_time hourly daily weekly",
        "sync_status": "active error disabled",
    },
    "kpi_bi_connector": {
        "connector_type": "odbc rest_api webhook csv_export json_feed",
        "export_schedule": "hourly daily weekly monthly",
        "data_format": "flat_table hierarchical time_series aggregated",
    },
    "kpi_intelligent_optimization": {
        "optimization_type": "target_optimization resource_allocation"
        " timing_optimization formula_optimization",
        "ml_model_type": "linear_regression random_forest neural_network"
        " gradient_boosting",
    },
}
DATED = [
    "agent_deals",
    "agent_deal_stage_events",
    "agent_deal_contacts",
    "agent_deal_documents",
    "agent_commission_records",
    "agent_commission_adjustments",
    "agent_performance_snapshots",
    "performance_benchmarks",
]
QUOTED = re.compile(r"'([^']*)'")


def _checks(env, table):
    """Column → the values that a CHECK of that column alone allows."""
    env.cr.execute(
        """
        SELECT attribute.attname, pg_get_constraintdef(held.oid)
          FROM pg_constraint AS held
          JOIN pg_attribute AS attribute ON attribute.attrelid = held.conrelid
           AND held.conkey = ARRAY[attribute.attnum]
         WHERE held.contype = 'c' AND held.conrelid = %s::regclass
           AND held.convalidated
        """,
        [table],
    )
    return {
        column: set(QUOTED.findall(definition))
        for column, definition in env.cr.fetchall()
        if "ANY" in definition
    }


@pytest.mark.parametrize("table", CHOICES)
def test_a_column_holds_the_values_of_the_document_and_no_others(env, table):
    checks = _checks(env, table)
    model = next(one for one in env.values() if one._auto and one._table == table)
    for column, values in CHOICES[table].items():
        allowed = checks.get(column)
        assert allowed, f"{table}.{column} has no CHECK"
        assert allowed >= set(values.split()), f"{table}.{column}"
        known = {key for key, _label in model._fields[column].selection}
        assert allowed == known, f"{table}.{column}"


def test_postgresql_refuses_what_is_no_choice(env):
    deal = env["kpi.deal"].create({"title": "Quay 7", "agent_id": env.uid})
    env.flush_all()
    for value in ("won", "", "Open"):
        with pytest.raises(psycopg2.errors.CheckViolation), env.cr.savepoint():
            env.cr.execute(
                "UPDATE agent_deals SET status = %s WHERE id = %s", [value, deal.id]
            )


@pytest.mark.parametrize("table", DATED)
def test_a_table_has_the_moments_of_creation_and_change(env, table):
    env.cr.execute(
        "SELECT column_name, is_generated FROM information_schema.columns"
        " WHERE table_name = %s AND column_name IN ('created_at', 'updated_at')",
        [table],
    )
    found = dict(env.cr.fetchall())
    assert found == {"created_at": "ALWAYS", "updated_at": "ALWAYS"}


def test_the_moments_follow_the_record(env):
    deal = env["kpi.deal"].create({"title": "Quay 7", "agent_id": env.uid})
    env.flush_all()
    read = "SELECT created_at, updated_at FROM agent_deals WHERE id = %s"
    env.cr.execute(read, [deal.id])
    assert env.cr.fetchone() == (deal.create_date, deal.write_date)
    env.cr.execute(
        "UPDATE agent_deals SET write_date = '2030-01-02 03:04:05' WHERE id = %s",
        [deal.id],
    )
    env.cr.execute(read, [deal.id])
    assert str(env.cr.fetchone()[1]) == "2030-01-02 03:04:05"


@pytest.mark.parametrize(
    "model",
    ["kpi.deal", "kpi.deal.stage.event", "kpi.commission.adjustment"],
)
def test_an_earlier_database_gets_them_with_its_rows(env, model):
    if model == "kpi.deal":
        env[model].create({"title": "Quay 7", "agent_id": env.uid})
    env.flush_all()
    table = env[model]._table
    before = _checks(env, table)
    assert before
    env.cr.execute(
        f"ALTER TABLE {table} DROP COLUMN created_at, DROP COLUMN updated_at"
    )
    for name, held in env[model]._table_objects.items():
        if type(held).__name__ == "Choices":
            env.cr.execute(f"ALTER TABLE {table} DROP CONSTRAINT {name}")
    assert not _checks(env, table)
    for _time in range(2):  # an update after it changes nothing
        context = {"module": "kpi_deal_pipeline"}
        env.registry.init_models(env.cr, [model], context, install=False)
        assert _checks(env, table) == before
    env.cr.execute(
        f"SELECT count(*) FROM {table} WHERE created_at IS NULL OR updated_at IS NULL"
    )
    assert env.cr.fetchone() == (0,)


def test_choices_of_other_addons_are_allowed_as_soon_as_they_are_there(
    env, monkeypatch
):
    workflows = env["kpi.approval.workflow"]
    field = workflows._fields["workflow_type"]
    whole = _checks(env, workflows._table)["workflow_type"]
    # While the addon of the model is updated, the others are not loaded again yet.
    monkeypatch.setattr(field, "selection", field.selection[:1])
    workflows._add_sql_constraints()
    assert _checks(env, workflows._table)["workflow_type"] == whole
    monkeypatch.setattr(field, "selection", [*field.selection, ("new", "New")])
    workflows._add_sql_constraints()
    assert "new" in _checks(env, workflows._table)["workflow_type"]
