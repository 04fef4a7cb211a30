import { _t } from "@web/core/l10n/translation";
import { homeNeeds } from "@kpi_tracking/home/home_needs";

homeNeeds
    .add("deal_overdue", { icon: "fa-handshake-o", word: _t("To close or reschedule") })
    .add("deal_team_overdue", { icon: "fa-handshake-o", word: _t("To close or reschedule") })
    .add("deal_statement", { icon: "fa-file-text-o", word: _t("To acknowledge") });
