/** Values of a template: a text, several (its section is repeated), or nothing (its section is left out). */
export type TemplateValues = Readonly<Record<string, string | readonly string[] | undefined>>;

/**
 * Fills `{{key}}`, and keeps what stands between the lines `{{#key}}` and `{{/key}}` once for every value of the key.
 * A section does not hold another section of its own name. A key without a value outside its section is a defect of the
 * template and throws.
 */
export function fill(template: string, values: TemplateValues): string {
  const sections = template.replace(/^\{\{#(\w+)\}\}\n([\s\S]*?)^\{\{\/\1\}\}\n/gm, (_, key: string, inner: string) =>
    all(values[key])
      .map((value) => fill(inner, { ...values, [key]: value }))
      .join(''),
  );
  return sections.replace(/\{\{(\w+)\}\}/g, (_, key: string) => {
    const value = values[key];
    if (typeof value !== 'string') throw new Error(`The template names ${key}, which has no single value.`);
    return value;
  });
}

function all(value: TemplateValues[string]): readonly string[] {
  if (value === undefined) return [];
  return typeof value === 'string' ? [value] : value;
}
