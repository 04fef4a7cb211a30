import { _t } from "@web/core/l10n/translation";
import { registry } from "@web/core/registry";
import { onDemand } from "@kpi_tracking/eager/on_demand/on_demand";
import { lastQuestions } from "./last_questions";

const BUNDLE = "kpi_tracking_language.assets_screens";
const NAMESPACE = "?";
const EXAMPLE = _t("Which KPIs are off track?"); // for who has not typed anything yet

registry
    .category("actions")
    .add("kpi_tracking_language.question", onDemand("kpi_tracking_language.Question", BUNDLE));

registry.category("command_setup").add(NAMESPACE, {
    emptyMessage: _t("Ask about your KPIs…"),
    name: _t("questions"),
    placeholder: _t("Ask about your KPIs…"),
});

registry
    .category("command_categories")
    .add("kpi_questions", { name: _t("Questions"), namespace: NAMESPACE }, { sequence: 10 });

/** What was typed after “?”, and earlier questions that hold it; an example before that. */
registry.category("command_provider").add("kpi_questions", {
    namespace: NAMESPACE,
    provide({ services }, { searchValue = "" }) {
        const text = searchValue.trim();
        const earlier = lastQuestions().filter(
            (each) => each !== text && each.toLowerCase().includes(text.toLowerCase()),
        );
        const offered = text ? [text, ...earlier] : [...earlier, EXAMPLE.toString()];
        return [...new Set(offered)].map((query) => ({
            category: "kpi_questions",
            name: text && query === text ? _t("Ask “%s”", query) : query,
            action: () =>
                services.action.doAction({
                    type: "ir.actions.client",
                    name: _t("Ask"),
                    params: { query },
                    tag: "kpi_tracking_language.question",
                    target: "new",
                }),
        }));
    },
});
