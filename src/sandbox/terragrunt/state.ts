import { randomUUID } from 'node:crypto';
import { mkdirSync, readFileSync, renameSync, writeFileSync } from 'node:fs';
import { dirname } from 'node:path';
import { Diagnosed } from './failure.ts';
import { addressOf, providerName, type StateResource } from './resource.ts';

/** The version that the stand-in says it is. */
export const TOFU_VERSION = '1.12.6';

/** A stack's state in memory, resources by address. */
export type State = {
  readonly serial: number;
  readonly lineage: string;
  readonly resources: ReadonlyMap<string, StateResource>;
  readonly outputs: Readonly<Record<string, Output>>;
};

/** A root output. */
export type Output = { readonly value: unknown; readonly type: unknown; readonly sensitive?: boolean };

/** A state that was never saved. */
export function newState(): State {
  return { serial: 0, lineage: randomUUID(), resources: new Map(), outputs: {} };
}

/** Reads a state file; undefined when there is none. Errors: Diagnosed for a file that is no state. */
export function readState(file: string): State | undefined {
  let text: string;
  try {
    text = readFileSync(file, 'utf8');
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'ENOENT') return undefined;
    throw error;
  }
  if (text.trim() === '') return undefined;
  return parseState(text);
}

/** The state in a file's text. Errors: Diagnosed. */
export function parseState(text: string): State {
  let parsed: FileFormat;
  try {
    parsed = JSON.parse(text) as FileFormat;
  } catch {
    throw new Diagnosed(
      'Unsupported state file format',
      'The state file could not be parsed as JSON: syntax error at byte offset 1.',
    );
  }
  if (parsed.version !== 4) {
    throw new Diagnosed(
      'Unsupported state file format',
      'The state file does not have a "version" attribute, which is required to identify the format version.',
    );
  }
  const resources = parsed.resources.flatMap((block) =>
    block.instances.map(
      (instance): StateResource => ({
        mode: block.mode,
        ...(block.module === undefined ? {} : { module: block.module }),
        type: block.type,
        name: block.name,
        ...(instance.index_key === undefined ? {} : { key: instance.index_key }),
        attributes: instance.attributes,
        sensitive: (instance.sensitive_attributes ?? []).map((path) => path[0]?.value ?? ''),
      }),
    ),
  );
  return {
    serial: parsed.serial,
    lineage: parsed.lineage,
    resources: new Map(resources.map((resource) => [addressOf(resource), resource])),
    outputs: parsed.outputs,
  };
}

/** The text of a state, format 4: indented as the file is, or on one line as `state pull` prints it. */
export function formatState(state: State, indent: 0 | 2 = 2): string {
  const blocks = new Map<string, Block>();
  for (const resource of state.resources.values()) {
    const { key: _key, ...unkeyed } = resource;
    const id = addressOf(unkeyed);
    const block: Block = blocks.get(id) ?? {
      ...(resource.module === undefined ? {} : { module: resource.module }),
      mode: resource.mode,
      type: resource.type,
      name: resource.name,
      provider: `provider["${providerName(resource.type)}"]`,
      instances: [],
    };
    block.instances.push({
      ...(resource.key === undefined ? {} : { index_key: resource.key }),
      schema_version: 0,
      attributes: resource.attributes,
      sensitive_attributes: resource.sensitive.map((value) => [{ type: 'get_attr', value }]),
    });
    blocks.set(id, block);
  }
  const file: FileFormat = {
    version: 4,
    terraform_version: TOFU_VERSION,
    serial: state.serial,
    lineage: state.lineage,
    outputs: state.outputs,
    resources: [...blocks.values()],
    check_results: null,
  };
  return `${JSON.stringify(file, undefined, indent)}\n`;
}

/** Saves a state by rename, as the backends do: a kill leaves the old or the new one. */
export function writeState(file: string, state: State): void {
  mkdirSync(dirname(file), { recursive: true });
  const temporary = `${file}.${process.pid}`;
  writeFileSync(temporary, formatState(state), { mode: 0o600 });
  renameSync(temporary, file);
}

type Block = {
  readonly module?: string;
  readonly mode: 'managed' | 'data';
  readonly type: string;
  readonly name: string;
  readonly provider: string;
  readonly instances: Instance[];
};

type Instance = {
  readonly index_key?: string;
  readonly schema_version: number;
  readonly attributes: Readonly<Record<string, unknown>>;
  readonly sensitive_attributes?: readonly { readonly type: string; readonly value: string }[][];
};

type FileFormat = {
  readonly version: number;
  readonly terraform_version: string;
  readonly serial: number;
  readonly lineage: string;
  readonly outputs: Readonly<Record<string, Output>>;
  readonly resources: readonly Block[];
  readonly check_results: null;
};
