import { Component, useEffect, useRef } from "@odoo/owl";
import { registry } from "@web/core/registry";
import { formatFloat } from "@web/views/fields/formatters";
import { parseFloat } from "@web/views/fields/parsers";
import { standardFieldProps } from "@web/views/fields/standard_field_props";

/** An input with suggestions; what is being typed in it is never overwritten. */
class OptionInput extends Component {
    static template = "kpi_base.ImportOptionInput";
    static props = {
        id: String,
        mode: String,
        text: String,
        suggestions: { type: Array, optional: true },
        onChange: Function,
    };

    setup() {
        this.input = useRef("input");
        useEffect(() => {
            const { el } = this.input;
            if (el !== document.activeElement) {
                el.value = this.props.text;
            }
        });
    }
}

/**
 * What the target of an import asks for (`asked_options`, as `TargetOption` says it), each
 * drawn by its kind; an option that needs another stays away while that is off.
 */
export class ImportOptionsField extends Component {
    static template = "kpi_base.ImportOptionsField";
    static components = { OptionInput };
    static props = { ...standardFieldProps };

    setup() {
        this.changed = {}; // options whose updates the form has not yet taken
    }

    get given() {
        return { ...this.props.record.data[this.props.name], ...this.changed };
    }

    get options() {
        const asked = this.props.record.data.asked_options || [];
        const values = Object.fromEntries(
            asked.map(({ key, default: usual }) => [key, this.given[key] ?? usual]),
        );
        return asked
            .filter(({ needs }) => !needs || values[needs])
            .map((option) => ({
                ...option,
                id: `${this.props.id || this.props.name}_${option.key}`,
                value: values[option.key],
            }));
    }

    /** The label of the choice, for who only reads. */
    chosenLabel({ choices, value }) {
        return choices.find(([key]) => key === value)?.[1] || "";
    }

    async onChange(option, target) {
        const value = this.readers[option.kind](target, option);
        this.changed = { ...this.changed, [option.key]: value };
        const { changed } = this;
        await this.props.record.update({ [this.props.name]: this.given });
        if (this.changed === changed) {
            this.changed = {};
        }
    }

    /** A number or text as the reader writes it. */
    written({ kind, value }) {
        return kind === "number" && value !== null
            ? formatFloat(value, { trailingZeros: false })
            : (value ?? "");
    }

    /** What an input holds, by kind; null is as usual. */
    get readers() {
        return {
            boolean: (input) => input.checked,
            choice: (select, { choices }) => choices[select.value]?.[0] ?? null,
            number: (input, { value }) => this.parsed(input.value, value),
            text: (input) => input.value,
        };
    }

    /** What is no number leaves the option as it was. */
    parsed(text, before) {
        try {
            return text.trim() === "" ? null : parseFloat(text);
        } catch {
            return before;
        }
    }
}

registry.category("lazy_components").add("kpi_base.ImportOptionsField", ImportOptionsField);
