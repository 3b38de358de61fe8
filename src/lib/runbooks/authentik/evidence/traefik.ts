import { SERVICES } from '../../../clients/kubernetes/kinds.ts';
import { notConfigured } from '../../../diagnosis/no-answer.ts';
import type { Ask } from '../../../diagnosis/probe.ts';
import { record, records, text } from '../../evidence/shape.ts';

/** Addresses that the load balancer gave to Traefik's Service; undefined when there is no such Service. */
export async function balancerAddresses({ client, site }: Ask): Promise<readonly string[] | undefined> {
  const { namespace, service } = site.edge.traefik;
  const found = await (await client('kubernetes')).get(SERVICES, service.value, namespace.value);
  if (found === undefined) return undefined;
  const ingress = records(record(record(found.status).loadBalancer).ingress);
  return ingress.flatMap(({ ip, hostname }) => text(ip) ?? text(hostname) ?? []);
}

/** Traefik's address: what infra.yaml says, else its Service. Errors: `diagnosis.not-configured`. */
export async function traefikAddress(ask: Ask): Promise<string> {
  const configured = ask.site.edge.traefik.address.value;
  if (configured !== undefined) return configured;
  const [first] = (await balancerAddresses(ask)) ?? [];
  if (first === undefined)
    throw notConfigured('edge.traefik.address, and the Service has no address of a load balancer: it');
  return first;
}
