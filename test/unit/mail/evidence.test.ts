import { describe, expect, test } from 'vitest';
import { isInfraError } from '../../../src/lib/errors.ts';
import { collectHaproxyState, serversOf } from '../../../src/lib/mail/evidence/haproxy-state.ts';
import { listeningPorts } from '../../../src/lib/mail/evidence/listeners.ts';
import { redirectionsOf } from '../../../src/lib/mail/evidence/nat.ts';
import { fakeSite } from '../../fakes/site.ts';

describe('ss -ltn', () => {
  const HEAD = 'State  Recv-Q Send-Q Local Address:Port  Peer Address:PortProcess';

  test('ports, each once, without those of loopback', () => {
    const table = [
      HEAD,
      'LISTEN 0      100          0.0.0.0:25         0.0.0.0:*',
      'LISTEN 0      100             [::]:25            [::]:*',
      'LISTEN 0      4096       127.0.0.1:10001      0.0.0.0:*',
      'LISTEN 0      100            [::1]:8891          [::]:*',
      'LISTEN 0      100                *:4465             *:*',
    ].join('\n');
    expect(listeningPorts(table)).toEqual([25, 4465]);
  });

  test('a table without a line is an answer, something else is none', () => {
    expect(listeningPorts(`${HEAD}\n`)).toEqual([]);
    expect(listeningPorts('')).toBeUndefined();
    expect(listeningPorts('OCI runtime exec failed')).toBeUndefined();
  });
});

describe('the admin socket of HAProxy', () => {
  const said = async (stderr: string): Promise<string> => {
    const site = fakeSite('/repository', { mail: { ssh: { haproxy: 'balancer' } } });
    const ssh = { run: async () => ({ exitCode: 1, stdout: '', stderr, ms: 1 }) };
    return collectHaproxyState({ ssh }, site).then(
      () => 'an answer',
      (error: unknown) => (isInfraError(error) ? error.code : 'no error of ours'),
    );
  };

  test.each(['Connection refused', 'No such file or directory'])('%s: it does not run', async (words) => {
    expect(await said(`socat[7] E connect(5, AF=1 "/tmp/haproxy.socket", 20): ${words}\n`)).toBe('mail.unreachable');
  });

  test('anything else is no answer of its', async () => {
    expect(await said('socat[7] E unknown device\n')).toBe('mail.malformed');
    expect(await said('socat[7] E connect(): Permission denied\n')).toBe('mail.denied');
  });
});

describe('show servers state', () => {
  const HEAD =
    '# be_id be_name srv_id srv_name srv_addr srv_op_state srv_admin_state srv_uweight srv_iweight srv_time_since_last_change srv_check_status srv_check_result srv_check_health srv_check_state srv_agent_state bk_f_forced_id srv_f_forced_id srv_fqdn srv_port srvrecord';

  test('columns are found by their names; only running is up', () => {
    const answer = [
      '1',
      HEAD,
      '4 mailserver_nodes_smtp_ipvANY 1 node1 10.0.20.101 2 0 1 1 86400 6 3 4 6 0 0 0 - 30125 -',
      '4 mailserver_nodes_smtp_ipvANY 2 node2 10.0.20.102 0 1 1 1 86400 1 0 1 14 0 0 0 - 30125 -',
      '',
    ].join('\n');
    expect(serversOf(answer)).toEqual([
      { backend: 'mailserver_nodes_smtp_ipvANY', server: 'node1', address: '10.0.20.101', port: 30_125, isUp: true },
      { backend: 'mailserver_nodes_smtp_ipvANY', server: 'node2', address: '10.0.20.102', port: 30_125, isUp: false },
    ]);
  });

  test('no server is an answer, no table is none', () => {
    expect(serversOf(`1\n${HEAD}\n`)).toEqual([]);
    expect(serversOf('')).toBeUndefined();
    expect(serversOf('socat[1]: E connect(5, AF=1 "/tmp/haproxy.socket"): No such file')).toBeUndefined();
  });
});

describe('pfctl -sn', () => {
  test('redirections of TCP, by number or by name, to addresses and tables', () => {
    const rules = [
      'nat on vtnet0 inet from 10.0.20.0/24 to any -> 192.168.1.2 port 1024:65535',
      'no rdr proto carp all',
      'rdr on vtnet0 inet proto tcp from any to 192.168.1.2 port = smtp -> 10.0.20.1',
      'rdr pass on vtnet0 inet proto tcp from any to 192.168.1.2 port = submission -> 10.0.20.1 port 587',
      'rdr on vtnet0 inet proto { tcp udp } from any to 192.168.1.2 port = 993 -> <mailserver> round-robin',
      'rdr on vtnet0 inet proto udp from any to 192.168.1.2 port = 51820 -> 10.0.20.1',
    ].join('\n');
    expect(redirectionsOf(rules)).toEqual([
      { interface: 'vtnet0', port: 25, target: '10.0.20.1' },
      { interface: 'vtnet0', port: 587, target: '10.0.20.1' },
      { interface: 'vtnet0', port: 993, target: '<mailserver>' },
    ]);
  });
});
