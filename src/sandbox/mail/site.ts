import { FIREWALL, SECOND_MX } from './firewall.ts';
import { MAIL_HOST } from './listeners.ts';
import type { MailNames } from './names.ts';
import { PLACES } from './ports.ts';
import type { MailStandIn } from './server.ts';
import { MAIL_PROTOCOLS } from './world.ts';

/** The part `mail` of the sandbox's infra.yaml. */
export function mailSite({ hasIpv6, ports, world }: MailStandIn, names: MailNames): string {
  const nodes = PLACES.nodes.map((address, at) => `    - {name: k8s-node${at + 1}, address: ${address}}\n`);
  const numbers = MAIL_PROTOCOLS.map((name) => {
    const { port, proxy, nodePort, healthPort } = ports[name];
    const health = healthPort === undefined ? '' : `, healthPort: ${healthPort}`;
    return `    ${name}: {port: ${port}, proxy: ${proxy}, nodePort: ${nodePort}${health}}\n`;
  });
  const open = hasIpv6 ? `{ipv4: ${PLACES.public4}, ipv6: "${PLACES.public6}"}` : `{ipv4: ${PLACES.public4}}`;
  const waiver = world.records?.ptrWaiver === undefined ? '' : `, ptrWaiver: ${world.records.ptrWaiver}`;
  return `mail:
  hostname: ${MAIL_HOST}
  haproxy: ${PLACES.haproxy}
  public: ${open}
  secondMx: ${PLACES.secondMx}
  ssh: {haproxy: ${FIREWALL}, nat: ${FIREWALL}, secondMx: ${SECOND_MX}}
  dns: {authoritative: [${names.authoritative}], internal: ${names.internal}${waiver}}
  nodes:
${nodes.join('')}  ports:
${numbers.join('')}`;
}
