import { anchorsOf } from '../signatures/anchor.ts';
import { CATALOGUE } from '../signatures/catalogue.ts';
import type { FindingCode } from '../signatures/codes.ts';
import type { Component, Signature } from '../signatures/signature.ts';
import { type Automaton, makeAutomaton, type Needle } from './automaton.ts';
import type { LogLine } from './line.ts';

/** Bits that a line collects while its bytes pass: what it may be, before anybody reads it. */
export const MARK = { suspicious: 1, request: 2, trace: 4, debug: 8, info: 16 } as const;

/** Beginnings of what looks like an error; a line with none of these and no known text is not read at all. */
const SUSPICIOUS = [
  ...['error:', 'error ', 'error"', 'error=', 'error]', 'error,', 'error.', 'errors', 'error\\', 'err=', '"err"'],
  ...['fatal', 'panic', 'exception', 'traceback', 'fail', 'warn', ' wrn ', ' err ', ' ftl ', 'emerg', 'critical'],
  ...['alert', 'refused', 'denied', 'timed out', 'unreachable', 'no space left', 'killed', 'forbidden', 'unauthorized'],
  ...['cannot ', 'unable to', 'segfault', 'oom-', '"status":5', '"status": 5', '"downstreamstatus":5', 'abort'],
  ...['crash', 'corrupt', 'deadlock', 'rejected', 'deferred', 'bounced'],
];
const REQUEST = ['"requestmethod"', '"method":"', '"method": "', '" 200 ', '" 204 ', '" 301 ', '" 302 ', '" 304 '];
const LEVEL_MARKS: readonly (readonly [number, readonly string[]])[] = [
  [MARK.trace, ['"trace"', ' trc ', '=trace']],
  [MARK.debug, ['"debug"', ' dbg ', '[debug', '=debug']],
  [MARK.info, ['"info"', ' inf ', '[info', '=info', ' log:', ' log ']],
];

/** Signatures made ready to scan with. Cheap to make (milliseconds), free of state: make one and share it. */
export type SignatureSet = {
  readonly signatures: readonly Signature[];
  readonly automaton: Automaton;
};

/** Which signatures: of these components, or these ids; both together add up. All when absent. */
export type Selection = { readonly components?: readonly Component[]; readonly ids?: readonly string[] };

/** Makes a set of signatures ready to scan with. An id that nobody knows is our defect. */
export function compileSignatures(selection?: Selection, from: readonly Signature[] = CATALOGUE): SignatureSet {
  const { components = [], ids = [] } = selection ?? {};
  const unknown = ids.find((id) => !from.some((signature) => signature.id === id));
  if (unknown !== undefined) throw new Error(`no signature ${unknown}`);
  const signatures =
    selection === undefined
      ? from
      : from.filter(({ id, component }) => ids.includes(id) || components.includes(component));
  const needle =
    (bits: number) =>
    (text: string): Needle => ({ text, bits, id: -1 });
  const automaton = makeAutomaton([
    ...signatures.flatMap((signature, id) => anchorsOf(signature).map((text) => ({ text, bits: 0, id }))),
    ...SUSPICIOUS.map(needle(MARK.suspicious)),
    ...REQUEST.map(needle(MARK.request)),
    ...LEVEL_MARKS.flatMap(([bits, texts]) => texts.map(needle(bits))),
  ]);
  return { signatures, automaton };
}

/** How much of a text a pattern is tried on: a reason stands at the beginning, and time must not grow with a line. */
const LOOKED_AT = 16 * 1024;

function textFor(where: Signature['where'], line: LogLine): string {
  if (where === 'line') return line.text;
  if (where === 'message') return line.message;
  if (where === 'error') return line.error ?? (line.isStructured ? '' : line.text);
  if (!line.isStructured) return line.text;
  return line.error === undefined ? line.message : `${line.message}\n${line.error}`;
}

/** The finding that a signature makes of a line: its cause, if it names one. Undefined when it does not match. */
export function matchLine(
  signature: Signature,
  line: LogLine,
): { readonly cause: FindingCode | undefined } | undefined {
  const { pattern, where, fields = {}, unless, refine = [], cause } = signature;
  if (!pattern.test(textFor(where, line).slice(0, LOOKED_AT))) return undefined;
  for (const [key, wanted] of Object.entries(fields)) {
    if (!wanted.test(line.fields.get(key) ?? '')) return undefined;
  }
  if (unless?.test(line.text)) return undefined;
  const refined = refine.find(({ when, field }) =>
    when.test(field === undefined ? line.text : (line.fields.get(field) ?? '')),
  );
  return { cause: refined?.cause ?? cause };
}
