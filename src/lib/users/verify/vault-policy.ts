import { parseHcl, strings } from '../../stacks/source/hcl-text.ts';
import type { ExpectedRule, SpecOf } from '../expected-object.ts';
import type { Outcome } from './outcome.ts';
import { absent, compared, unreadable } from './outcome.ts';
import type { Platform } from './platform.ts';

/** Paths that say something about the asking token only. */
const HARMLESS = new Set([
  'auth/token/lookup-self',
  'auth/token/renew-self',
  'auth/token/revoke-self',
  'sys/capabilities-self',
  'sys/internal/ui/mounts',
  'secret/metadata',
  'secret/metadata/',
]);

/** Rules of a policy: capabilities by path. Blocks for the same path add up, as they do in Vault. */
function rulesOf(text: string): {
  readonly rules: ReadonlyMap<string, ReadonlySet<string>>;
  readonly restricted: readonly string[];
} {
  const rules = new Map<string, ReadonlySet<string>>();
  const restricted: string[] = [];
  for (const block of parseHcl(text).blocks) {
    const path = block.type === 'path' ? (block.labels[0] ?? '').replace(/^\//, '') : block.type;
    rules.set(path, new Set([...(rules.get(path) ?? []), ...strings(block.body.attributes.get('capabilities'))]));
    const more =
      [...block.body.attributes.keys()].some((name) => name !== 'capabilities') || block.body.blocks.length > 0;
    if (more) restricted.push(path);
  }
  return { rules, restricted };
}

/** Compares what a policy grants, rule by rule; spacing, order and comments do not count. */
export async function verifyVaultPolicy(platform: Platform, spec: SpecOf<'vault-policy'>): Promise<Outcome> {
  const found = await platform.vault(`sys/policies/acl/${spec.name}`);
  if (found === undefined) return absent();
  if (typeof found.policy !== 'string') return unreadable('Vault did not send its text');
  const { rules, restricted } = rulesOf(found.policy);
  const expected = new Set(spec.rules.map((rule) => rule.path));
  const extra = [...rules.keys()].filter((path) => !expected.has(path) && !HARMLESS.has(path));
  return compared(
    [
      ...spec.rules.map((rule) => difference(rule, rules.get(rule.path))),
      ...restricted.map((path) => `${path} has conditions that the stack does not write`),
      extra.length === 0 ? undefined : `it grants ${extra.join(', ')} too`,
    ],
    `${rules.size} paths`,
  );
}

function difference(
  { path, needs, allows, optional }: ExpectedRule,
  found: ReadonlySet<string> | undefined,
): string | undefined {
  if (found === undefined) return optional === true ? undefined : `it lacks ${path}`;
  const missing = needs.filter((capability) => !found.has(capability));
  const extra = [...found].filter((capability) => !needs.includes(capability) && !allows.includes(capability));
  if (missing.length === 0 && extra.length === 0) return undefined;
  const parts = [
    ...(missing.length > 0 ? [`no ${missing.join(', ')}`] : []),
    ...(extra.length > 0 ? [`${extra.join(', ')} too`] : []),
  ];
  return `${path} has ${parts.join(' and ')}`;
}
