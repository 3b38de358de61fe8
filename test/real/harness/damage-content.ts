/** Losing and altering what stands inside of objects that several users share, and tokens that the cluster makes. */
import { type Damage, inCluster } from './damage.ts';
import type { Stand } from './stand.ts';
import { until } from './until.ts';

const lab = '/api/v1/namespaces/bob-lab';
export const injector = '/api/v1/namespaces/kubernetes-dashboard/secrets/dashboard-token-injector-conf';
export const tokenSecret = `${lab}/secrets/dashboard-bob-token`;
const base64 = (text: string) => Buffer.from(text).toString('base64');

async function confOf({ kubernetes }: Stand): Promise<string> {
  return Buffer.from((await kubernetes.must('GET', injector)).data['tokens.conf'], 'base64').toString();
}

/** The account's token, as soon as the cluster has made one. */
function tokenOf({ kubernetes }: Stand): Promise<string> {
  return until('a token', async () => {
    const data = (await kubernetes.request('GET', tokenSecret)).body?.data;
    return data?.token === undefined ? undefined : Buffer.from(data.token, 'base64').toString();
  });
}

/** Puts the account's new token into the place of the old one. */
async function injectAgain(stand: Stand): Promise<void> {
  const conf = (await confOf(stand)).replace(/("bob@example\.test") ".*";/, `$1 "${await tokenOf(stand)}";`);
  await stand.kubernetes.must('PATCH', injector, { data: { 'tokens.conf': base64(conf) } });
}

export async function tokenSecretAgain(stand: Stand): Promise<void> {
  await stand.kubernetes.request('DELETE', tokenSecret);
  await until('the old token to be gone', async () =>
    (await stand.kubernetes.request('GET', tokenSecret)).status === 404 ? true : undefined,
  );
  const annotations = { 'kubernetes.io/service-account.name': 'dashboard-bob' };
  const type = 'kubernetes.io/service-account-token';
  await stand.kubernetes.must('POST', `${lab}/secrets`, {
    metadata: { name: 'dashboard-bob-token', annotations },
    type,
  });
  await injectAgain(stand);
}

/** Changes the text of one key of an object's data. */
export function edited(path: string, key: string, encoded: boolean, edit: (text: string) => string) {
  return (stand: Stand): Damage =>
    async () => {
      const before: string = (await stand.kubernetes.must('GET', path)).data[key];
      const text = edit(encoded ? Buffer.from(before, 'base64').toString() : before);
      await stand.kubernetes.must('PATCH', path, { data: { [key]: encoded ? base64(text) : text } });
      return () => stand.kubernetes.must('PATCH', path, { data: { [key]: before } });
    };
}

const portal = '/api/v1/namespaces/k8s-portal/configmaps/k8s-user-roles';
export const portalEdited = (edit: (map: Record<string, object>) => unknown) =>
  edited(portal, 'users.json', false, (text) => {
    const map = JSON.parse(text);
    edit(map);
    return JSON.stringify(map);
  });

const server = '/apis/apps/v1/namespaces/woodpecker/statefulsets/woodpecker-server';
export function admins(edit: (names: string[]) => string[]) {
  return (stand: Stand): Damage =>
    async () => {
      const containers = (await stand.kubernetes.must('GET', server)).spec.template.spec.containers;
      const list = containers[0].env.find((each: { name: string }) => each.name === 'WOODPECKER_ADMIN');
      const env = [{ name: 'WOODPECKER_ADMIN', value: edit(list.value.split(',')).join(',') }];
      return inCluster(stand.kubernetes, server).changed({
        spec: { template: { spec: { containers: [{ ...containers[0], env }] } } },
      })();
    };
}

export function record(change: (record: { proxied: boolean }) => object | undefined) {
  return ({ site }: Stand): Damage =>
    async () => {
      const [id, found] = [...site.cloudflare.records].find(([, { name }]) => name === 'bob-app.example.test') ?? [];
      if (id === undefined || found === undefined) throw new Error('bob has no DNS record');
      const next = change(found);
      if (next === undefined) site.cloudflare.records.delete(id);
      else site.cloudflare.records.set(id, { ...found, ...next });
      return async () => site.cloudflare.records.set(id, found);
    };
}
