import { registry } from "@web/core/registry";
import { RadioField, radioField } from "@web/views/fields/radio/radio_field";

const SUNDAY = 7;

/** Ends of a snooze, each at another moment: on a Sunday tomorrow is Monday. */
export class SnoozeField extends RadioField {
    get items() {
        const isSunday = luxon.DateTime.now().weekday === SUNDAY;
        return isSunday ? super.items.filter(([value]) => value !== "week") : super.items;
    }
}

registry.category("fields").add("kpi_alert_snooze", { ...radioField, component: SnoozeField });
