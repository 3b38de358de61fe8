import { createHash } from 'node:crypto';
import { InfraError } from '../errors.ts';
import type { JsonMember, JsonNode } from './json-reader.ts';
import { readJson } from './json-reader.ts';

type ObjectNode = Extract<JsonNode, { kind: 'object' }>;

/** The object that a text is. Errors: `users.json-not-object` (65) when the text is anything else. */
function objectOf(text: string): ObjectNode {
  const reading = readJson(text);
  if (reading.ok && reading.root.kind === 'object') return reading.root;
  const what = reading.ok
    ? `a JSON ${reading.root.kind}`
    : `not JSON (line ${reading.problem.line}, column ${reading.problem.column}: ${reading.problem.message})`;
  throw new InfraError('users.json-not-object', 'data', `A JSON object was expected, the text is ${what}.`);
}

/** The member that readers take: the last one of that name. */
function memberOf(object: ObjectNode, name: string): JsonMember | undefined {
  return object.members.findLast((member) => member.name === name);
}

/** The source text of a member's value, or undefined when there is no such member. */
export function memberText(text: string, name: string): string | undefined {
  const member = memberOf(objectOf(text), name);
  return member === undefined ? undefined : text.slice(member.value.start, member.value.end);
}

/**
 * The same text with one more member at the end, in the spacing of the members that are there. Everything else stays
 * byte for byte. Errors: `users.json-member-exists` (70) when the name is taken.
 */
export function insertMember(text: string, name: string, valueText: string): string {
  const object = objectOf(text);
  if (memberOf(object, name) !== undefined) {
    throw new InfraError('users.json-member-exists', 'bug', `The object already has a member ${JSON.stringify(name)}.`);
  }
  const last = object.members.at(-1);
  if (last === undefined) {
    const at = object.start + 1;
    return `${text.slice(0, at)}${JSON.stringify(name)}:${valueText}${text.slice(at)}`;
  }
  const before = object.members.at(-2);
  const gap = /[ \t\n\r]*$/.exec(text.slice(before?.value.end ?? object.start + 1, last.start))?.[0] ?? '';
  const colon = /:[ \t\n\r]*$/.exec(text.slice(last.start, last.value.start))?.[0] ?? ':';
  const at = last.value.end;
  return `${text.slice(0, at)},${gap}${JSON.stringify(name)}${colon}${valueText}${text.slice(at)}`;
}

/** The same text with another value for a member that exists. Errors: `users.json-no-member` (70). */
export function replaceMember(text: string, name: string, valueText: string): string {
  const { value } = existing(objectOf(text), name);
  return `${text.slice(0, value.start)}${valueText}${text.slice(value.end)}`;
}

/** The same text without a member and its comma: what `insertMember` added is gone without a trace. Errors: `users.json-no-member` (70). */
export function removeMember(text: string, name: string): string {
  const object = objectOf(text);
  const member = existing(object, name);
  const index = object.members.indexOf(member);
  const before = object.members[index - 1];
  const after = object.members[index + 1];
  const from = before === undefined ? member.start : before.value.end;
  const to = before === undefined && after !== undefined ? after.start : member.value.end;
  return `${text.slice(0, from)}${text.slice(to)}`;
}

function existing(object: ObjectNode, name: string): JsonMember {
  const member = memberOf(object, name);
  if (member === undefined) {
    throw new InfraError('users.json-no-member', 'bug', `The object has no member ${JSON.stringify(name)}.`);
  }
  return member;
}

/** SHA-256 of each member's source text, by name: to prove that nothing else changed without holding any value. */
export function memberDigests(text: string): ReadonlyMap<string, string> {
  return new Map(
    objectOf(text).members.map(({ name, value }) => [
      name,
      createHash('sha256').update(text.slice(value.start, value.end)).digest('hex'),
    ]),
  );
}
