/** An address as a number, with the bits of its family and those that a network fixes. */
type Net = { readonly value: bigint; readonly width: number; readonly fixed: number };

/** Whether two addresses, or networks as `address/bits`, have an address in common. Text that is neither has none. */
export function overlap(one: string, other: string): boolean {
  const [a, b] = [netOf(one), netOf(other)];
  if (a === undefined || b === undefined || a.width !== b.width) return false;
  const free = BigInt(a.width - Math.min(a.fixed, b.fixed));
  return a.value >> free === b.value >> free;
}

function netOf(text: string): Net | undefined {
  const [address = '', bits] = text.split('/');
  const parts = address.includes(':') ? groupsOf(address) : octetsOf(address);
  if (parts === undefined) return undefined;
  const each = address.includes(':') ? 16 : 8;
  const width = parts.length * each;
  const fixed = bits === undefined ? width : Number(bits);
  if (!Number.isInteger(fixed) || fixed < 0 || fixed > width) return undefined;
  return { value: parts.reduce((sum, part) => (sum << BigInt(each)) + BigInt(part), 0n), width, fixed };
}

function octetsOf(address: string): readonly number[] | undefined {
  const octets = address.split('.');
  const isAddress = octets.length === 4 && octets.every((octet) => /^\d{1,3}$/.test(octet) && Number(octet) < 256);
  return isAddress ? octets.map(Number) : undefined;
}

/** The URL parser knows every spelling of an IPv6 address, and writes the shortest. */
function groupsOf(address: string): readonly number[] | undefined {
  if (!URL.canParse(`http://[${address}]`)) return undefined;
  const [head = '', tail] = new URL(`http://[${address}]`).hostname.slice(1, -1).split('::');
  const numbers = (part: string | undefined): readonly number[] =>
    (part ?? '').split(':').flatMap((group) => (group === '' ? [] : [Number.parseInt(group, 16)]));
  const [before, after] = [numbers(head), numbers(tail)];
  return [...before, ...Array.from({ length: 8 - before.length - after.length }, () => 0), ...after];
}
