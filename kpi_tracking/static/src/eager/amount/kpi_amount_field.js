import { _t } from "@web/core/l10n/translation";
import { registry } from "@web/core/registry";
import { formatFloat } from "@web/core/utils/numbers";
import { FloatField, floatField } from "@web/views/fields/float/float_field";
import {
    distance as formatDistance,
    exact as formatKpiExact,
    fixed as formatKpiRounded,
    unitSymbols,
} from "@kpi_base/eager/formatting/formatting";
import { unitOf, UNIT_FIELDS } from "../kpi_format/kpi_unit";

const DIGITS = 6;

/** A number in the unit of a KPI; left empty it is missing, not 0. With all the digits
 * that someone set, or with the option ``rounded`` those of the KPI; with ``distance`` it is
 * how far two values are apart: “42 k€”, “6.7 points”. */
export class KpiAmountField extends FloatField {
    static template = "kpi_tracking.KpiAmountField";
    static props = {
        ...FloatField.props,
        isDistance: { type: Boolean, optional: true },
        isRounded: { type: Boolean, optional: true },
    };

    get unit() {
        return unitOf(this.props.record.data);
    }

    /** Its name for screen readers where no label refers to it, as in lists. */
    get label() {
        const { id, name, record } = this.props;
        return id ? undefined : record.fields[name].string;
    }

    /** @override */
    parse(value) {
        return value.trim() ? super.parse(value) : false;
    }

    get formattedValue() {
        if (typeof this.value !== "number") {
            return "";
        }
        if (this.props.isDistance) {
            return formatDistance(this.value, this.unit);
        }
        if (this.props.isRounded) {
            return formatKpiRounded(this.value, this.unit);
        }
        return this.props.readonly
            ? formatKpiExact(this.value, this.unit)
            : formatFloat(this.value, { digits: [0, DIGITS], trailingZeros: false });
    }

    get symbols() {
        return unitSymbols(this.unit);
    }
}

registry.category("fields").add("kpi_amount", {
    ...floatField,
    component: KpiAmountField,
    displayName: _t("KPI amount"),
    fieldDependencies: UNIT_FIELDS,
    supportedOptions: [
        ...floatField.supportedOptions,
        { label: _t("Use KPI decimals"), name: "rounded", type: "boolean" },
        { label: _t("Distance of two values"), name: "distance", type: "boolean" },
    ],
    extractProps: (field, dynamic) => ({
        ...floatField.extractProps(field, dynamic),
        isDistance: Boolean(field.options.distance),
        isRounded: Boolean(field.options.rounded),
    }),
    isEmpty: (record, name) => typeof record.data[name] !== "number",
    listViewWidth: [110, 150],
});
