import type { FindingCode } from './codes.ts';

/** Who writes a line. One data module each, in this folder. */
export const COMPONENTS = [
  'authentik-go',
  'authentik-rust',
  'authentik-server',
  'traefik',
  'auth-proxy',
  'pgbouncer',
  'postgresql',
  'postfix',
  'dovecot',
  'rspamd',
  'haproxy',
  'vault',
  'terraform',
  'kubernetes',
] as const;

/** Name of a component. */
export type Component = (typeof COMPONENTS)[number];

/**
 * Where in a line a pattern is looked for.
 * - `message`: what is said (`event`, `message`, `msg`, `@message`, `record.message`); of a line of text, the text.
 * - `error`: the reason (`error`, `err`, `exc`, `exception[].exc_value`); of a line of text, the text.
 * - `any`: both of them.
 * - `line`: the line as it was written, without prefixes and colour; for numbers and for keys.
 */
export type Where = 'message' | 'error' | 'any' | 'line';

/**
 * What a match stands for. `cause`: something is broken, and this line names it. `effect`: it follows from something
 * else, which `effectOf` names. `noise`: looks bad and means nothing. `good`: a sign of health or a fact worth knowing.
 */
export type SignatureKind = 'cause' | 'effect' | 'noise' | 'good';

/** A finding code that holds only when the text of the line, or one field of it, says more than the signature. */
export type Refinement = { readonly when: RegExp; readonly field?: string; readonly cause: FindingCode };

/** One line shape that is known, and what it means. Patterns are case-insensitive unless their flags say otherwise. */
export type Signature = {
  /** Stable: letters of the component, a number. */
  readonly id: string;
  readonly component: Component;
  readonly pattern: RegExp;
  readonly where: Where;
  /** Fields that must be there and fit; `unit` is the program that a prefix names. */
  readonly fields?: Readonly<Record<string, RegExp>>;
  /** A match of this anywhere in the line means that the signature does not hold. */
  readonly unless?: RegExp;
  /** Text that every match contains, when it cannot be read off the pattern. Lower case, one of them is enough. */
  readonly anchors?: readonly string[];
  readonly kind: SignatureKind;
  /** The finding; absent for noise, signs of health, and effects that name nothing by themselves. */
  readonly cause?: FindingCode;
  /** The first that holds replaces `cause`. */
  readonly refine?: readonly Refinement[];
  /** Ids of the signatures it follows from. Of a `cause` it means: an effect when one of them is in the same log. */
  readonly effectOf?: readonly string[];
  /** Id of the signature that ends it: what was ordinary for seconds at a start. */
  readonly endedBy?: string;
  /** Of a `cause`: so many lines a log and occasion are everyday life, and what the occasion is. */
  readonly ordinary?: { readonly upTo: number; readonly when: string };
  readonly meaning: string;
  /** What to type or to look at next. Absent for noise and signs of health. */
  readonly next?: string;
  /** Which versions write it; all when absent. */
  readonly versions?: string;
  /** The level it is written at, where that misleads. */
  readonly level?: string;
  /** Whole lines as they are written, with example hosts and addresses. */
  readonly samples: readonly string[];
  /** Who told: project and thread, or project and source file. `source only` where nobody has published a line. */
  readonly source: string;
};
