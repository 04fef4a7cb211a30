import { _t } from "@web/core/l10n/translation";
import { registry } from "@web/core/registry";

/**
 * How what waits for the user looks, by the `kind` that the server's `kpi.home._get_needs`
 * gives it. `open` (the ORM, the record's id) gives the action behind the item; without one
 * the list that the server names opens, else the record's form.
 */
export const homeNeeds = registry.category("kpi_home_needs");

homeNeeds.addValidation({
    icon: { type: String },
    word: { validate: (word) => typeof word.toString() === "string" },
    open: { type: Function, optional: true },
});

const UNKNOWN_NEED = { icon: "fa-bell-o", word: _t("Alert") };

/** What a row says of an item beside its text: `about`, a line with when it is `due`, and its `look`. */
export function describeNeed(need, due) {
    const look = homeNeeds.get(need.kind, UNKNOWN_NEED);
    return { ...need, about: [look.word, due].filter(Boolean).join(" · "), look };
}

/** Each kind opens in its own way, lists as such, all others as their form. */
export async function openNeed({ action, orm }, need, options = {}) {
    const { look, model, res_id } = need;
    if (need.action) {
        const additionalContext = need.action.context;
        return action.doAction(need.action.xml_id, { additionalContext, ...options });
    }
    const form = {
        type: "ir.actions.act_window",
        res_id,
        res_model: model,
        views: [[false, "form"]],
    };
    const opened = look.open && (await look.open(orm, res_id));
    return opened ? action.doAction(opened, options) : action.doAction(form);
}

/** Does what the button of an item says; some ask for more first. */
export async function pressNeed({ action, orm }, { button }, onClose) {
    const answer = await orm.call(button.model, button.method, [[button.id]]);
    return answer?.type ? action.doAction(answer, { onClose }) : onClose();
}

/** An entry opens where it is entered. */
function enter(orm, id) {
    return orm.call("kpi.entry.due", "action_enter", [[id]]);
}

homeNeeds
    .add("approval", { icon: "fa-gavel", word: _t("To approve") })
    .add("data", { icon: "fa-exclamation-triangle", word: _t("See the reasons") })
    .add("delivery", { icon: "fa-envelope-o", word: _t("See why and resend") })
    .add("due", { icon: "fa-calendar-o", word: _t("To enter"), open: enter })
    .add("job", { icon: "fa-cogs", word: _t("See why") })
    .add("leaver", { icon: "fa-user-times", word: _t("Transfer") })
    .add("name", { icon: "fa-clone", word: _t("Rename") })
    .add("overdue", { icon: "fa-clock-o", word: _t("To enter"), open: enter })
    .add("review", { icon: "fa-certificate", word: _t("Check and certify again") })
    .add("team", { icon: "fa-users", word: _t("See who and send reminders") });
