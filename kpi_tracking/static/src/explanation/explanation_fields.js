import { Component } from "@odoo/owl";
import { _t } from "@web/core/l10n/translation";
import { registry } from "@web/core/registry";
import { useService } from "@web/core/utils/hooks";
import { deserializeDateTime, formatDateTime } from "@web/core/l10n/dates";
import { standardFieldProps } from "@web/views/fields/standard_field_props";

const number = new Intl.NumberFormat(undefined, { maximumFractionDigits: 6 });

/** Parts of a formula, inner ones first, each with its value. */
export class FormulaPartsField extends Component {
    static template = "kpi_tracking.FormulaParts";
    static props = { ...standardFieldProps };

    setup() {
        this.action = useService("action");
    }

    get parts() {
        return (this.props.record.data[this.props.name] || []).map((part) => ({
            ...part,
            shown: this.shownValue(part),
        }));
    }

    shownValue({ is_hidden: isHidden, value }) {
        if (isHidden) {
            return _t("not yours to see");
        }
        return value === null ? _t("no value") : number.format(value);
    }

    openReport(reportId) {
        this.action.doAction({
            type: "ir.actions.act_window",
            res_model: "kpi.report",
            res_id: reportId,
            views: [[false, "form"]],
        });
    }
}

/** What a value was before, latest change first. */
export class RevisionsField extends Component {
    static template = "kpi_tracking.Revisions";
    static props = { ...standardFieldProps };

    get revisions() {
        return (this.props.record.data[this.props.name] || []).map((revision) => ({
            ...revision,
            before: number.format(revision.old_value),
            after: revision.new_value === null ? _t("no value") : number.format(revision.new_value),
            moment: formatDateTime(deserializeDateTime(revision.replaced_at)),
        }));
    }
}

registry.category("fields").add("kpi_parts", {
    component: FormulaPartsField,
    displayName: _t("Parts of a formula"),
    supportedTypes: ["json"],
});
registry.category("fields").add("kpi_revisions", {
    component: RevisionsField,
    displayName: _t("Earlier values"),
    supportedTypes: ["json"],
});
