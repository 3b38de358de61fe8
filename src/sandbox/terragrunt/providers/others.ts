import { randomUUID } from 'node:crypto';
import type { Driver, Outside } from '../drivers.ts';
import { Diagnosed } from '../failure.ts';
import type { Attributes } from '../resource.ts';
import { kubernetesRequest } from './kubernetes.ts';

const STATEFUL_SET = '/apis/apps/v1/namespaces/woodpecker/statefulsets/woodpecker-server';

/** `terraform_data`: exists in the state only. */
const DATA: Driver = {
  read: async (attributes) => attributes,
  create: async (values) => ({ ...values, id: randomUUID(), output: values.input }),
  update: async (values, prior) => ({ ...prior, ...values, output: values.input }),
  remove: async () => undefined,
  immutable: [],
};

/** A DNS record at Cloudflare. */
const RECORD: Driver = {
  read: async (attributes, { cloudflare }) => {
    const reply = await cloudflare('GET', `/client/v4/zones/${attributes.zone_id}/dns_records/${attributes.id}`);
    if (reply.status === 404) return undefined;
    return recordOf(result(reply.body), attributes);
  },
  create: async (values, { cloudflare }) => {
    const { zone_id, ...record } = values;
    const reply = await cloudflare('POST', `/client/v4/zones/${zone_id}/dns_records`, JSON.stringify(record));
    if (reply.status >= 400) {
      throw new Diagnosed(`expected DNS record to not already be present but already exists`, reply.body.trim());
    }
    return recordOf(result(reply.body), values);
  },
  update: async (values, prior, { cloudflare }) => {
    const { zone_id, ...record } = values;
    const reply = await cloudflare(
      'PATCH',
      `/client/v4/zones/${zone_id}/dns_records/${prior.id}`,
      JSON.stringify(record),
    );
    if (reply.status >= 400) throw new Diagnosed('failed to update DNS record', reply.body.trim());
    return recordOf(result(reply.body), values);
  },
  remove: async (attributes, { cloudflare }) => {
    await cloudflare('DELETE', `/client/v4/zones/${attributes.zone_id}/dns_records/${attributes.id}`);
  },
  immutable: ['zone_id', 'type'],
};

/** Woodpecker's Helm release: an upgrade sets WOODPECKER_ADMIN of the server's StatefulSet. */
const RELEASE: Driver = {
  read: async (attributes, { kubernetes }) => {
    const set = await kubernetesRequest(kubernetes, 'GET', STATEFUL_SET);
    const values = [`server:\n  env:\n    WOODPECKER_OPEN: "true"\n    WOODPECKER_ADMIN: "${adminsOf(set)}"\n`];
    return set === undefined ? undefined : { ...attributes, values };
  },
  create: (values, outside) => upgrade(values, { id: values.name }, outside),
  update: (values, prior, outside) => upgrade(values, prior, outside),
  remove: async () => undefined,
  immutable: ['name', 'namespace'],
};

/** Resource types of the remaining providers. */
export const OTHER_DRIVERS: Readonly<Record<string, Driver>> = {
  terraform_data: DATA,
  cloudflare_record: RECORD,
  helm_release: RELEASE,
};

async function upgrade(values: Attributes, prior: Attributes, { kubernetes }: Outside): Promise<Attributes> {
  const admins = /WOODPECKER_ADMIN: "([^"]*)"/.exec(String((values.values as readonly unknown[])[0]))?.[1] ?? '';
  const env = [{ name: 'WOODPECKER_ADMIN', value: admins }];
  const patch = { spec: { template: { spec: { containers: [{ name: 'server', env }] } } } };
  const done = await kubernetesRequest(
    kubernetes,
    'PATCH',
    STATEFUL_SET,
    patch,
    'application/strategic-merge-patch+json',
  );
  if (done === undefined) throw new Diagnosed('statefulsets.apps "woodpecker-server" not found');
  return { ...prior, ...values };
}

function result(body: string): Attributes {
  return (JSON.parse(body) as { result: Attributes }).result;
}

function recordOf(record: Attributes, attributes: Attributes): Attributes {
  return {
    id: record.id,
    zone_id: attributes.zone_id,
    name: attributes.name,
    type: record.type,
    content: record.content,
    proxied: record.proxied,
  };
}

function adminsOf(set: unknown): string {
  const containers = (
    set as
      | { spec?: { template?: { spec?: { containers?: { env?: { name: string; value?: string }[] }[] } } } }
      | undefined
  )?.spec?.template?.spec?.containers;
  return containers?.flatMap((each) => each.env ?? []).find((each) => each.name === 'WOODPECKER_ADMIN')?.value ?? '';
}
