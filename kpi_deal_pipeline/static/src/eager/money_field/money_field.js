import { Component } from "@odoo/owl";
import { getCurrency } from "@web/core/currency";
import { _t } from "@web/core/l10n/translation";
import { registry } from "@web/core/registry";
import { formatMonetary } from "@web/views/fields/formatters";
import { standardFieldProps } from "@web/views/fields/standard_field_props";
import { compact as formatKpi, isolate as fromLeft } from "@kpi_base/eager/formatting/formatting";

/** An amount in three significant digits: 1.83 M€. */
export function formatMoney(value, currencyId) {
    const decimals = value ? (getCurrency(currencyId)?.digits?.[1] ?? 2) : 0;
    return formatKpi(value, { kind: "currency", decimals, currencyId });
}

/** An amount with the digits of its currency: 1,829,000.00 €. */
export function formatMoneyExact(value, currencyId) {
    return fromLeft(formatMonetary(value, { currencyId }));
}

/** An amount on a card, in full on hover. */
export class MoneyField extends Component {
    static template = "kpi_deal_pipeline.MoneyField";
    static props = { ...standardFieldProps, currencyField: { type: String, optional: true } };

    get value() {
        return this.props.record.data[this.props.name];
    }

    get currencyId() {
        const { name, record } = this.props;
        const field = this.props.currencyField || record.fields[name].currency_field;
        return record.data[field || "currency_id"]?.id;
    }

    get text() {
        return typeof this.value === "number" ? formatMoney(this.value, this.currencyId) : "–";
    }

    get exact() {
        return typeof this.value === "number" ? formatMoneyExact(this.value, this.currencyId) : "";
    }
}

registry.category("fields").add("kpi_money", {
    component: MoneyField,
    displayName: _t("KPI money"),
    supportedTypes: ["monetary", "float"],
    supportedOptions: [
        {
            label: _t("Currency"),
            name: "currency_field",
            type: "field",
            availableTypes: ["many2one"],
        },
    ],
    isEmpty: () => false,
    extractProps: ({ options }) => ({ currencyField: options.currency_field }),
});
