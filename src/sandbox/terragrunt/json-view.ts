import { type Change, countChanges } from './plan.ts';
import { addressOf, providerOf } from './resource.ts';
import { TOFU_VERSION } from './state.ts';
import type { ApplyAction, Counts, Output, View } from './view.ts';

/** JSON lines as `-json` gives them, one message a line on stdout. */
export function jsonView({ out }: Output): View {
  const line = (
    level: 'info' | 'warn' | 'error',
    message: string,
    type: string,
    rest: Record<string, unknown> = {},
  ) => {
    const head = { '@level': level, '@message': message, '@module': 'tofu.ui', '@timestamp': stamp() };
    const fields = Object.entries({ ...rest, type }).sort(([one], [other]) => (one < other ? -1 : 1));
    out(`${JSON.stringify({ ...head, ...Object.fromEntries(fields) })}\n`);
  };
  return {
    version: () => line('info', `OpenTofu ${TOFU_VERSION}`, 'version', { tofu: TOFU_VERSION, ui: '1.2' }),
    refreshed: (address, id) => {
      const hook = { resource: resourceOf(address), id_key: 'id', id_value: id };
      line('info', `${address}: Refreshing state... [id=${id}]`, 'refresh_start', { hook });
      line('info', `${address}: Refresh complete [id=${id}]`, 'refresh_complete', { hook });
    },
    planned: (changes) => {
      for (const change of changes) {
        if (change.action === 'no-op') continue;
        const action = change.action === 'forget' ? 'remove' : change.action;
        const reason = change.reason === undefined ? {} : { reason: change.reason.replace(/^replace_because_/, '') };
        line('info', `${change.address}: Plan to ${action}`, 'planned_change', {
          change: { resource: describe(change), action, ...reason },
        });
      }
    },
    planSummary: (changes) => {
      const counts = countChanges(changes);
      line('info', planSentence(counts), 'change_summary', { changes: { ...ordered(counts), operation: 'plan' } });
      for (const { address } of changes.filter((change) => change.action === 'forget')) {
        const detail = `After this plan is applied, the resource ${address} will not be managed anymore by OpenTofu.\n\nIn case you want to manage the resource again, you will have to import it.`;
        const summary = 'Resource will be removed from the state';
        line('warn', `Warning: ${summary}`, 'diagnostic', { diagnostic: { severity: 'warning', summary, detail } });
      }
    },
    applyStart: (change, action) => {
      const id = idOf(change);
      line('info', `${change.address}: ${VERB[action].doing}...${id === '' ? '' : ` [id=${id}]`}`, 'apply_start', {
        hook: { resource: describe(change), action, ...(id === '' ? {} : { id_key: 'id', id_value: id }) },
      });
    },
    applyDone: (change, action, id, seconds) => {
      line(
        'info',
        `${change.address}: ${VERB[action].noun} complete after ${seconds}s${id === '' ? '' : ` [id=${id}]`}`,
        'apply_complete',
        {
          hook: {
            resource: describe(change),
            action,
            ...(id === '' ? {} : { id_key: 'id', id_value: id }),
            elapsed_seconds: seconds,
          },
        },
      );
    },
    applyErrored: (change, action, seconds) => {
      line('info', `${change.address}: ${VERB[action].noun} errored after ${seconds}s`, 'apply_errored', {
        hook: { resource: describe(change), action, elapsed_seconds: seconds },
      });
    },
    applySummary: (counts) => {
      line('info', applySentence(counts), 'change_summary', { changes: { ...ordered(counts), operation: 'apply' } });
      line('info', 'Outputs: 0', 'outputs', { outputs: {} });
    },
    log: (message) => line('info', message, 'log'),
    lockWait: () => line('info', 'Acquiring state lock. This may take a few moments...', 'state_lock_acquire'),
    diagnostic: ({ summary, detail, address }) =>
      line('error', `Error: ${summary}`, 'diagnostic', {
        diagnostic: { severity: 'error', summary, detail, ...(address === undefined ? {} : { address }) },
      }),
  };
}

/** `Plan: 1 to add, …`. */
export function planSentence({ add, change, remove, forget }: Counts): string {
  return `Plan: ${add} to add, ${change} to change, ${remove} to destroy${forget > 0 ? `, ${forget} to forget` : ''}.`;
}

/** `Apply complete! …`. */
export function applySentence({ add, change, remove, forget }: Counts): string {
  const forgotten = forget > 0 ? `, ${forget} forgotten` : '';
  return `Apply complete! Resources: ${add} added, ${change} changed, ${remove} destroyed${forgotten}.`;
}

/** How an action is put into words. */
export const VERB: Readonly<Record<ApplyAction, { readonly doing: string; readonly noun: string }>> = {
  create: { doing: 'Creating', noun: 'Creation' },
  update: { doing: 'Modifying', noun: 'Modifications' },
  delete: { doing: 'Destroying', noun: 'Destruction' },
  forget: { doing: 'Removing', noun: 'Removal' },
};

/** The id that a resource had before, or nothing. */
export function idOf(change: Change): string {
  const id = change.before?.attributes.id;
  return typeof id === 'string' ? id : '';
}

function ordered({ add, change, remove, forget }: Counts): Record<string, number> {
  return { add, change, import: 0, remove, forget };
}

function describe(change: Change): Record<string, unknown> {
  const { module, type, name, key } = change.resource;
  return {
    addr: change.address,
    module: module ?? '',
    resource: addressOf({ type, name, ...(key === undefined ? {} : { key }) }),
    implied_provider: providerOf(type),
    resource_type: type,
    resource_name: name,
    resource_key: key ?? null,
  };
}

/** The parts of an address; modules may have keys. */
function resourceOf(address: string): Record<string, unknown> {
  const match = /^((?:module\.[^.[]+(?:\["[^"]*"\])?\.)*)(\w+)\.(\w+)(?:\["([^"]*)"\])?$/.exec(address);
  const [, module = '', type = '', name = '', key] = match ?? [];
  return {
    addr: address,
    module: module.replace(/\.$/, ''),
    resource: address.slice(module.length),
    implied_provider: providerOf(type),
    resource_type: type,
    resource_name: name,
    resource_key: key ?? null,
  };
}

function stamp(): string {
  return new Date().toISOString().replace('Z', '000Z');
}
