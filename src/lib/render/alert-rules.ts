import type { AlertRule } from '../diagnosis/cause.ts';

/** Rules for Prometheus, as a file of its own. Strings are quoted as JSON, which YAML reads the same. */
export function alertRulesYaml(subject: string, rules: readonly AlertRule[]): string {
  if (rules.length === 0) return `# No rule of infra's covers what was found for ${subject}.`;
  const unique = [...new Map(rules.map((rule) => [rule.alert, rule])).values()];
  return [
    'groups:',
    `  - name: infra-${subject}`,
    '    rules:',
    ...unique.flatMap((rule) => [
      `      - alert: ${rule.alert}`,
      `        expr: ${JSON.stringify(rule.expr)}`,
      `        for: ${rule.for}`,
      '        labels:',
      `          severity: ${rule.severity}`,
      '        annotations:',
      `          summary: ${JSON.stringify(rule.summary)}`,
    ]),
  ].join('\n');
}
