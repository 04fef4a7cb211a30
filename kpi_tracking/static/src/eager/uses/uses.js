import { _t } from "@web/core/l10n/translation";

/** Names of those that use a KPI, and how many the reader may not see: one line. */
export function namesOfUsers({ items, hidden_count }) {
    const names = items.map(({ name }) => name);
    const hidden = hidden_count ? [_t("%s that you cannot access", hidden_count)] : [];
    return [...names, ...hidden].join(", ");
}

/** What uses a KPI, as `kpi.definition.get_uses` lists it, below a question. */
export function askInSpiteOf(question, uses) {
    if (!uses.length) {
        return question;
    }
    const lines = uses.map((each) => `${each.label}: ${namesOfUsers(each)}`);
    return [question, "", _t("Used in:"), ...lines].join("\n");
}
