import { _t } from "@web/core/l10n/translation";
import { homeNeeds } from "@kpi_tracking/home/home_needs";

homeNeeds.add("coaching", { icon: "fa-user-o", word: _t("Coaching") });
