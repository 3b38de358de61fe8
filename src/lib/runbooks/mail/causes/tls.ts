import type { Cause } from '../../../diagnosis/cause.ts';
import { everywhere } from './effects.ts';
import { inCode, look, verify, where } from './where.ts';

export const CERTIFICATE: Cause = {
  code: 'mail.certificate',
  layer: 'server',
  title: 'the mail server shows a certificate that clients refuse, or soon will',
  explains: ['tls.certificate-invalid', 'tls.certificate-due', 'tls.certificate-differs', ...everywhere('certificate')],
  remedies(judged) {
    const { inPod, namespace, service } = where(judged);
    return [
      look(
        'the certificate that the pod has',
        inPod('openssl x509 -in /tmp/ssl/tls.crt -noout -subject -enddate -ext subjectAltName'),
      ),
      look(
        'the one in its Secret',
        `kubectl -n ${namespace} get secret tls-secret -o jsonpath='{.data.tls\\.crt}' | base64 -d | openssl x509 -noout -enddate`,
      ),
      {
        phase: 'now',
        text: 'the Secret is newer than what is shown: start the pod anew',
        command: `kubectl -n ${namespace} rollout restart deployment ${service}`,
        risk: 'destroy',
        destroys: 'every mail connection for a minute',
      },
      verify('server,node'),
      inCode(
        'whoever renews the certificate has to restart the pod, or the pod has to watch the Secret',
        'certificate',
      ),
    ];
  },
};

export const AUTH_BEFORE_TLS: Cause = {
  code: 'mail.auth-before-tls',
  layer: 'server',
  title: 'submission offers AUTH before TLS: a client that does not insist sends its password in the clear',
  explains: ['tls.auth-before-tls', ...everywhere('auth-before-tls')],
  remedies(judged) {
    const { inPod } = where(judged);
    return [
      look('it must be yes', inPod('postconf smtpd_tls_auth_only')),
      look('no listener may say otherwise', inPod('postconf -P')),
      verify('server,node'),
      inCode('smtpd_tls_auth_only = yes in postfix-main.cf', 'auth-before-tls'),
    ];
  },
};
