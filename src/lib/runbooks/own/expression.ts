import type { CelInput } from '@bufbuild/cel';
import type { Json } from '../../diagnosis/json.ts';

/** A CEL expression that was parsed; `evaluate` throws an Error with CEL's own words when it has no value. */
export type Expression = { readonly source: string; evaluate(evidence: Json): unknown };

/** Parses CEL. `problem` says what is wrong with an expression, or undefined. */
export type Cel = { compile(source: string): Expression; problem(source: string): string | undefined };

/**
 * CEL, the expression language of Kubernetes' own validation rules: no loops, no side effects, always ends. The library
 * is loaded here, when a site has runbooks of its own. Whole numbers are CEL ints.
 */
export async function loadCel(): Promise<Cel> {
  const [{ celEnv, isCelError, parse, plan }, { strings }] = await Promise.all([
    import('@bufbuild/cel'),
    import('@bufbuild/cel/ext'),
  ]);
  const environment = celEnv({ funcs: strings });
  return {
    compile(source) {
      const planned = plan(environment, parse(source));
      return {
        source,
        evaluate(evidence) {
          const value = planned({ evidence: celValue(evidence) });
          if (isCelError(value)) throw new Error(value.message);
          return value;
        },
      };
    },
    problem(source) {
      try {
        plan(environment, parse(source));
        return undefined;
      } catch (error) {
        return error instanceof Error ? error.message.replace(/^<input>:/, '') : 'it is no CEL';
      }
    },
  };
}

/** JSON numbers have one type, CEL's have two: what is whole becomes an int, so that `status == 200` and `size()` agree. */
function celValue(value: Json): CelInput {
  if (Array.isArray(value)) return value.map(celValue) as CelInput;
  if (typeof value === 'object' && value !== null) {
    return new Map(Object.entries(value).map(([key, item]) => [key, celValue(item as Json)])) as CelInput;
  }
  return (typeof value === 'number' && Number.isSafeInteger(value) ? BigInt(value) : value) as CelInput;
}

/** The parts of a text with `{{ CEL }}` in it: plain ones and expressions, in turn. */
export function templateParts(text: string): readonly { readonly plain?: string; readonly source?: string }[] {
  return text.split(/\{\{(.*?)\}\}/s).map((part, at) => (at % 2 === 0 ? { plain: part } : { source: part.trim() }));
}
