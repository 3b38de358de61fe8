import { describe, expect, test } from 'vitest';
import { faultsOf } from '../../../../src/lib/diagnosis/faults.ts';
import { CAUSES } from '../../../../src/lib/runbooks/authentik/causes/causes.ts';
import { authentik } from '../../../../src/lib/runbooks/authentik/runbook.ts';

describe('the runbook as it is written', () => {
  test('declares every code, explains without circles, and every cause can be proved by some probe', () => {
    expect(faultsOf(authentik)).toEqual([]);
  });

  test('has the root causes whose codes are stable', () => {
    expect(CAUSES.map(({ code }) => code).sort()).toEqual([
      'authentik.auth-proxy.down',
      'authentik.database.connections',
      'authentik.database.migration-lock',
      'authentik.outpost.down',
      'authentik.outpost.filesystem-fallback',
      'authentik.outpost.oom-killed',
      'authentik.outpost.service-selector',
      'authentik.outpost.sessions-not-shared',
      'authentik.outpost.shm-filling',
      'authentik.outpost.shm-full',
      'authentik.outpost.unknown-host',
      'authentik.pgbouncer.down',
      'authentik.server.unready',
      'authentik.user.no-account',
      'authentik.user.not-in-group',
      'edge.cloudflare',
      'edge.load-balancer',
    ]);
  });

  test('asks the outposts’ logs first', () => {
    expect(authentik.probes[0]?.id).toBe('authentik.outpost.logs');
  });

  test('runs nothing in a pod but one-shot programs that only read', () => {
    const allowed = /^(kubectl|curl|dig|grep|git|vault|infra|compare|nothing)\b/;
    for (const { kind, id } of authentik.probes) if (kind === 'exec') expect(id).toMatch(/shm|database|ban/);
    for (const { remedies } of CAUSES)
      for (const { command } of remedies()) if (command !== undefined) expect(command).toMatch(allowed);
  });

  test('leads from every lasting repair to the chapter of its cause', () => {
    for (const { code, remedies } of CAUSES)
      for (const { text } of remedies()) {
        const anchor = /infra runbook show authentik#([\w-]+)/.exec(text)?.[1];
        if (anchor !== undefined) expect(code.replaceAll('.', '-').endsWith(anchor), `${code}: ${anchor}`).toBe(true);
      }
  });

  test('says of every remedy that destroys what is lost, and proves each repair by asking again', () => {
    for (const cause of CAUSES) {
      const remedies = cause.remedies();
      for (const { risk, destroys } of remedies) if (risk === 'destroy') expect(destroys, cause.code).toBeTruthy();
      expect(
        remedies.some(({ phase }) => phase === 'verify'),
        cause.code,
      ).toBe(true);
    }
  });
});
