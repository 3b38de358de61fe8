/** A text to look for, in lower case, and what it means to the caller: bits, and a number of its own or -1. */
export type Needle = { readonly text: string; readonly bits: number; readonly id: number };

/**
 * A deterministic automaton over bytes (Aho-Corasick) that finds all needles at once, upper and lower case alike.
 * `step[state + classOf[byte]]` is the next state; from `firstFound` on a state has found something: `bits` and `ids` at
 * `(state - firstFound) / width`. A line end leads to `lineEnd`, which goes on like the beginning.
 */
export type Automaton = {
  readonly step: Uint32Array;
  readonly classOf: Uint8Array;
  readonly width: number;
  readonly firstFound: number;
  readonly lineEnd: number;
  readonly bits: Uint32Array;
  readonly ids: readonly (readonly number[])[];
};

type Node = { readonly next: Map<number, number>; bits: number; ids: number[]; fail: number };

const NEWLINE = 10;
const fold = (byte: number): number => (byte >= 65 && byte <= 90 ? byte + 32 : byte);

function trie(needles: readonly Needle[]): Node[] {
  const nodes: Node[] = [{ next: new Map(), bits: 0, ids: [], fail: 0 }];
  for (const { text, bits, id } of needles) {
    let at = 0;
    for (const byte of Buffer.from(text)) {
      let next = nodes[at]?.next.get(byte);
      if (next === undefined) {
        next = nodes.length;
        nodes.push({ next: new Map(), bits: 0, ids: [], fail: 0 });
        nodes[at]?.next.set(byte, next);
      }
      at = next;
    }
    const node = nodes[at];
    if (node === undefined) continue;
    node.bits |= bits;
    if (id >= 0) node.ids.push(id);
  }
  return nodes;
}

/** Builds the automaton. */
export function makeAutomaton(needles: readonly Needle[]): Automaton {
  const nodes = trie(needles);
  const bytes = [...new Set([NEWLINE, ...nodes.flatMap(({ next }) => [...next.keys()])])].sort((a, b) => a - b);
  const width = bytes.length + 1;
  const classOf = new Uint8Array(256);
  for (let byte = 0; byte < 256; byte += 1) classOf[byte] = bytes.indexOf(fold(byte)) + 1;

  // Breadth first: a node's fallback is complete before the node itself.
  const rows: Uint32Array[] = nodes.map(() => new Uint32Array(width));
  const queue = [0];
  for (let head = 0; head < queue.length; head += 1) {
    const at = queue[head] ?? 0;
    const node = nodes[at];
    const row = rows[at];
    if (node === undefined || row === undefined) continue;
    const fallback = nodes[node.fail];
    if (at !== 0 && fallback !== undefined) {
      node.bits |= fallback.bits;
      node.ids = [...new Set([...node.ids, ...fallback.ids])];
      row.set(rows[node.fail] ?? row);
    }
    for (const [byte, child] of node.next) {
      const column = bytes.indexOf(byte) + 1;
      const childNode = nodes[child];
      if (childNode !== undefined) childNode.fail = at === 0 ? 0 : (rows[node.fail]?.[column] ?? 0);
      row[column] = child;
      queue.push(child);
    }
  }
  return packed(nodes, rows, { width, classOf, newline: bytes.indexOf(NEWLINE) + 1 });
}

/** Numbers the states so that one comparison tells whether one has found something; the line end comes last. */
function packed(
  nodes: readonly Node[],
  rows: readonly Uint32Array[],
  { width, classOf, newline }: { width: number; classOf: Uint8Array; newline: number },
): Automaton {
  const silent = nodes.flatMap((node, index) => (node.bits === 0 && node.ids.length === 0 ? [index] : []));
  const found = nodes.flatMap((node, index) => (node.bits === 0 && node.ids.length === 0 ? [] : [index]));
  const order = [...silent, ...found];
  const stateOf = new Uint32Array(nodes.length);
  order.forEach((index, position) => {
    stateOf[index] = position * width;
  });
  const lineEnd = order.length * width;
  const step = new Uint32Array(lineEnd + width);
  [...order, 0].forEach((index, position) => {
    const row = rows[index] ?? new Uint32Array(width);
    for (let column = 0; column < width; column += 1) {
      step[position * width + column] = column === newline ? lineEnd : (stateOf[row[column] ?? 0] ?? 0);
    }
  });
  return {
    step,
    classOf,
    width,
    firstFound: silent.length * width,
    lineEnd,
    bits: Uint32Array.from(found, (index) => nodes[index]?.bits ?? 0),
    ids: found.map((index) => nodes[index]?.ids ?? []),
  };
}
