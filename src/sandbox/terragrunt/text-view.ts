import { applySentence, idOf, planSentence, VERB } from './json-view.ts';
import { type Change, countChanges } from './plan.ts';
import type { Output, View } from './view.ts';

const SYMBOL: Readonly<Record<Change['action'], string>> = {
  'no-op': ' ',
  create: '+',
  update: '~',
  delete: '-',
  replace: '-/+',
  forget: '.',
};

const SENTENCE: Readonly<Record<Change['action'], string>> = {
  'no-op': '',
  create: 'will be created',
  update: 'will be updated in-place',
  delete: 'will be destroyed',
  replace: 'must be replaced',
  forget: 'will be removed from the OpenTofu state but will not be destroyed',
};

/** Text for a person, without colour. Sensitive values are never printed. */
export function textView({ out, err }: Output): View {
  return {
    version: () => undefined,
    refreshed: (address, id) => out(`${address}: Refreshing state... [id=${id}]\n`),
    planned: (changes) => {
      const real = changes.filter((change) => change.action !== 'no-op');
      if (real.length === 0) {
        out(
          '\nNo changes. Your infrastructure matches the configuration.\n\nOpenTofu has compared your real infrastructure against your configuration and\nfound no differences, so no changes are needed.\n',
        );
        return;
      }
      out(
        '\nOpenTofu used the selected providers to generate the following execution\nplan. Resource actions are indicated with the following symbols:\n',
      );
      out('\nOpenTofu will perform the following actions:\n\n');
      for (const change of real) out(block(change));
    },
    planSummary: (changes, planFile) => {
      const counts = countChanges(changes);
      if (Object.values(counts).some((count) => count > 0)) out(`${planSentence(counts)}\n`);
      if (planFile === undefined) return;
      out(
        `\n${'─'.repeat(77)}\n\nSaved the plan to: ${planFile}\n\nTo perform exactly these actions, run the following command to apply:\n    tofu apply "${planFile}"\n`,
      );
    },
    applyStart: (change, action) => {
      const id = idOf(change);
      out(`${change.address}: ${VERB[action].doing}...${id === '' ? '' : ` [id=${id}]`}\n`);
    },
    applyDone: (change, action, id, seconds) =>
      out(`${change.address}: ${VERB[action].noun} complete after ${seconds}s${id === '' ? '' : ` [id=${id}]`}\n`),
    applyErrored: () => undefined,
    applySummary: (counts) => out(`\n${applySentence(counts)}\n`),
    log: (message) => out(`${message}\n`),
    lockWait: () => out('Acquiring state lock. This may take a few moments...\n'),
    diagnostic: ({ summary, detail, address }) => {
      const where = address === undefined ? [] : ['', `  with ${address},`];
      const lines = [`Error: ${summary}`, ...where, '', ...(detail === '' ? [] : detail.split('\n'))];
      err(`╷\n${lines.map((line) => `│ ${line}`.trimEnd()).join('\n')}\n╵\n`);
    },
  };
}

function block(change: Change): string {
  const { type, name, key } = change.resource;
  const label = `resource "${type}" "${name}"`;
  const fields = Object.entries(change.after ?? change.before?.attributes ?? {})
    .map(
      ([field, value]) =>
        `      ${SYMBOL[change.action]} ${field} = ${change.resource.sensitive.includes(field) ? '(sensitive value)' : JSON.stringify(value)}\n`,
    )
    .join('');
  const index = key === undefined ? '' : ` # ${key}`;
  return `  # ${change.address} ${SENTENCE[change.action]}\n  ${SYMBOL[change.action]} ${label} {${index}\n${fields}    }\n\n`;
}
