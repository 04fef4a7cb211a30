import { _t } from "@web/core/l10n/translation";
import { registry } from "@web/core/registry";

const CLOSE = { type: "ir.actions.act_window_close" };

/** Close the dialog in which a value was entered: say so, and offer to correct it. */
export async function showEntered(env, { params }, options) {
    const { action, notification, orm } = env.services;
    const isOnScreen = params.corrected_id && shownEntry(action) === params.corrected_id;
    const correct = async () => {
        close();
        await action.doAction(
            await orm.call("kpi.submission", "action_correct", [[params.submission_id]]),
        );
    };
    const close = notification.add(params.message, {
        type: "success",
        buttons: [{ name: _t("Correct"), onClick: correct }],
    });
    await action.doAction(CLOSE, options);
    if (isOnScreen) {
        await action.switchView("form", { resId: params.submission_id });
    }
}

/** Id of the entry whose form is on the screen, if there is one. */
function shownEntry(action) {
    const { props } = action.currentController || {};
    return props?.resModel === "kpi.submission" && props.type === "form" && props.resId;
}

registry.category("actions").add("kpi_tracking.entered", showEntered);
