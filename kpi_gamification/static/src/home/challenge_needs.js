import { _t } from "@web/core/l10n/translation";
import { homeNeeds } from "@kpi_tracking/home/home_needs";

homeNeeds.add("challenge", { icon: "fa-flag-o", word: _t("Challenge") });
