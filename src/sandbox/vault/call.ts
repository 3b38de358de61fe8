import type { Token, VaultState } from './state.ts';

/** What a request asks for, in Vault's words. */
export type Operation = 'read' | 'list' | 'update' | 'patch' | 'delete';

/** One request, authenticated and allowed. `path` is relative to the engine's mount, `full` begins with the mount. */
export type Call = {
  readonly state: VaultState;
  readonly operation: Operation;
  readonly path: string;
  readonly full: string;
  readonly query: URLSearchParams;
  readonly headers: Readonly<Record<string, string>>;
  /** The body as an object; empty when there was none. */
  readonly data: Readonly<Record<string, unknown>>;
  readonly token: Token;
  readonly method: string;
};

/** A string of the body, or undefined. Numbers and raw numbers count as text, as Vault's field parser has it. */
export function text(call: Call, key: string): string | undefined {
  const value = call.data[key];
  if (typeof value === 'string') return value;
  return typeof value === 'number' || typeof value === 'boolean' ? String(value) : undefined;
}

/** A list of strings of the body; a comma list is split. Undefined when the key is absent. */
export function list(call: Call, key: string): string[] | undefined {
  const value = call.data[key];
  if (Array.isArray(value)) return value.map(String);
  if (typeof value === 'string') return value === '' ? [] : value.split(',').map((part) => part.trim());
  return undefined;
}

/** A flag of the body; `"true"` counts. */
export function flag(call: Call, key: string): boolean | undefined {
  const value = call.data[key];
  return value === undefined ? undefined : value === true || value === 'true';
}

/** Seconds from `30m`, `1h`, `90` or a number. Undefined when absent or not a duration. */
export function seconds(value: unknown): number | undefined {
  if (typeof value === 'number') return value;
  if (typeof value !== 'string' || value === '') return undefined;
  if (/^\d+$/.test(value)) return Number(value);
  const parts = [...value.matchAll(/(\d+(?:\.\d+)?)(ms|s|m|h|d)/g)];
  if (parts.length === 0) return undefined;
  const unit: Readonly<Record<string, number>> = { ms: 0.001, s: 1, m: 60, h: 3600, d: 86_400 };
  return parts.reduce((sum, part) => sum + Number(part[1]) * (unit[part[2] ?? 's'] ?? 1), 0);
}
