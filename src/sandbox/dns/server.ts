import { createSocket } from 'node:dgram';
import type { AddressInfo } from 'node:net';
import { type DnsType, type Query, type Record, readQuery, TYPES, writeAnswer } from './message.ts';

/** What the public DNS says. A name that is not there does not exist; `*.zone` answers for names below it. */
export type Zone = { readonly [name: string]: { readonly [Type in DnsType]?: readonly string[] } };

/** A state of the public resolver. `mode` other than `answer` is given to every question; `silent` never answers. */
export type Resolver = { zone: Zone; mode: 'answer' | 'servfail' | 'refused' | 'silent' | 'garbage' };

/** A resolver on loopback. `address` is `127.0.0.1:port`. */
export type DnsServer = {
  readonly address: string;
  readonly questions: { readonly name: string; readonly type: number }[];
  readonly close: () => Promise<void>;
};

/** Starts a public DNS server over UDP on a free port. */
export async function startDns(state: Resolver): Promise<DnsServer> {
  const socket = createSocket('udp4');
  const questions: { name: string; type: number }[] = [];
  socket.on('message', (message, from) => {
    const query = readQuery(message);
    if (query === undefined || state.mode === 'silent') return;
    questions.push({ name: query.name, type: query.type });
    socket.send(state.mode === 'garbage' ? Buffer.from('no dns') : answer(state, query), from.port, from.address);
  });
  await new Promise<void>((resolve, reject) => {
    socket.once('error', reject);
    socket.bind(0, '127.0.0.1', resolve);
  });
  return {
    address: `127.0.0.1:${(socket.address() as AddressInfo).port}`,
    questions,
    close: () => new Promise((resolve) => socket.close(() => resolve())),
  };
}

function answer(state: Resolver, query: Query): Buffer {
  if (state.mode === 'servfail') return writeAnswer(query, 2, []);
  if (state.mode === 'refused') return writeAnswer(query, 5, []);
  const found = entryOf(state.zone, query.name);
  if (found === undefined) return writeAnswer(query, 3, []);
  const type = (Object.keys(TYPES) as DnsType[]).find((each) => TYPES[each] === query.type);
  return writeAnswer(query, 0, type === undefined ? [] : records(state.zone, query.name, type));
}

/** Records of a name, following an alias as a recursive server does. */
function records(zone: Zone, name: string, type: DnsType, depth = 0): readonly Record[] {
  const entry = entryOf(zone, name);
  if (entry === undefined || depth > 8) return [];
  const alias = type === 'CNAME' ? undefined : entry.CNAME?.[0];
  if (alias !== undefined) return [{ name, type: 'CNAME', value: alias }, ...records(zone, alias, type, depth + 1)];
  return (entry[type] ?? []).map((value) => ({ name, type, value }));
}

function entryOf(zone: Zone, name: string): Zone[string] | undefined {
  if (zone[name] !== undefined) return zone[name];
  const parent = name.split('.').slice(1).join('.');
  return parent === '' ? undefined : zone[`*.${parent}`];
}
