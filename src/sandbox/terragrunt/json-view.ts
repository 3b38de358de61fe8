import { type Change, countChanges } from './plan.ts';
import { addressOf, providerOf } from './resource.ts';
import { TOFU_VERSION } from './state.ts';
import type { ApplyAction, Output, View } from './view.ts';

/** JSON lines as `-json` gives them, one message a line on stdout. */
export function jsonView({ out }: Output): View {
  const line = (level: 'info' | 'error', message: string, type: string, rest: Record<string, unknown> = {}) =>
    out(
      `${JSON.stringify({ '@level': level, '@message': message, '@module': 'tofu.ui', '@timestamp': stamp(), ...rest, type })}\n`,
    );
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
        const reason =
          change.reason === undefined ? {} : { reason: change.reason.replace(/^(replace|delete)_because_/, '') };
        line('info', `${change.address}: Plan to ${action}`, 'planned_change', {
          change: { resource: describe(change), action, ...reason },
        });
      }
    },
    planSummary: (changes) => {
      const { add, change, remove } = countChanges(changes);
      line('info', `Plan: ${add} to add, ${change} to change, ${remove} to destroy.`, 'change_summary', {
        changes: { add, change, import: 0, remove, operation: 'plan' },
      });
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
    applySummary: ({ add, change, remove }) => {
      line(
        'info',
        `Apply complete! Resources: ${add} added, ${change} changed, ${remove} destroyed.`,
        'change_summary',
        {
          changes: { add, change, import: 0, remove, operation: 'apply' },
        },
      );
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
