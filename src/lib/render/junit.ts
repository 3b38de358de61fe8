import type { Diagnosis, DiagnosisFinding, FailOn } from '../diagnosis/diagnosis.ts';
import { causeName, findingWords } from './diagnosis-words.ts';

/** Text inside XML: what XML 1.0 cannot hold, such as the escape of a colour, is dropped. */
function xml(text: string): string {
  return text
    .replace(/[^\t\n\r\u{20}-\u{d7ff}\u{e000}-\u{fffd}\u{10000}-\u{10ffff}]/gu, '')
    .replaceAll('&', '&amp;')
    .replaceAll('<', '&lt;')
    .replaceAll('>', '&gt;')
    .replaceAll('"', '&quot;');
}

/** The kind of result that a finding is for a CI server. An ignored one counts as skipped: it is told, and it is no failure. */
function resultOf({ verdict, ignored }: DiagnosisFinding, failOn: FailOn): 'failure' | 'error' | 'skipped' | 'pass' {
  if (ignored !== undefined) return 'skipped';
  if (verdict === 'FAIL') return 'failure';
  if (verdict === 'UNKNOWN') return 'error';
  if (verdict === 'SKIP') return 'skipped';
  return verdict === 'WARN' && failOn === 'warn' ? 'failure' : 'pass';
}

/**
 * A diagnosis as JUnit XML: one suite, one test case a probe, in the runbook's order. FAIL is a failure, UNKNOWN an
 * error, SKIP skipped; WARN is a failure unless warnings pass (`--fail-on fail`), then it is told in system-out.
 */
export function junitXml(diagnosis: Diagnosis, failOn: FailOn): string {
  const { subject, at, tookMs, findings, rootCause } = diagnosis;
  const results = findings.map((finding) => resultOf(finding, failOn));
  const count = (result: string): number => results.filter((one) => one === result).length;
  const totals = `tests="${findings.length}" failures="${count('failure')}" errors="${count('error')}" skipped="${count('skipped')}"`;
  const time = (ms: number): string => `time="${(ms / 1000).toFixed(3)}"`;
  const cases = findings.flatMap((finding, index) => {
    const result = results[index] ?? 'pass';
    const head = `<testcase classname="${xml(finding.layer)}" name="${xml(finding.id)}" ${time(finding.durationMs)}`;
    const words = xml(findingWords(diagnosis, finding));
    const said = [
      finding.title,
      finding.detail,
      ...(finding.causedBy === undefined ? [] : [`caused by ${causeName(diagnosis, finding.causedBy)}`]),
      ...(finding.command === undefined ? [] : [`by hand: ${finding.command}`]),
      ...(finding.samples ?? []),
    ];
    const type = xml(finding.reason ?? finding.causes[0]?.code ?? finding.verdict);
    const body =
      result === 'skipped'
        ? [`      <skipped message="${words}"/>`]
        : result === 'pass'
          ? finding.verdict === 'WARN'
            ? [`      <system-out>WARN ${words}</system-out>`]
            : []
          : [`      <${result} message="${words}" type="${type}">${xml(said.join('\n'))}</${result}>`];
    return body.length === 0 ? [`    ${head}/>`] : [`    ${head}>`, ...body, '    </testcase>'];
  });
  const cause =
    rootCause === undefined
      ? []
      : [`      <property name="rootCause" value="${xml(rootCause.code ?? rootCause.confidence)}"/>`];
  return [
    '<?xml version="1.0" encoding="UTF-8"?>',
    `<testsuites name="infra diagnose" ${totals} ${time(tookMs)}>`,
    `  <testsuite name="${xml(subject)}" ${totals} ${time(tookMs)} timestamp="${at.slice(0, 19)}" hostname="localhost">`,
    '    <properties>',
    `      <property name="verdict" value="${diagnosis.verdict}"/>`,
    ...cause,
    '    </properties>',
    ...cases,
    '  </testsuite>',
    '</testsuites>',
  ].join('\n');
}
