/** `infra mail dns` against nsd and unbound: the records as they should be, then wrong in one way each. */
import { mkdir, readFile, writeFile } from 'node:fs/promises';
import { createServer, type Server } from 'node:https';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { makeInfra } from './harness/infra.ts';
import { type MailAddresses, pickAddresses } from './harness/mail/addresses.ts';
import { makeCertificates } from './harness/mail/certificates.ts';
import { type NameServers, startNameServers, UNLOADED } from './harness/mail/dns.ts';
import { mailSkipReason } from './harness/mail/tools.ts';
import { PUBLIC, zonesOf } from './harness/mail/zones.ts';
import { portOf } from './harness/ports.ts';
import { makeWorkspace, type Workspace } from './harness/workspace.ts';

const reason = mailSkipReason('mail-dns.test.ts', 'names');

interface Row {
  record: string;
  view: string;
  verdict: string;
  reason?: string;
  got: string[];
  detail: string;
  server: string;
}

interface Checked {
  exitStatus: number;
  rows: Row[];
  findings: { id: string; verdict: string; detail: string }[];
}

describe.skipIf(reason !== undefined)('infra mail dns on real name servers', { timeout: 600_000 }, () => {
  let workspace: Workspace;
  let addresses: MailAddresses;
  let names: NameServers;
  let web: Server;
  let caFile: string;
  const served = { policy: '' };

  beforeAll(async () => {
    workspace = await makeWorkspace('mail-dns');
    addresses = await pickAddresses();
    names = await startNameServers({ dir: workspace.dir, addresses, ...zonesOf(addresses) });
    const certificates = await makeCertificates(workspace.dir, '*.right.test');
    caFile = certificates.caFile;
    const { certFile, keyFile } = certificates.good;
    web = createServer({ cert: await readFile(certFile), key: await readFile(keyFile) }, (_, response) =>
      response.end(served.policy),
    );
    await new Promise<void>((resolve) => web.listen(0, addresses.web, resolve));
    served.policy = 'version: STSv1\nmode: enforce\nmx: *.right.test\nmax_age: 86400\n';
  }, 600_000);
  afterAll(async () => {
    await names?.stop();
    web?.close();
    await workspace?.remove();
  });

  async function check(
    domain: string,
    dns: Record<string, unknown> = {},
    more: Record<string, unknown> = {},
  ): Promise<Checked> {
    const { resolver = names.resolver, ...mail } = more;
    const dir = await mkdirFresh(workspace.dir);
    const site = {
      edge: { resolver, port: portOf(web) },
      mail: {
        ...{ hostname: `mail.${domain}`, haproxy: addresses.balancer, public: PUBLIC, secondMx: `mx2.${domain}` },
        dns: { blockLists: ['zen.lists.test'], ...dns },
        ...mail,
      },
    };
    await writeFile(join(dir, 'infra.yaml'), JSON.stringify(site));
    const env = { PATH: '/usr/bin:/bin', HOME: workspace.home, TMPDIR: workspace.dir, NODE_EXTRA_CA_CERTS: caFile };
    const infra = await makeInfra({ dir, env });
    return (await infra.json('mail', 'dns')) as unknown as Checked;
  }

  /** `record view: verdict (reason)` of everything that is not right. */
  const wrong = ({ rows }: Checked): string[] =>
    rows
      .filter(({ verdict }) => verdict !== 'PASS')
      .map(
        ({ record, view, verdict, reason: why }) =>
          `${record} ${view}: ${verdict}${why === undefined ? '' : ` (${why})`}`,
      );

  test('every record is right, at the public server, at both that hold the zone, and inside', async () => {
    const checked = await check('right.test', { internal: names.internal });
    expect(wrong(checked)).toEqual([]);
    expect(checked.findings).toEqual([]);
    expect(checked.exitStatus).toBe(0);
    const servers = (record: string) =>
      checked.rows.filter((row) => row.record === record).map(({ view, server }) => `${view} ${server}`);
    expect(servers('dkim')).toEqual([
      `public ${names.resolver}`,
      'authoritative ns1.servers.test',
      'authoritative ns2.servers.test',
      `internal ${names.internal}`,
    ]);
    expect(servers('ptr')).toHaveLength(2);
    expect(servers('block-list')).toEqual([`internal ${names.internal}`]);
  });

  describe('a domain whose records are wrong', () => {
    /** Its addresses have the name of another domain, which is none of its matters. */
    const waived = { ptrWaiver: 'one address for all' };
    const everywhere = (...lines: string[]): string[] =>
      ['public', 'authoritative', 'authoritative'].flatMap((view) =>
        lines.map((line) => line.replace(':', ` ${view}:`)),
      );
    const outside = (all: string[]): string[] => all.filter((line) => !/^(?:ptr|mta-sts-policy) /.test(line));

    test.each([
      [
        'bare.test',
        2,
        [
          'spf: FAIL (missing)',
          'dkim: FAIL (missing)',
          'dmarc: FAIL (missing)',
          'mta-sts: SKIP (not-published)',
          'tls-rpt: SKIP (not-published)',
        ],
      ],
      [
        'weak.test',
        1,
        ['mx: WARN (second-missing)', 'spf: WARN (neutral)', 'dkim: WARN (weak)', 'dmarc: WARN (policy-none)'],
      ],
      [
        'wrong.test',
        2,
        [
          'mx: FAIL (wrong)',
          'a: FAIL (wrong)',
          'spf: FAIL (open)',
          'dkim: FAIL (revoked)',
          'dmarc: FAIL (several)',
          'mta-sts: FAIL (malformed)',
        ],
      ],
      ['heavy.test', 2, ['spf: FAIL (lookups)']],
      ['dangling.test', 2, ['spf: FAIL (include-missing)']],
      ['alias.test', 1, []],
    ])('%s ends with %i', async (domain, exitStatus, lines) => {
      const checked = await check(domain, waived);
      expect(outside(wrong(checked))).toEqual(everywhere(...lines));
      expect(checked.exitStatus).toBe(exitStatus);
    });

    test('servers of its zone that are out of step are named, with what each says', async () => {
      const { findings, rows } = await check('stale.test', waived);
      expect(findings).toEqual([
        expect.objectContaining({
          id: 'mail.dns.differs.spf',
          verdict: 'WARN',
          detail:
            'the authoritative server ns2.servers.test says v=spf1 a -all, the authoritative one ns1.servers.test v=spf1 include:spf.relay.test ~all: the servers of the zone are out of step',
        }),
      ]);
      expect(rows.filter(({ record }) => record === 'spf').every(({ verdict }) => verdict === 'PASS')).toBe(true);
    });

    test('a key that the internal zone lacks fails there, and nowhere else', async () => {
      const checked = await check('inside.test', { ...waived, internal: names.internal });
      expect(outside(wrong(checked))).toEqual(['dkim internal: FAIL (missing)']);
      expect(checked.rows.find(({ verdict }) => verdict === 'FAIL')?.detail).toContain('own filter');
      expect(checked.exitStatus).toBe(2);
    });
  });

  const rowOf = ({ rows }: Checked, record: string): string =>
    rows
      .filter((row) => row.record === record)
      .map(({ verdict, reason: why }) => `${verdict} ${why ?? ''}`.trim())
      .join(', ');

  describe('the name of the public address', () => {
    test.each([
      ['203.0.113.76', {}, 'PASS'],
      ['203.0.113.77', {}, 'WARN mismatch'],
      ['203.0.113.78', {}, 'WARN missing'],
      ['203.0.113.77', { ptrWaiver: 'the provider gives none' }, 'SKIP waived'],
    ])('%s with %o: %s', async (ipv4, dns, expected) => {
      const checked = await check('right.test', { ...dns, blockLists: [] }, { public: { ipv4 } });
      expect(rowOf(checked, 'ptr')).toBe(expected);
    });
  });

  describe('a block list', () => {
    test.each([
      ['203.0.113.76', 'PASS'],
      ['203.0.113.77', 'FAIL listed'],
      ['203.0.113.78', 'WARN policy-list'],
      ['203.0.113.79', 'UNKNOWN refused'],
    ])('%s: %s', async (ipv4, expected) => {
      expect(rowOf(await check('right.test', {}, { public: { ipv4 } }), 'block-list')).toBe(expected);
    });
  });

  describe('the policy of MTA-STS', () => {
    const right = 'version: STSv1\nmode: enforce\nmx: *.right.test\nmax_age: 86400\n';
    test.each([
      ['a site that answers every name with 200', '<!doctype html><title>Welcome</title>', 'WARN inert'],
      ['one that leaves out the second MX', right.replace('*.right.test', 'mail.right.test'), 'FAIL mx-not-covered'],
      [
        'the same while it is only tried',
        right.replace('*', 'mail').replace('enforce', 'testing').replace('mail.right', 'mail.right'),
        'WARN mx-not-covered',
      ],
      ['one that covers both', right, 'PASS'],
    ])('%s', async (_, body, expected) => {
      served.policy = body;
      expect(rowOf(await check('right.test'), 'mta-sts-policy')).toBe(expected);
    });

    test('a certificate for another name makes senders ignore it', async () => {
      expect(rowOf(await check('heavy.test'), 'mta-sts-policy')).toBe('WARN certificate');
    });
  });

  describe('a server that tells nothing of the domain', () => {
    const untold = async (
      domain: string,
      resolver: string,
      expected: string,
      authoritative = names.resolver,
    ): Promise<void> => {
      const checked = await check(domain, { authoritative: [authoritative] }, { resolver });
      const own = checked.rows.filter(
        ({ view, record }) => view === 'public' && !['ptr', 'block-list'].includes(record),
      );
      expect([...new Set(own.map(({ verdict, reason: why }) => `${verdict} ${why}`))]).toEqual([expected]);
      // Nobody concludes from silence that a record is missing.
      expect(checked.rows.filter(({ verdict }) => verdict === 'FAIL')).toEqual([]);
      expect(checked.exitStatus).toBe(3);
    };

    test('because nobody is there', () => untold('right.test', `${addresses.former}:53`, 'UNKNOWN unreachable'));
    test('because it holds another zone', () =>
      untold('unheld.test', `${addresses.nameServer}:53`, 'UNKNOWN refused', `${addresses.nameServer}:53`));
    test('because its zone was not loaded', () => untold(UNLOADED, names.resolver, 'UNKNOWN servfail'));
    // unbound leaves the question out of such an answer, which a client has to take for anybody's.
    test('because its access list refuses', () => untold('right.test', names.refusing, 'UNKNOWN malformed'));
  });
});

async function mkdirFresh(folder: string): Promise<string> {
  const dir = join(folder, `site-${crypto.randomUUID()}`);
  await mkdir(join(dir, 'stacks'), { recursive: true });
  return dir;
}
