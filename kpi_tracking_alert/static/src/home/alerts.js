/** What a row of an alert does, wherever it stands. */

export function acknowledge({ orm }, { id }) {
    return orm.call("kpi.alert.event", "action_acknowledge", [[id]]);
}

export function openAlert({ action }, { id }) {
    return action.doAction({
        type: "ir.actions.act_window",
        res_id: id,
        res_model: "kpi.alert.event",
        views: [[false, "form"]],
    });
}

export function openAlerts({ action }) {
    return action.doAction("kpi_tracking_alert.kpi_alert_event_action");
}
