import { describe, expect, test } from 'vitest';
import { faultsOf } from '../../../../src/lib/diagnosis/faults.ts';
import { CAUSES } from '../../../../src/lib/runbooks/mail/causes/causes.ts';
import { mail } from '../../../../src/lib/runbooks/mail/runbook.ts';

describe('the runbook as it is written', () => {
  test('declares every code, explains without circles, and every cause can be proved by some probe', () => {
    expect(faultsOf(mail)).toEqual([]);
  });

  test('asks first whether mail arrives, and connects to nobody for that', () => {
    expect(mail.probes[0]).toMatchObject({ id: 'mail.roundtrip.last', kind: 'passive' });
    expect(mail.probes[0]?.considers ?? []).toEqual([]);
  });

  test('runs nothing but one-shot programs that only read, in the pod and over ssh', () => {
    const running = mail.probes.filter(({ kind }) => kind === 'exec').map(({ cost }) => cost);
    for (const cost of running) expect(cost).toMatch(/\b(ss|show servers state|pfctl|postqueue|postconf|cscli)\b/);
  });

  test('says of every remedy that destroys what is lost, and proves each repair by asking again', () => {
    for (const { code, remedies } of CAUSES) {
      for (const { risk, destroys } of remedies()) if (risk === 'destroy') expect(destroys, code).toBeTruthy();
      expect(
        remedies().some(({ phase }) => phase === 'verify'),
        code,
      ).toBe(true);
    }
  });

  test('leads from every lasting repair to the chapter of its cause', () => {
    for (const { code, remedies } of CAUSES)
      for (const { text } of remedies()) {
        const anchor = /infra runbook show mail#([\w-]+)/.exec(text)?.[1];
        if (anchor !== undefined) expect(code.replaceAll('.', '-').endsWith(anchor), `${code}: ${anchor}`).toBe(true);
      }
  });

  test('restarts HAProxy last of all, and says whom that hits', () => {
    const now = (CAUSES.find(({ code }) => code === 'mail.haproxy.down')?.remedies() ?? []).filter(
      ({ phase }) => phase === 'now',
    );
    expect(now.at(-1)).toMatchObject({ command: expect.stringContaining('restart haproxy'), risk: 'destroy' });
    expect(now.at(-1)?.destroys).toContain(':443');
    expect(now.slice(0, -1).every(({ risk }) => risk === 'read')).toBe(true);
  });
});
