import { Component, toRaw, useState } from "@odoo/owl";
import { AutoComplete } from "@web/core/autocomplete/autocomplete";
import { _t } from "@web/core/l10n/translation";
import { registry } from "@web/core/registry";
import { useService } from "@web/core/utils/hooks";
import { formatInteger } from "@web/views/fields/formatters";
import { standardFieldProps } from "@web/views/fields/standard_field_props";

const AT_ONCE = 200; // rows that one click adds

/** What a check of an import found: fixes, unknown names, rows with errors, and where the valid
 * rows go. */
export class ImportCheckField extends Component {
    static template = "kpi_base.ImportCheckField";
    static components = { AutoComplete };
    static props = { ...standardFieldProps };

    setup() {
        this.orm = useService("orm");
        this.page = null; // the one that `more` belongs to
        this.titles = {
            reason: _t("Reason"),
            record: _t("Imported to"),
            row: _t("Row"),
            rows: _t("Rows"),
        };
        this.state = useState({ isBusy: false, more: [] });
    }

    get data() {
        return this.props.record.data;
    }

    get check() {
        return this.data[this.props.name] || {};
    }

    get fixes() {
        return this.check.fixes || [];
    }

    /** Names for which rows are refused, each once. */
    get unknown() {
        return (this.check.unknown || []).map((name) => ({
            ...name,
            id: `${name.key} ${name.text}`,
            rowsText: name.rows === 1 ? _t("1 row") : _t("%s rows", number(name.rows)),
        }));
    }

    /** Names that are read as others, by this person or in an import before. */
    get mapped() {
        return (this.check.mapped || []).map((name) => ({
            ...name,
            id: `${name.key} ${name.text}`,
            sentence: _t("%(label)s: “%(text)s” is read as “%(other)s”", name),
        }));
    }

    get mapTitle() {
        return _t("Map to…");
    }

    /** What is offered while somebody types the name that is meant. */
    sourcesOf({ key, text }) {
        const options = async (term) => {
            const names = await this.orm.call("kpi.import", "search_names", [
                [this.props.record.resId],
                key,
                term,
            ]);
            return names.map((name) => ({
                label: name.label,
                onSelect: () => this.map({ key, text }, name.text),
            }));
        };
        return [{ options }];
    }

    /** Records that several rows make. */
    get combined() {
        return this.check.combined?.records || [];
    }

    get combinedTitle() {
        const { count } = this.check.combined;
        return count === 1
            ? _t("1 value from several rows")
            : _t("%s values from several rows", number(count));
    }

    get moreCombinedText() {
        const { count } = this.check.combined;
        return count > this.combined.length
            ? _t("First %(shown)s of %(count)s values.", {
                  count: number(count),
                  shown: this.combined.length,
              })
            : "";
    }

    get hasRefusedRecords() {
        return this.refused.some(({ record }) => record);
    }

    get refused() {
        return this.check.refused || [];
    }

    /** The first valid rows, and those that were asked for since this check. */
    get accepted() {
        const more = this.page === toRaw(this.check) ? this.state.more : [];
        return this.data.state === "failed" ? [] : [...(this.check.accepted || []), ...more];
    }

    get hasRecords() {
        return this.accepted.some(({ record }) => record);
    }

    get refusedTitle() {
        const count = this.data.refused_count;
        return count === 1 ? _t("1 row with errors") : _t("%s rows with errors", number(count));
    }

    get acceptedTitle() {
        const count = this.data.accepted_count;
        if (!this.data.is_check) {
            return count === 1 ? _t("1 imported row") : _t("%s imported rows", number(count));
        }
        return count === 1 ? _t("1 valid row") : _t("%s valid rows", number(count));
    }

    get hiddenText() {
        const { length: shown } = this.refused;
        const count = this.data.refused_count;
        return count > shown
            ? _t("First %(shown)s of %(count)s rows. See all under “Rows with Errors”.", {
                  count: number(count),
                  shown,
              })
            : "";
    }

    /** The button for the other valid rows; empty where all of them are there. */
    get moreText() {
        const count = this.data.accepted_count;
        const left = count - this.accepted.length;
        if (left <= 0 || !this.accepted.length) {
            return "";
        }
        return left <= AT_ONCE
            ? _t("Show all %s rows", number(count))
            : _t("Show %(next)s more of %(count)s rows", { count: number(count), next: AT_ONCE });
    }

    async showMore() {
        const page = toRaw(this.check);
        const known = this.accepted;
        this.state.isBusy = true;
        try {
            const rows = await this.orm.call("kpi.import", "get_accepted_rows", [
                [this.props.record.resId],
                known[known.length - 1].row,
            ]);
            const before = this.page === page ? this.state.more : [];
            this.page = page;
            this.state.more = [...before, ...rows];
        } finally {
            this.state.isBusy = false;
        }
    }

    fix({ key }) {
        return this.checkAgain("action_fix", [key]);
    }

    /** Read a name as another one in all rows. */
    map({ key, text }, other) {
        return this.checkAgain("action_map", [key, text, other]);
    }

    /** Read a name as what it is again. */
    unmap({ key, text }) {
        return this.checkAgain("action_unmap", [key, text]);
    }

    /** What was changed on the form goes first: the rows are checked with it. */
    async checkAgain(method, args) {
        const { record } = this.props;
        this.state.isBusy = true;
        try {
            if (await record.save({ reload: false })) {
                await this.orm.call("kpi.import", method, [[record.resId], ...args]);
                await record.load();
            }
        } finally {
            this.state.isBusy = false;
        }
    }
}

function number(count) {
    return formatInteger(count);
}

registry.category("lazy_components").add("kpi_base.ImportCheckField", ImportCheckField);
