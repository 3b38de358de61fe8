import type { Site } from '../../site/site.ts';
import type { Advice } from '../verdict/advice.ts';
import type { TracedMail } from './traced.ts';

const read = (text: string, command: string): Advice => ({ text, command, risk: 'read' });

/** What to look at next, by what was found. Only of one mail is it said what to do about it. */
export function traceNextSteps(mails: readonly TracedMail[], site: Site | undefined): readonly Advice[] {
  const [mail, second] = mails;
  if (mail === undefined) return notFound(site);
  if (second !== undefined) {
    const listed = mails.find(({ verdict, queueIds }) => verdict !== 'PASS' && queueIds.length > 0) ?? mail;
    const id = listed.queueIds.at(-1);
    return id === undefined ? [] : [read('one of them, step by step', `infra mail trace ${id}`)];
  }
  const id = mail.queueIds.at(-1) ?? '';
  const whose = mail.recipients.find(({ state }) => state === mail.state)?.whose;
  switch (mail.state) {
    case 'deferred':
    case 'queued':
      return [
        read('does other mail wait for the same reason?', 'infra mail queue'),
        ...(whose === 'ours' ? [read('at which hop does mail break?', 'infra mail check-ports')] : []),
        { text: 'try this one now', command: inPod(site, 'postqueue', '-i', id), risk: 'write' },
      ];
    case 'held':
      return [{ text: 'release it', command: inPod(site, 'postsuper', '-H', id), risk: 'write' }];
    case 'unknown':
      return mail.now?.queue === 'none'
        ? [read('did somebody delete it by hand?', podLog(site, 'postsuper'))]
        : [read('does it wait?', 'infra mail queue')];
    default:
      return [];
  }
}

/** It may be older than the log, have another sender in its envelope, or wait elsewhere. */
function notFound(site: Site | undefined): readonly Advice[] {
  return [
    {
      text: `senders in an envelope often differ from those in the mail: look by the recipient alone`,
      risk: 'read',
    },
    ...(site?.mail.ssh.secondMx.value === undefined
      ? []
      : [read('does it wait at the second MX?', 'infra mail queue')]),
    read('can mail get in at all?', 'infra mail check-ports'),
    ...(site === undefined
      ? []
      : [read('older logs, from a file', 'infra mail trace --file mail.log.1.gz --to ADDRESS')]),
  ];
}

function podLog(site: Site | undefined, word: string): string {
  if (site === undefined) return `grep ${word} LOG`;
  const { namespace, pod } = site.mail;
  return `kubectl -n ${namespace.value} logs -l ${pod.selector.value} -c ${pod.container.value} --tail=-1 | grep ${word}`;
}

function inPod(site: Site | undefined, ...words: readonly string[]): string {
  if (site === undefined) return words.join(' ');
  const { namespace, service, pod } = site.mail;
  return `kubectl -n ${namespace.value} exec deploy/${service.value} -c ${pod.container.value} -- ${words.join(' ')}`;
}
