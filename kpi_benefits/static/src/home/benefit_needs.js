import { _t } from "@web/core/l10n/translation";
import { homeNeeds } from "@kpi_tracking/home/home_needs";

homeNeeds.add("assumption", { icon: "fa-question-circle-o", word: _t("Assumption check") });
