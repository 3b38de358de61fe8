import type { Step } from '../../../operation/step.ts';
import { readUsers } from '../../document.ts';
import type { WriteResult } from '../../edit.ts';
import { entryDiffers, planEdit, removeEntry, writeEntry } from '../../edit.ts';
import type { User } from '../../entry.ts';
import { type RuleFacts, withUsers } from '../../facts.ts';
import { checkRules, rulesError } from '../../rules.ts';
import type { AddContext } from '../request.ts';

/** The version of the document that the rules were checked against. */
type EditPayload = { readonly version: number };

/** What is left of the edit for the steps and the result behind it. */
export type EditMemory = { written: WriteResult | undefined };

/**
 * The edit of the users' document: compare-and-set on the version that was checked, read back, every other key equal.
 * `mayUndo` decides whether it may be taken back; it has to prove that nothing was built on it.
 */
export function editStep(
  context: AddContext,
  user: User,
  facts: RuleFacts,
  memory: EditMemory,
  mayUndo: () => Promise<{ readonly may: boolean; readonly because: string }>,
): Step<EditPayload> {
  const { clients, site } = context;
  const path = site.vault.users.path.value;
  const key = site.vault.users.key.value;
  return {
    id: 'edit',
    title: path,
    plan: async () => {
      const document = readUsers(await clients.vault.kvRead(path), site);
      const plan = planEdit(document, user);
      if (plan.state === 'different') throw entryDiffers(user, plan);
      const payload = { version: document.version };
      if (plan.state === 'same') {
        return { state: 'done', reason: `the entry is there (version ${document.version})`, actions: [], payload };
      }
      // Minutes may lie between the preflight and now, and the rules speak about everybody else's entries too.
      const violations = checkRules(user, withUsers(facts, document));
      if (violations.length > 0) throw rulesError(user.name, violations);
      const summary = `add ${user.name} to ${key}`;
      return {
        state: 'ready',
        actions: [{ kind: 'vault-kv', target: `${path} ${key}`, summary, diff: plan.diff, risk: 'write' }],
        payload,
      };
    },
    apply: async ({ payload }, run) => {
      const result = await writeEntry(clients, site, user, {
        checkedVersion: payload.version,
        recheck: async (document) => checkRules(user, withUsers(facts, document)),
        interrupt: run.interrupt,
      });
      memory.written = result;
      await run.note('entry-written', { version: result.version, entryText: result.entryText });
      return `version ${result.version}, read back, ${result.otherKeys} other keys unchanged`;
    },
    // Reading back is part of the write: a compare-and-set that cannot be read back is an error there.
    verify: async () => [],
    rollback: async (_planned, run) => {
      const { written } = memory;
      if (written === undefined || !written.written)
        return { outcome: 'kept', detail: 'this run did not write the entry' };
      const { may, because } = await mayUndo();
      if (!may) return { outcome: 'kept', detail: `the entry stays: ${because}` };
      const removed = await removeEntry(clients, site, user.name, written.entryText);
      await run.note('entry-removed', { version: removed.version });
      return { outcome: 'undone', detail: `the entry was taken back (version ${removed.version})` };
    },
  };
}
