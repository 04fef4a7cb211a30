import { _t } from "@web/core/l10n/translation";
import { homeNeeds } from "@kpi_tracking/home/home_needs";

homeNeeds.add("alert", { icon: "fa-bell-o", word: _t("Acknowledge, snooze or resolve") });
