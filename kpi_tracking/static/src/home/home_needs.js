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

export const UNKNOWN_NEED = { icon: "fa-bell-o", word: _t("Alert") };

/** An entry opens where it is entered. */
function enter(orm, id) {
    return orm.call("kpi.entry.due", "action_enter", [[id]]);
}

homeNeeds
    .add("approval", { icon: "fa-gavel", word: _t("To approve") })
    .add("data", { icon: "fa-exclamation-triangle", word: _t("Each one says why") })
    .add("delivery", { icon: "fa-envelope-o", word: _t("See why, and send again") })
    .add("due", { icon: "fa-calendar-o", word: _t("To enter"), open: enter })
    .add("job", { icon: "fa-cogs", word: _t("See why") })
    .add("leaver", { icon: "fa-user-times", word: _t("Hand over") })
    .add("overdue", { icon: "fa-clock-o", word: _t("To enter"), open: enter })
    .add("review", { icon: "fa-certificate", word: _t("Check and certify again") })
    .add("team", { icon: "fa-users", word: _t("See whose, and remind them") });
