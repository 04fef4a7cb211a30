/** What a row of an alert does, wherever it stands. */

/** Whether it is the reader's now; who was first is said otherwise. */
export async function acknowledge({ action, orm }, { id }) {
    const answer = await orm.call("kpi.alert.event", "action_acknowledge", [[id]]);
    if (answer !== true) {
        await action.doAction(answer);
    }
    return answer === true;
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
