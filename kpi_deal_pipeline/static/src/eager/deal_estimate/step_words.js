import { _t } from "@web/core/l10n/translation";
import { registry } from "@web/core/registry";
import { plain } from "@kpi_base/eager/formatting/formatting";

/**
 * @param {Object} step as the server's `_prepare_step` makes it
 * @param {number} currencyId
 * @param {(amount: number, currencyId: number) => string} money
 * @returns {string} how far it is to where a plan pays more, and what that brings
 */
export function stepWords(step, currencyId, money) {
    const percent = (rate) =>
        registry.category("formatters").get("kpi_percentage")(rate, { digits: [5, 2] });
    const words = {
        plan: step.plan,
        limit: money(step.limit, currencyId),
        missing: money(step.missing, currencyId),
        gain: money(step.gain, currencyId),
    };
    if (step.kind === "accelerator") {
        return _t(
            "Another %(missing)s of value reaches the accelerator of %(plan)s above %(limit)s (further earnings × %(after)s) and earns %(gain)s.",
            {
                ...words,
                after: plain(step.after, 2),
            },
        );
    }
    return _t(
        "Another %(missing)s of value reaches the tier of %(plan)s above %(limit)s (%(after)s instead of %(before)s) and earns %(gain)s.",
        {
            ...words,
            after: percent(step.after),
            before: percent(step.before),
        },
    );
}
