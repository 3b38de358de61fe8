import type { TrustSubject } from '../site/addresses.ts';
import type { Plain, SettingRow } from '../site/settings.ts';
import type { Style } from './style.ts';
import { table } from './table.ts';
import { wrap } from './wrap.ts';

/** Every effective value with its source, and what is not trusted yet. The repository itself stands in the first line. */
export function configShowText(style: Style, rows: readonly SettingRow[], untrusted: readonly TrustSubject[]): string {
  const root = rows.find((row) => row.key === 'root');
  const rest = rows.filter((row) => row !== root);
  const out = root === undefined ? [] : [`${style.bold(String(root.value))}\n${style.dim(`  ${root.source}`)}`, ''];
  // The widest values are lists and addresses: they go last, so that they may wrap.
  const cells = rest.map((row) => [
    row.key,
    style.dim(row.source),
    row.value === undefined ? style.dim('not set') : shown(row.value),
  ]);
  const head = ['setting', 'from', 'value'].map((title) => style.bold(title));
  out.push(table(cells, { width: style.width, head }));
  if (untrusted.length > 0) {
    const keys = untrusted.map((one) => one.key).join(', ');
    out.push(
      '',
      wrap(`Not accepted on this machine yet, so no credential goes there: ${keys}.`, style.width),
      '  infra config trust',
    );
  }
  return out.join('\n');
}

function shown(value: Exclude<Plain, undefined>): string {
  if (typeof value !== 'object') return String(value);
  return value.length === 0 ? 'none' : value.join(' ');
}

/** The answer of `config check`. */
export function configCheckText(
  style: Style,
  file: string | undefined,
  warnings: readonly { readonly code: string; readonly message: string }[],
): string {
  const subject =
    file ?? 'There is no infra.yaml, and none is needed: what is effective is shown by infra config show.';
  if (warnings.length === 0) return file === undefined ? subject : `${style.mark('PASS')} ${file} is valid.`;
  const lines = warnings.map((one) =>
    wrap(`${style.mark('WARN')} ${one.message} ${style.dim(`(${one.code})`)}`, style.width, '', '  '),
  );
  return [file === undefined ? subject : `${file} is valid, with something to look at:`, ...lines].join('\n');
}

/** What is accepted and what is asked for. */
export function configTrustText(
  style: Style,
  subjects: readonly (TrustSubject & { readonly accepted: boolean })[],
  trustFile: string,
): string {
  if (subjects.length === 0)
    return 'This repository chooses no address, kubeconfig or runbook: there is nothing to accept.';
  const rows = subjects.map((one) => [
    style.mark(one.accepted ? 'PASS' : 'UNKNOWN'),
    one.key,
    `${one.subject}, from ${one.source}; gets ${one.what}${one.accepted ? '' : ' (not accepted)'}`,
  ]);
  return `${table(rows, { width: style.width })}\n${style.dim(`kept in ${trustFile}`)}`;
}
