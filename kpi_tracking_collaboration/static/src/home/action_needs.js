import { _t } from "@web/core/l10n/translation";
import { homeNeeds } from "@kpi_tracking/home/home_needs";

homeNeeds.add("action", { icon: "fa-check-square-o", word: _t("Action to do") });
