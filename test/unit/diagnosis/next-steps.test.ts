import { expect, test } from 'vitest';
import { InfraError } from '../../../src/lib/errors.ts';
import { diagnoseTiny, tinyRunbook } from './run-tiny.ts';
import { tinyProbe } from './tiny-runbook.ts';

const silent = async (count: number, code: string): Promise<readonly (string | undefined)[]> => {
  const probes = Array.from({ length: count }, (_, at) =>
    tinyProbe(`tiny.x.p${at}`, {
      collect: async () => {
        throw new InfraError(code, 'unavailable', 'No route.');
      },
    }),
  );
  const { diagnosis } = await diagnoseTiny(tinyRunbook(probes));
  return diagnosis.nextSteps.map(({ command }) => command);
};

test('where everything is silent the way there is looked at first, then the questions by hand', async () => {
  expect((await silent(6, 'kubernetes.unreachable'))[0]).toBe('infra doctor');
  expect((await silent(6, 'kubernetes.not-configured'))[0]).toBe('infra doctor');
  expect(await silent(2, 'kubernetes.unreachable')).toEqual(['look tiny.x.p0']);
  expect(await silent(6, 'web.malformed')).toEqual(['look tiny.x.p0']);
});
