/** What a row of an alert does, wherever it stands. */

/** Whether its alerts are the reader's now; who was first is said otherwise. */
export async function acknowledge({ action, orm }, { waiting_ids }) {
    const answer = await orm.call("kpi.alert.event", "action_acknowledge", [waiting_ids]);
    if (answer !== true) {
        await action.doAction(answer);
    }
    return answer === true;
}

/** The alert, or the list where the KPI has several. */
export async function openAlert({ action, orm }, { id, ids = [id] }) {
    if (ids.length > 1) {
        return action.doAction(await orm.call("kpi.alert.event", "action_open_together", [ids]));
    }
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
