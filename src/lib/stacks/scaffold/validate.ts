import type { Clients } from '../../clients/clients.ts';
import { InfraError, isInfraError } from '../../errors.ts';
import type { Finding } from '../../findings/finding.ts';
import { makeRedactor } from '../../secrets/redaction.ts';

const INIT_MS = 300_000;
const VALIDATE_MS = 120_000;

/**
 * `tofu validate` (or terraform's) of a folder, without its backend: no state and no credential is needed, only the
 * providers. Where those or the tool cannot be had the finding is UNKNOWN. Errors: `stack.new-invalid` (4).
 */
export async function validateFolder(
  clients: Pick<Clients, 'processes' | 'files'>,
  folder: string,
  signal?: AbortSignal,
): Promise<Finding> {
  const tool = await toolOf(clients);
  if (tool === undefined) return unknown('tofu validate', 'no-program', 'neither tofu nor terraform is on PATH');
  const data = await clients.files.makePrivateTemp('infra-validate-');
  const call = (args: readonly string[], timeoutMs: number) =>
    clients.processes.run(
      { program: tool, args, cwd: folder, env: { TF_DATA_DIR: data, TF_IN_AUTOMATION: '1' } },
      { timeoutMs, ...(signal === undefined ? {} : { signal }) },
    );
  try {
    const init = await call(['init', '-backend=false', '-input=false', '-no-color'], INIT_MS);
    if (init.exitCode !== 0) {
      return unknown(`${tool} validate`, 'no-providers', `${tool} init failed: ${said(init.stderr || init.stdout)}`);
    }
    const validated = await call(['validate', '-json', '-no-color'], VALIDATE_MS);
    const errors = errorsIn(validated.stdout);
    if (errors === undefined) return unknown(`${tool} validate`, 'bad-output', 'it printed no result');
    if (errors.length === 0) {
      return {
        id: 'stack.new.validate',
        title: `${tool} validate`,
        verdict: 'PASS',
        detail: 'the configuration is valid',
      };
    }
    throw new InfraError('stack.new-invalid', 'refused', `${tool} validate refused the new stack: ${errors[0]}`, {
      violations: errors.map((message) => ({ code: 'stack.new-invalid', message })),
      hints: ['Nothing was left behind. Do the modules of the repository take what the template gives them?'],
    });
  } catch (error) {
    if (!isInfraError(error, 'process.timeout')) throw error;
    return unknown(`${tool} validate`, 'timeout', error.message);
  } finally {
    await clients.files.remove(data);
    await clients.files.remove(`${folder}/.terraform.lock.hcl`);
  }
}

async function toolOf({ processes }: Pick<Clients, 'processes'>): Promise<string | undefined> {
  for (const name of ['tofu', 'terraform']) if ((await processes.which(name)) !== undefined) return name;
  return undefined;
}

function errorsIn(text: string): readonly string[] | undefined {
  try {
    const { valid, diagnostics } = JSON.parse(text) as {
      readonly valid?: unknown;
      readonly diagnostics?: readonly {
        severity?: string;
        summary?: string;
        detail?: string;
        range?: { filename?: string };
      }[];
    };
    if (valid === true) return [];
    return (diagnostics ?? [])
      .filter(({ severity }) => severity === 'error')
      .map(({ summary, detail, range }) =>
        makeRedactor().redact([range?.filename, summary, detail?.split('\n')[0]].filter(Boolean).join(': ')),
      );
  } catch {
    return undefined;
  }
}

function said(text: string): string {
  const lines = text.split('\n').map((line) => line.replace(/^[│╷╵\s]+/, '').trim());
  const line =
    lines.find((each) => each.startsWith('Error: ')) ?? lines.findLast((each) => each !== '') ?? 'without a word';
  return makeRedactor().redact(line);
}

function unknown(title: string, reason: string, detail: string): Finding {
  const hint = 'infra stack plan checks it too, with the providers of the stack';
  return { id: 'stack.new.validate', title, verdict: 'UNKNOWN', reason, detail, hint };
}
