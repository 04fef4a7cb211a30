import { _t } from "@web/core/l10n/translation";
import { registry } from "@web/core/registry";
import { binaryField } from "@web/views/fields/binary/binary_field";
import { domainField } from "@web/views/fields/domain/domain_field";
import { fieldSelectorField } from "@web/views/fields/field_selector/field_selector_field";
import { textField } from "@web/views/fields/text/text_field";
import { UNIT_FIELDS } from "../kpi_format/kpi_unit";
import { onDemand } from "./on_demand";

const NOTICE = [{ name: "records_notice", type: "char" }];

// Fields of single forms: what views ask of them; the components come when one is drawn.
registry
    .category("fields")
    .add("kpi_asked_period", {
        component: onDemand("kpi_tracking.KpiAskedPeriodField"),
        displayName: _t("KPI period"),
        supportedTypes: ["json"],
        fieldDependencies: [
            ...UNIT_FIELDS,
            { name: "is_running", type: "boolean" },
            { name: "period_label", type: "char" },
        ],
    })
    .add("kpi_band", {
        component: onDemand("kpi_tracking.KpiBandField"),
        displayName: _t("KPI figures"),
        supportedTypes: ["json"],
        isEmpty: () => false,
        fieldDependencies: UNIT_FIELDS,
    })
    .add("kpi_breakdown", {
        component: onDemand("kpi_tracking.KpiBreakdownField"),
        displayName: _t("KPI breakdown"),
        supportedTypes: ["json"],
        isEmpty: () => false,
        fieldDependencies: UNIT_FIELDS,
    })
    .add("kpi_color_zones", {
        component: onDemand("kpi_tracking.ColorZonesField"),
        displayName: _t("Color zones"),
        supportedTypes: ["text"],
        fieldDependencies: [{ name: "zone_unit", type: "selection", selection: [] }],
        isEmpty: () => false,
    })
    .add("kpi_domain", {
        ...domainField,
        component: onDemand("kpi_tracking.RecordsFilterField"),
        displayName: _t("Record filter"),
        fieldDependencies: NOTICE,
    })
    .add("kpi_filter", {
        component: onDemand("kpi_tracking.FilterField"),
        displayName: _t("Readable filter"),
        supportedTypes: ["json"],
    })
    .add("kpi_formula", {
        ...textField,
        component: onDemand("kpi_tracking.FormulaField"),
        displayName: _t("KPI formula"),
        supportedTypes: ["text"],
        fieldDependencies: [{ name: "formula_error_position", type: "json" }],
    })
    .add("kpi_formula_preview", {
        component: onDemand("kpi_tracking.FormulaPreviewField"),
        displayName: _t("KPI formula preview"),
        supportedTypes: ["json"],
        isEmpty: () => false,
        fieldDependencies: [
            ...UNIT_FIELDS,
            { name: "frequency", type: "selection", selection: [] },
        ],
    })
    .add("kpi_gauge_sample", {
        component: onDemand("kpi_tracking.GaugeSampleField"),
        displayName: _t("Gauge example"),
        supportedTypes: ["json"],
        isEmpty: () => false,
        extractProps: ({ viewType }) => ({ isCompact: viewType !== "form" }),
    })
    .add("kpi_model", {
        component: onDemand("kpi_tracking.KpiModelField"),
        displayName: _t("KPI records"),
        supportedTypes: ["char"],
        fieldDependencies: [{ name: "model_label", type: "char" }],
        extractProps: ({ placeholder }) => ({ placeholder }),
    })
    .add("kpi_parts", {
        component: onDemand("kpi_tracking.FormulaPartsField"),
        displayName: _t("Formula parts"),
        supportedTypes: ["json"],
    })
    .add("kpi_path", {
        ...fieldSelectorField,
        component: onDemand("kpi_tracking.RecordsPathField"),
        displayName: _t("Record field"),
        fieldDependencies: NOTICE,
    })
    .add("kpi_points", {
        component: onDemand("kpi_tracking.KpiPointsField"),
        displayName: _t("Points lost"),
        listViewWidth: 110,
        supportedTypes: ["float"],
        isEmpty: () => false,
    })
    .add("kpi_revisions", {
        component: onDemand("kpi_tracking.RevisionsField"),
        displayName: _t("Earlier values"),
        supportedTypes: ["json"],
        fieldDependencies: UNIT_FIELDS,
    })
    .add("kpi_score", {
        component: onDemand("kpi_tracking.KpiScoreField"),
        displayName: _t("Scorecard figure"),
        supportedTypes: ["float"],
        isEmpty: () => false,
        fieldDependencies: [{ name: "counted_weight", type: "float" }],
    })
    .add("kpi_read_file", {
        ...binaryField,
        component: onDemand("kpi_tracking.ReadFileField"),
        displayName: _t("Auto-read file"),
        extractProps: (info, dynamicInfo) => ({
            ...binaryField.extractProps(info, dynamicInfo),
            button: info.options.button,
        }),
    })
    .add("kpi_source_choice", {
        component: onDemand("kpi_tracking.SourceChoiceField"),
        displayName: _t("Source of a KPI"),
        supportedTypes: ["selection"],
        isEmpty: () => false,
    })
    .add("kpi_target_from", {
        component: onDemand("kpi_tracking.TargetFromField"),
        displayName: _t("Period from which a target is valid"),
        supportedTypes: ["date"],
        fieldDependencies: [{ name: "setting", type: "json" }],
    })
    .add("kpi_target_setting", {
        component: onDemand("kpi_tracking.TargetSettingField"),
        displayName: _t("Suggestions and preview of a target"),
        supportedTypes: ["json"],
        isEmpty: () => false,
        fieldDependencies: [
            ...UNIT_FIELDS,
            { name: "date_from", type: "date" },
            { name: "earlier_count", type: "integer" },
            { name: "judges_earlier", type: "boolean" },
            { name: "range_high", type: "float" },
            { name: "range_low", type: "float" },
            { name: "value", type: "float" },
        ],
    })
    .add("kpi_trend", {
        component: onDemand("kpi_tracking.KpiTrendField"),
        displayName: _t("Scorecard trend"),
        listViewWidth: 130,
        supportedTypes: ["float"],
        isEmpty: () => false,
        fieldDependencies: [{ name: "has_trend", type: "boolean" }],
    });
