import { _t } from "@web/core/l10n/translation";
import { registry } from "@web/core/registry";
import { user } from "@web/core/user";
import { capitalize } from "@web/core/utils/strings";
import { DateTimeField, dateTimeField } from "@web/views/fields/datetime/datetime_field";
import { formatDateTime } from "@web/views/fields/formatters";
import {
    RemainingDaysField,
    remainingDaysField,
} from "@web/views/fields/remaining_days/remaining_days_field";
import { day } from "../formatting/formatting";
import { formatDay } from "../formatting/reader";

const { DateTime } = luxon;
// How far a day can be to be counted in words.
const MAX_COUNTED_DAYS = 7;
const zone = () => user.tz || "default";

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
    displayName: _t("Date and time in the user's time zone"),
    supportedTypes: ["datetime"],
});

/**
 * Days from today to a day or moment, in words up to a week (“In 3 days”), then the date.
 *
 * Both begin at midnight in the same zone. Always days: from November 30 to December 1 it is
 * tomorrow, not next month.
 */
export class KpiRemainingDaysField extends RemainingDaysField {
    get value() {
        const { name, record } = this.props;
        const keepLocalTime = record.fields[name].type === "date";
        return record.data[name] && record.data[name].setZone(zone(), { keepLocalTime });
    }

    get diffDays() {
        const today = DateTime.now().setZone(zone()).startOf("day");
        return this.value ? Math.round(this.value.startOf("day").diff(today, "days").days) : null;
    }

    get diffString() {
        if (this.diffDays === null) {
            return "";
        }
        if (Math.abs(this.diffDays) > MAX_COUNTED_DAYS) {
            return this.formattedValue;
        }
        return capitalize(this.value.toRelativeCalendar({ unit: "days" }));
    }

    get formattedValue() {
        return formatDay(this.value);
    }

    get numericValue() {
        return this.value ? day(this.value) : "";
    }
}

registry.category("fields").add("kpi_remaining_days", {
    ...remainingDaysField,
    component: KpiRemainingDaysField,
    displayName: _t("Remaining days in the user's time zone"),
});
