import type { Diagnosis, DiagnosisFinding, FailOn } from '../diagnosis/diagnosis.ts';
import { findingWords } from './diagnosis-words.ts';

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

const seconds = (ms: number): string => (ms / 1000).toFixed(3);

/**
 * A diagnosis as JUnit XML: one suite, one test case a probe, in the runbook's order. FAIL is a failure, UNKNOWN an
 * error, SKIP skipped; WARN passes and is told in the suite's system-out, or is a failure where warnings count. It
 * keeps to what both the schema of Ant's JUnit tasks and that of Jenkins' xUnit plugin allow.
 */
export function junitXml(diagnosis: Diagnosis, failOn: FailOn): string {
  const { subject, at, tookMs, findings, rootCause, verdict } = diagnosis;
  const results = findings.map((finding) => resultOf(finding, failOn));
  const count = (result: string): number => results.filter((one) => one === result).length;
  const suite = {
    ...{ name: subject, package: 'infra.diagnose', id: 0, timestamp: at.slice(0, 19), hostname: 'localhost' },
    ...{ tests: findings.length, failures: count('failure'), errors: count('error'), skipped: count('skipped') },
    time: seconds(tookMs),
  };
  const passing = findings.filter((finding, index) => finding.verdict === 'WARN' && results[index] === 'pass');
  const told = [
    `${verdict} ${subject}${rootCause === undefined ? '' : `: ${rootCause.code ?? rootCause.confidence}`}`,
    ...passing.map((finding) => `WARN ${finding.id}: ${findingWords(diagnosis, finding)}`),
  ];
  const properties = [
    ['verdict', verdict],
    ...(rootCause === undefined ? [] : [['rootCause', rootCause.code ?? rootCause.confidence]]),
  ];
  return [
    '<?xml version="1.0" encoding="UTF-8"?>',
    '<testsuites>',
    `  <testsuite${attributes(suite)}>`,
    '    <properties>',
    ...properties.map(([name = '', value = '']) => `      <property${attributes({ name, value })}/>`),
    '    </properties>',
    ...findings.flatMap((finding, index) => testCase(diagnosis, finding, results[index] ?? 'pass')),
    `    <system-out>${xml(told.join('\n'))}</system-out>`,
    '    <system-err/>',
    '  </testsuite>',
    '</testsuites>',
  ].join('\n');
}

function attributes(values: Readonly<Record<string, string | number>>): string {
  return Object.entries(values)
    .map(([name, value]) => ` ${name}="${xml(String(value)).replaceAll(/\s+/g, ' ')}"`)
    .join('');
}

function testCase(
  diagnosis: Diagnosis,
  finding: DiagnosisFinding,
  result: ReturnType<typeof resultOf>,
): readonly string[] {
  const { id, layer, durationMs, reason, causes, verdict, title, command, samples = [] } = finding;
  const head = `    <testcase${attributes({ classname: layer, name: id, time: seconds(durationMs) })}`;
  if (result === 'pass') return [`${head}/>`];
  const message = findingWords(diagnosis, finding);
  if (result === 'skipped') return [`${head}>`, `      <skipped${attributes({ message })}/>`, '    </testcase>'];
  const said = [`${title}: ${message}`, ...(command === undefined ? [] : [`by hand: ${command}`]), ...samples];
  const type = reason ?? causes[0]?.code ?? verdict;
  return [
    `${head}>`,
    `      <${result}${attributes({ message, type })}>${xml(said.join('\n'))}</${result}>`,
    '    </testcase>',
  ];
}
