import { once } from 'node:events';
import { createWriteStream } from 'node:fs';
import { CATALOGUE } from '../src/lib/diagnosis/signatures/catalogue.ts';

/** Ordinary lines of the platform, as many of each as a day has. */
const ORDINARY: readonly string[] = [
  '{"auth_via":"unauthenticated","domain_url":"app.example.org","event":"/outpost.goauthentik.io/auth/traefik","host":"app.example.org","level":"info","logger":"authentik.outpost.proxyv2.application","method":"GET","name":"app","remote":"10.0.20.7:51234","runtime":"0.412","scheme":"http","size":0,"status":302,"timestamp":"2026-04-18T10:54:NNZ","user_agent":"Mozilla/5.0 (X11; Linux x86_64)"}',
  '10.0.20.7 - - [18/Apr/2026:10:54:NN +0000] "GET /static/dist/app.css HTTP/2.0" 200 48213 "-" "-" NNNN "app@kubernetes" "http://10.10.3.7:8080" 3ms',
  '{"level":"info","ts":"2026-04-18T10:54:NNZ","logger":"postgres","msg":"record","logging_pod":"pg-cluster-1","record":{"log_time":"2026-04-18 10:54:NN.148 UTC","process_id":"NNNN","error_severity":"LOG","sql_state_code":"00000","message":"checkpoint complete: wrote NNN buffers"}}',
  'Apr 18 10:54:NN mail postfix/smtpd[NNNN]: disconnect from node2.example.com[10.0.20.2] quit=1 commands=1',
  '2026-04-18 10:54:NN.123 UTC [1] LOG C-0x55d0: app/app@10.0.0.9:NNNNN login attempt: db=app user=app tls=no',
  '2026-04-18T10:54:NNZ INF Configuration loaded from file: /etc/traefik/dynamic.yml providerName=file',
];
/** One line in so many is of a signature, and one in as many an error that nobody knows. */
const EVERY = 200;

/** Writes a log of about `bytes` bytes: mostly ordinary lines, and every signature again and again. Deterministic. */
export async function writeLogCorpus(path: string, bytes: number): Promise<void> {
  const out = createWriteStream(path);
  let written = 0;
  let random = 42;
  let count = 0;
  while (written < bytes) {
    const lines: string[] = [];
    for (let index = 0; index < 4000; index += 1) {
      count += 1;
      random = (random * 1_103_515_245 + 12_345) & 0x7fffffff;
      const known = CATALOGUE[Math.floor(count / EVERY) % CATALOGUE.length];
      if (count % EVERY === 0) lines.push(known?.samples[0] ?? '');
      else if (count % EVERY === 1)
        lines.push(`2026-04-18T10:54:00Z ERR import of order ${random} failed code=${count}`);
      else
        lines.push(
          (ORDINARY[random % ORDINARY.length] ?? '').replaceAll(/N+/g, (run) =>
            String(10 + (random % 50)).padEnd(run.length, '7'),
          ),
        );
    }
    const block = `${lines.join('\n')}\n`;
    written += Buffer.byteLength(block);
    if (!out.write(block)) await once(out, 'drain');
  }
  out.end();
  await once(out, 'close');
}
