import { _t } from "@web/core/l10n/translation";
import { registry } from "@web/core/registry";
import { many2ManyBinaryField } from "@web/views/fields/many2many_binary/many2many_binary_field";

registry.category("fields").add("kpi_files", {
    ...many2ManyBinaryField,
    displayName: _t("Record files"),
    supportedTypes: ["one2many"],
});
