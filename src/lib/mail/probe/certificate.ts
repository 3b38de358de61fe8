import type { TlsFacts } from '../../clients/sockets/client.ts';
import type { Problem } from './report.ts';

/** OpenSSL's codes in our words; every other one is `certificate-untrusted`. */
const REASONS: Readonly<Record<string, readonly [reason: string, words: string]>> = {
  CERT_HAS_EXPIRED: ['certificate-expired', 'the certificate has expired'],
  CERT_NOT_YET_VALID: ['certificate-not-yet-valid', 'the certificate is not valid yet'],
  DEPTH_ZERO_SELF_SIGNED_CERT: ['certificate-self-signed', 'the certificate is self-signed'],
};

/** What is wrong with a certificate for `name`: its chain, its time, its name. All of it, the chain first. */
export function certificateProblems(tls: TlsFacts, name: string): readonly Problem[] {
  const problems: Problem[] = [];
  if (!tls.trusted) {
    const [reason, words] = REASONS[tls.reason ?? ''] ?? [
      'certificate-untrusted',
      'nobody trusted signed the certificate',
    ];
    const until =
      tls.certificate.notAfter === undefined ? '' : `, valid until ${tls.certificate.notAfter.slice(0, 10)}`;
    problems.push({ phase: 'certificate', reason, detail: `${words} (${tls.reason ?? 'no reason'})${until}` });
  }
  if (!tls.nameMatches) {
    const names = tls.certificate.names.slice(0, 5).join(', ') || tls.certificate.subject || 'nobody';
    problems.push({
      phase: 'certificate',
      reason: 'certificate-name',
      detail: `the certificate is for ${names}, not for ${name}`,
    });
  }
  return problems;
}
