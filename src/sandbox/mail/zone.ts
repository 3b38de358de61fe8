import type { Zone } from '../dns/server.ts';
import { hasLoopback6, PLACES } from './ports.ts';
import type { MailWorld } from './world.ts';

const RSA_2048 =
  'MIIBIjANBgkqhkiG9w0BAQEFAAOCAQ8AMIIBCgKCAQEAyJXwQHMXQgKnkusRlYo5e82h4ws0oGRnbFeon10eSP2x5cHqdm67VB8gzLtbs+jmcDhZXvO40h26Ibv179rNl2BtbmkEfbisnCnSytiLKDkrHWEJaUUZJegsw5fZYTacdDUhYEc7unDiF5owdYrEphJRk4qDdz5tVGGSLcgfHUGJB7gpr30YI/7IeItSERTtjZw3DrO87jNmmA2RaeJ2mz8nUFpae2z8zxuRdbAEX6N5rZdsmV7ebWq3sQzeWQKWQpGFIVC/tjh8lWXm9VSNfCoiVfm8kYbZlldBuhZuEzXLZp/5yx+oE7VRQXQpqZ3WvvGe0tcftM2nnjtix2NHPwIDAQAB';

/** A key of 1024 bits, for the world in which it is weak. */
export const RSA_1024 =
  'MIGfMA0GCSqGSIb3DQEBAQUAA4GNADCBiQKBgQCzYttaUe5GWWT7V1QUpuHWboPnKR3pdfvNi9UOyKqCWtrP2a9QPhC54Q2+24KLc3YLUePPvCRU5GtKo6p6V/1AqKwzepysOaOYh/9PIskONaSuPChDcctAuNkduprX2kTSUYegvldtlK+7g54BJGrPB5irH51GNimNXLiZFFcrwQIDAQAB';

/** Everything that mail needs. */
const ZONE: Zone = {
  'sandbox.test': {
    MX: ['1 mail.sandbox.test', '20 mx2.sandbox.test'],
    NS: ['ns.sandbox.test'],
    TXT: ['v=spf1 mx include:spf.relay.test ~all', 'another-service=1'],
  },
  'mail.sandbox.test': { A: [PLACES.public4], ...(hasLoopback6() ? { AAAA: [PLACES.public6] } : {}) },
  'mx2.sandbox.test': { A: [PLACES.secondMx] },
  'mail._domainkey.sandbox.test': { TXT: [`v=DKIM1; k=rsa; p=${RSA_2048}`] },
  '_dmarc.sandbox.test': { TXT: ['v=DMARC1; p=quarantine; pct=100; rua=mailto:dmarc@sandbox.test'] },
  '_mta-sts.sandbox.test': { TXT: ['v=STSv1; id=20260101'] },
  '_smtp._tls.sandbox.test': { TXT: ['v=TLSRPTv1; rua=mailto:postmaster@sandbox.test'] },
  'spf.relay.test': { TXT: ['v=spf1 ip4:192.0.2.0/24 -all'] },
  [`${PLACES.public4.split('.').toReversed().join('.')}.in-addr.arpa`]: { PTR: ['mail.sandbox.test'] },
  [`1.${'0.'.repeat(31)}ip6.arpa`]: { PTR: ['mail.sandbox.test'] },
};

/** The zone as one server has it. Inside, the mail server is reached at the balancer. */
export function zoneAt(world: MailWorld | undefined, at: 'public' | 'authoritative' | 'internal'): Zone {
  const { everywhere = {}, internal = {}, authoritative = {} } = world?.records ?? {};
  const inside: Zone = { 'mail.sandbox.test': { A: [PLACES.haproxy] }, ...internal };
  return { ...ZONE, ...everywhere, ...(at === 'internal' ? inside : at === 'authoritative' ? authoritative : {}) };
}

/** The records of mail beside those that the public resolver has anyway. */
export function publicZone(world: MailWorld | undefined, zone: Zone): Zone {
  const mail = zoneAt(world, 'public');
  return { ...zone, ...mail, 'sandbox.test': { ...zone['sandbox.test'], ...mail['sandbox.test'] } };
}

/** The policy of MTA-STS, where it is served. */
export function mailPages(world: MailWorld | undefined): Readonly<Record<string, string>> {
  if (world?.records?.policy === 'wildcard') return {};
  const lines = ['version: STSv1', 'mode: enforce', 'mx: mail.sandbox.test', 'mx: mx2.sandbox.test', 'max_age: 86400'];
  return { 'mta-sts.sandbox.test/.well-known/mta-sts.txt': `${lines.join('\r\n')}\r\n` };
}
