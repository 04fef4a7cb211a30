import { _t } from "@web/core/l10n/translation";

/** How bad an alert is, as word, icon and color. */
export const SEVERITIES = {
    info: { icon: "fa-info-circle", word: _t("Information"), tone: "info" },
    warning: { icon: "fa-exclamation-triangle", word: _t("Warning"), tone: "warning" },
    critical: { icon: "fa-exclamation-circle", word: _t("Critical"), tone: "danger" },
    urgent: { icon: "fa-bolt", word: _t("Urgent"), tone: "danger" },
};
