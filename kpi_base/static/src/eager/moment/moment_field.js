import { _t } from "@web/core/l10n/translation";
import { registry } from "@web/core/registry";
import { user } from "@web/core/user";
import { DateTimeField, dateTimeField } from "@web/views/fields/datetime/datetime_field";
import { formatDateTime } from "@web/views/fields/formatters";

/** A moment in the zone of the user's preferences, as texts of the server beside it. */
export class KpiMomentField extends DateTimeField {
    getFormattedValue(valueIndex, numeric = this.props.numeric) {
        const value = this.values[valueIndex];
        const { showSeconds, showTime } = this.props;
        const options = { numeric, showSeconds, showTime, tz: user.tz };
        return value ? formatDateTime(value, options) : "";
    }
}

registry.category("fields").add("kpi_moment", {
    ...dateTimeField,
    component: KpiMomentField,
    displayName: _t("Moment in the user's zone"),
    supportedTypes: ["datetime"],
});
