/**
 * The rules of the JUnit schemas, as far as a document of ours can break them: those of the schema for Ant's JUnit tasks
 * (windyroad, the strictest that CI servers use), with the totals checked besides. Written after the schema; it is not an
 * XSD processor.
 */

/** An element of an XML document. */
export type Element = {
  readonly name: string;
  readonly attributes: Readonly<Record<string, string>>;
  readonly children: readonly Element[];
  readonly text: string;
};

const ENTITIES: Readonly<Record<string, string>> = { amp: '&', lt: '<', gt: '>', quot: '"', apos: "'" };
function unescaped(text: string): string {
  if (/&(?!(amp|lt|gt|quot|apos);)/.test(text) || text.includes('<')) throw new Error(`not escaped: ${text}`);
  return text.replaceAll(/&(\w+);/g, (_, name: string) => ENTITIES[name] ?? '');
}

/** Parses XML without comments, namespaces and CDATA; throws for what is not well-formed. */
export function parseXml(xml: string): Element {
  if (/[^\t\n\r\u{20}-\u{d7ff}\u{e000}-\u{fffd}\u{10000}-\u{10ffff}]/u.test(xml))
    throw new Error('forbidden character');
  const declaration = /^<\?xml version="1\.0" encoding="UTF-8"\?>\s*/.exec(xml);
  if (declaration === null) throw new Error('no declaration');
  const tokens = xml.slice(declaration[0].length).match(/<[^>]*>|[^<]+/g) ?? [];
  const root: { name: string; attributes: object; children: Element[]; text: string } = {
    ...{ name: '', attributes: {}, children: [], text: '' },
  };
  const open = [root];
  for (const token of tokens) {
    const parent = open.at(-1);
    if (parent === undefined) throw new Error('something follows the root');
    if (!token.startsWith('<')) {
      parent.text += unescaped(token);
      continue;
    }
    if (token.startsWith('</')) {
      if (parent.name !== token.slice(2, -1).trim()) throw new Error(`${token} closes ${parent.name}`);
      open.pop();
      continue;
    }
    const parts = /^<([\w-]+)((?:\s+[\w-]+="[^"]*")*)\s*(\/?)>$/.exec(token);
    if (parts === null) throw new Error(`not a tag: ${token}`);
    const pairs = [...(parts[2] ?? '').matchAll(/([\w-]+)="([^"]*)"/g)];
    const attributes = Object.fromEntries(pairs.map(([, name = '', value = '']) => [name, unescaped(value)]));
    if (Object.keys(attributes).length !== pairs.length) throw new Error(`an attribute twice: ${token}`);
    const element = { name: parts[1] ?? '', attributes, children: [], text: '' };
    parent.children.push(element);
    if (parts[3] !== '/') open.push(element);
  }
  const [only, ...others] = root.children;
  if (only === undefined || others.length > 0 || open.length !== 1) throw new Error('not one whole root');
  return only;
}

const TOKEN = /^\S+( \S+)*$/;
const INT = /^\d+$/;
const DECIMAL = /^\d+(\.\d+)?$/;
const ANY = /^[\s\S]*$/;
const DATE_TIME = /^\d{4}-\d{2}-\d{2}T\d{2}:\d{2}:\d{2}$/;
type Attributes = Readonly<Record<string, readonly [pattern: RegExp, isRequired: boolean]>>;

const SUITE: Attributes = {
  name: [TOKEN, true],
  package: [TOKEN, true],
  id: [INT, true],
  timestamp: [DATE_TIME, true],
  hostname: [TOKEN, true],
  tests: [INT, true],
  failures: [INT, true],
  errors: [INT, true],
  skipped: [INT, false],
  time: [DECIMAL, true],
};
const CASE: Attributes = { name: [TOKEN, true], classname: [TOKEN, true], time: [DECIMAL, true] };
const RESULT: Attributes = { message: [ANY, false], type: [ANY, true] };

function attributeFaults({ name, attributes }: Element, rules: Attributes): readonly string[] {
  return [
    ...Object.keys(attributes).flatMap((key) => (Object.hasOwn(rules, key) ? [] : [`${name} may not have ${key}`])),
    ...Object.entries(rules).flatMap(([key, [pattern, isRequired]]) => {
      const value = attributes[key];
      if (value === undefined) return isRequired ? [`${name} lacks ${key}`] : [];
      return pattern.test(value) ? [] : [`${name} ${key}="${value}"`];
    }),
  ];
}

/** What a document breaks; empty when it is valid. */
export function junitFaults(xml: string): readonly string[] {
  const root = parseXml(xml);
  if (root.name !== 'testsuites') return [`the root is ${root.name}`];
  return [
    ...attributeFaults(root, {}),
    ...root.children.flatMap((suite) =>
      suite.name === 'testsuite' ? suiteFaults(suite) : [`${suite.name} in testsuites`],
    ),
  ];
}

function suiteFaults(suite: Element): readonly string[] {
  const names = suite.children.map(({ name }) => name).join(' ');
  const cases = suite.children.filter(({ name }) => name === 'testcase');
  const count = (result: string): number => cases.filter(({ children }) => children[0]?.name === result).length;
  const totals = { tests: cases.length, failures: count('failure'), errors: count('error'), skipped: count('skipped') };
  const properties = suite.children[0]?.children ?? [];
  return [
    ...attributeFaults(suite, SUITE),
    ...(/^properties( testcase)* system-out system-err$/.test(names) ? [] : [`the order is ${names}`]),
    ...Object.entries(totals).flatMap(([key, value]) =>
      suite.attributes[key] === String(value) ? [] : [`${key} is ${suite.attributes[key]}, there are ${value}`],
    ),
    ...properties.flatMap((one) => attributeFaults(one, { name: [TOKEN, true], value: [ANY, true] })),
    ...cases.flatMap((one) => [...attributeFaults(one, CASE), ...resultFaults(one)]),
  ];
}

function resultFaults({ children, text }: Element): readonly string[] {
  const [only, ...others] = children;
  if (others.length > 0) return ['a test case has two results'];
  if (text.trim() !== '') return ['a test case has text'];
  if (only === undefined || only.name === 'skipped') return [];
  if (only.name !== 'failure' && only.name !== 'error') return [`a test case has ${only.name}`];
  return attributeFaults(only, RESULT);
}
