import { Component, onWillStart, onWillUpdateProps, useState } from "@odoo/owl";
import { Domain } from "@web/core/domain";
import { Expression } from "@web/core/tree_editor/condition_tree";
import { _t } from "@web/core/l10n/translation";
import { registry } from "@web/core/registry";
import { useService } from "@web/core/utils/hooks";
import { deserializeDateTime } from "@web/core/l10n/dates";
import { standardFieldProps } from "@web/views/fields/standard_field_props";
import {
    exact as formatKpiExact,
    full as formatKpiFull,
    fixed as formatKpiRounded,
} from "@kpi_base/eager/formatting/formatting";
import { unitOf } from "@kpi_tracking/eager/kpi_format/kpi_unit";
import { formatMoment } from "@kpi_base/eager/formatting/reader";

const NO_UNIT = { kind: "number", decimals: 0 };
const NAME = 5; // of the expressions that Odoo parses
const RELATIVE = /^(today|now|[+-])/;

/** A filter in words, as Odoo's own dialogs put it. */
export class FilterField extends Component {
    static template = "kpi_tracking.Filter";
    static props = { ...standardFieldProps };

    setup() {
        this.treeProcessor = useService("tree_processor");
        this.state = useState({ text: "" });
        onWillStart(() => this.load(this.props));
        onWillUpdateProps((nextProps) => this.load(nextProps));
    }

    async load({ name, record }) {
        const { domain, model } = record.data[name] || {};
        if (!model) {
            return;
        }
        const tree = await this.treeProcessor.treeFromDomain(model, new Domain(domain));
        const description = withRelativeDates(tree);
        this.state.text = await this.treeProcessor.getDomainTreeDescription(model, description);
    }
}

/** “today -30d” stays as it is written: Odoo would read it as an invalid date. */
function withRelativeDates(tree) {
    if (tree.children) {
        return { ...tree, children: tree.children.map(withRelativeDates) };
    }
    if (tree.value?.type) {
        return { ...tree, value: withRelativeDates(tree.value) };
    }
    const isRelative = typeof tree.value === "string" && RELATIVE.test(tree.value);
    return isRelative
        ? { ...tree, value: new Expression({ type: NAME, value: tree.value }) }
        : tree;
}

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

    shownValue({ is_hidden: isHidden, unit, value }) {
        if (isHidden) {
            return _t("no access");
        }
        if (value === null) {
            return _t("no value");
        }
        return unit ? formatKpiRounded(value, unit) : formatKpiExact(value, NO_UNIT);
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

/** Earlier values, latest change first. */
export class RevisionsField extends Component {
    static template = "kpi_tracking.Revisions";
    static props = { ...standardFieldProps };

    get revisions() {
        const unit = unitOf(this.props.record.data);
        return (this.props.record.data[this.props.name] || []).map((revision) => ({
            ...revision,
            ...changeTexts(revision, unit),
            moment: formatMoment(deserializeDateTime(revision.replaced_at)),
            why: [revision.cause_text, revision.replaced_by, revision.reason]
                .filter(Boolean)
                .join(" · "),
        }));
    }
}

/** Both values as far as people read them, with all digits where only those differ. */
function changeTexts({ new_value: now, old_value: settled }, unit) {
    if (now === null) {
        return { before: formatKpiFull(settled, unit), after: _t("no value") };
    }
    const texts = [formatKpiFull, formatKpiExact].map((format) => ({
        before: format(settled, unit),
        after: format(now, unit),
    }));
    return texts.find(({ after, before }) => after !== before) || texts[0];
}

registry
    .category("lazy_components")
    .add("kpi_tracking.FilterField", FilterField)
    .add("kpi_tracking.FormulaPartsField", FormulaPartsField)
    .add("kpi_tracking.RevisionsField", RevisionsField);
