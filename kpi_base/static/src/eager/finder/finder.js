import { _t } from "@web/core/l10n/translation";
import { delay } from "@web/core/utils/concurrency";
import { registry } from "@web/core/registry";

const MIXIN = "kpi.findable.mixin";
const LEAST_LETTERS = 2;
const PAUSE = 250; // ms without a letter: somebody waits for an answer
let latest = "";

registry
    .category("command_categories")
    .add("kpi_records", { name: _t("Records") }, { sequence: 5 });

/** KPIs, dashboards and what else has a name of its own, as far as the user may read them. */
registry.category("command_provider").add("kpi_records", {
    async provide({ services }, { searchValue = "" }) {
        const text = searchValue.trim();
        latest = text;
        if (text.length < LEAST_LETTERS) {
            return [];
        }
        await delay(PAUSE);
        if (latest !== text) {
            return [];
        }
        const found = await services.orm.silent.call(MIXIN, "find_by_name", [text]);
        return found.map(({ id, kind, model, name }) => ({
            category: "kpi_records",
            name: `${name} (${kind})`,
            async action() {
                const action = await services.orm.call(model, "action_open_found", [[id]]);
                services.action.doAction(action);
            },
        }));
    },
});
