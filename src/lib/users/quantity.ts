/** Powers of ten in units of 10^-9, and powers of two: the suffixes of Kubernetes quantities (resource.Quantity). */
const DECIMAL: Readonly<Record<string, number>> = { n: 0, u: 3, m: 6, '': 9, k: 12, M: 15, G: 18, T: 21, P: 24, E: 27 };
const BINARY: Readonly<Record<string, number>> = { Ki: 10, Mi: 20, Gi: 30, Ti: 40, Pi: 50, Ei: 60 };
const FORM = /^([0-9]+)(?:\.([0-9]*))?(Ki|Mi|Gi|Ti|Pi|Ei|n|u|m|k|M|G|T|P|E|[eE][+-]?[0-9]{1,2})?$/;

/**
 * The size of a Kubernetes quantity in units of 10^-9, rounded up as the API server does; undefined when it is none or
 * negative. `1`, `1000m` and `1.0` are the same quantity.
 */
function quantityNanos(text: string): bigint | undefined {
  const [, whole, fraction = '', suffix = ''] = FORM.exec(text) ?? [];
  if (whole === undefined || text.length > 40) return undefined;
  const digits = BigInt(whole + fraction);
  const binary = BINARY[suffix];
  const power = binary === undefined ? (DECIMAL[suffix] ?? Number(suffix.slice(1)) + 9) : 9;
  const scaled = binary === undefined ? digits : digits << BigInt(binary);
  const shift = power - fraction.length;
  if (shift >= 0) return scaled * 10n ** BigInt(shift);
  const divisor = 10n ** BigInt(-shift);
  return (scaled + divisor - 1n) / divisor;
}

/** True when both are quantities of the same size. */
export function sameQuantity(a: string, b: string): boolean {
  const size = quantityNanos(a);
  return size !== undefined && size === quantityNanos(b);
}

/** Bytes of a quantity of memory (`64Mi`), rounded up; undefined when it is no quantity. */
export function quantityBytes(text: string): number | undefined {
  const size = quantityNanos(text);
  return size === undefined ? undefined : Number((size + ONE - 1n) / ONE);
}

const ONE = 10n ** 9n;

/** What is wrong with a quantity of CPU (`2`, `500m`), or undefined. */
export function cpuProblem(text: string): string | undefined {
  const size = quantityNanos(text);
  if (size === undefined) return `is not a Kubernetes quantity such as 2 or 500m`;
  if (size === 0n) return 'is zero: no pod could start';
  if (size % (ONE / 1000n) !== 0n) return 'is finer than 1m, which Kubernetes does not schedule';
  if (size > 100_000n * ONE) return 'is more CPU than any cluster has: is the unit right?';
  return undefined;
}

/** What is wrong with a quantity of memory (`4Gi`, `512Mi`), or undefined. */
export function memoryProblem(text: string): string | undefined {
  const size = quantityNanos(text);
  if (size === undefined) return `is not a Kubernetes quantity such as 4Gi or 512Mi`;
  if (size % ONE !== 0n) return 'is a fraction of a byte: m means thousandths, M or Mi is meant';
  if (size < 1024n * 1024n * ONE) return 'is less than 1Mi: the unit is missing or wrong';
  if (size > 2n ** 60n * ONE) return 'is more memory than any cluster has: is the unit right?';
  return undefined;
}

/** What is wrong with a number of pods, or undefined. */
export function podsProblem(text: string): string | undefined {
  if (!/^[0-9]+$/.test(text)) return 'is not a whole number of pods';
  if (text.length > 6) return 'is more pods than any cluster has';
  return /^0+$/.test(text) ? 'is zero: no pod could start' : undefined;
}
