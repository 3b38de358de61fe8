import * as z from 'zod';
import { PHASES, RISKS } from '../../diagnosis/cause.ts';
import { VERDICTS } from '../../findings/finding.ts';

const text = z.string().min(1, 'must not be empty').max(2000, 'is longer than 2000 characters');
const objectName = z
  .string()
  .regex(/^[a-z0-9]([a-z0-9.-]{0,251}[a-z0-9])?$/, 'must be the name of a Kubernetes object');
const code = z
  .string()
  .regex(/^[a-z][a-z0-9-]*(\.[a-z0-9-]+)+$/, 'must be words joined by dots, such as weather.app.down');

/** Which pods: one by name, or those with labels. */
const pods = {
  namespace: objectName,
  pod: objectName.exactOptional(),
  selector: text.exactOptional(),
  container: objectName.exactOptional(),
};

/** Programs that only read and end by themselves; no shell and no interpreter, which could do anything. */
const READ_ONLY_PROGRAMS = ['df', 'stat', 'ls', 'ss', 'cat', 'psql', 'postqueue', 'postconf', 'cscli'] as const;

/**
 * A kind as the API names it. Each part stands in the path of a request: with a slash, a percent sign or a dot more it
 * would name another one, and be Secrets by another spelling.
 */
const DNS_LABEL = '[a-z0-9](?:[a-z0-9-]*[a-z0-9])?';
const apiGroup = z
  .string()
  .max(253, 'is longer than 253 characters')
  .regex(
    new RegExp(`^(?:${DNS_LABEL}(?:\\.${DNS_LABEL})*)?$`),
    'must be a group of the API, such as apps or monitoring.coreos.com',
  );
const apiVersion = z
  .string()
  .regex(/^v[0-9]+(?:(?:alpha|beta)[0-9]+)?$/, 'must be a version of the API, such as v1 or v1beta1');
/** `watch` and `proxy` are no kinds: before a name they are other ways to the kind of that name. */
const plural = z
  .string()
  .max(253, 'is longer than 253 characters')
  .regex(/^[a-z][a-z0-9]*$/, 'must be a kind of the API in lower-case letters and digits, such as deployments')
  .regex(/^(?!(?:secrets|serviceaccounts)$)/, 'is not recorded: a recording must hold no secret')
  .regex(/^(?!(?:watch|proxy)$)/, 'is no kind of the API');

/** How a probe asks; each key is one kind, and a probe has exactly one. */
export const kinds = {
  log: z.strictObject({
    ...pods,
    since: z.int().min(1).max(86_400).default(900).describe('Seconds to look back. Default: 900.'),
    previous: z.boolean().default(false).describe('The log of the container before.'),
    patterns: z
      .record(z.string().regex(/^[a-z][a-zA-Z0-9]*$/, 'must be a word'), text)
      .describe('Name and regular expression (case does not matter).'),
  }),
  http: z.strictObject({
    url: z.url({ protocol: /^https?$/, error: 'must be an http or https address' }),
    connectTo: text.exactOptional().describe('Dial this host[:port] instead of what the name says.'),
  }),
  kubernetes: z.strictObject({
    group: apiGroup.default('').describe('Empty for the core group.'),
    version: apiVersion.default('v1'),
    plural,
    namespace: objectName.exactOptional(),
    name: objectName.exactOptional(),
    selector: text.exactOptional(),
    fields: z.array(text).min(1).describe('Dotted paths of what is kept, such as status.readyReplicas.'),
  }),
  exec: z.strictObject({
    ...pods,
    command: z
      .tuple([z.enum(READ_ONLY_PROGRAMS, `must be one of ${READ_ONLY_PROGRAMS.join(', ')}`)], z.string())
      .describe('A program that only reads, and its arguments.'),
  }),
  dns: z.strictObject({
    name: text,
    type: z.enum(['A', 'AAAA', 'MX', 'TXT', 'PTR', 'CNAME', 'NS']),
    server: text.exactOptional().describe('host[:port]; default: the servers of this machine.'),
  }),
  tcp: z.strictObject({ host: text, port: z.int().min(1).max(65_535) }),
  promql: z.strictObject({ query: text }),
  vault: z.strictObject({ exists: text.exactOptional().describe('A KV path; left out: only the health of Vault.') }),
} as const;

/** The word of a kind: `log`, `http`, … */
export type KindName = keyof typeof kinds;
export const KIND_NAMES = Object.keys(kinds) as readonly KindName[];

const rule = z.strictObject({
  when: text.exactOptional().describe('CEL over `evidence`; left out: always. The first rule that holds decides.'),
  verdict: z.enum(VERDICTS),
  detail: text.describe('One line; {{ CEL }} is replaced by its value.'),
  reason: text.exactOptional().describe('For UNKNOWN and SKIP.'),
  observation: code.exactOptional(),
  cause: code.exactOptional(),
});

const probe = z
  .strictObject({
    id: code.describe('subject.layer.thing.'),
    title: text,
    layer: text,
    dependsOn: z.array(code).default([]),
    question: text,
    why: text,
    healthy: text,
    byHand: text.describe('The command that shows the same.'),
    timeoutSeconds: z.int().min(1).max(120).exactOptional(),
    judge: z.array(rule).min(1),
    log: kinds.log.exactOptional(),
    http: kinds.http.exactOptional(),
    kubernetes: kinds.kubernetes.exactOptional(),
    exec: kinds.exec.exactOptional(),
    dns: kinds.dns.exactOptional(),
    tcp: kinds.tcp.exactOptional(),
    promql: kinds.promql.exactOptional(),
    vault: kinds.vault.exactOptional(),
  })
  .refine((one) => KIND_NAMES.filter((kind) => one[kind] !== undefined).length === 1, {
    error: `must ask in exactly one way: ${KIND_NAMES.join(', ')}`,
  });

const remedy = z.strictObject({
  phase: z.enum(PHASES).exclude(['keep']),
  text,
  command: text.exactOptional(),
  risk: z.enum(RISKS),
  destroys: text.exactOptional(),
  signsOut: text.exactOptional(),
});

const cause = z.strictObject({
  code,
  layer: text,
  title: text,
  explains: z
    .array(code)
    .min(1, 'is empty: a cause that explains nothing can never be confirmed')
    .describe('Observations and causes that follow from this one.'),
  remedies: z.array(remedy).min(1, 'is empty: a cause without a remedy leaves its reader alone'),
});

/** A runbook of the site. */
export const ownRunbookSchema = z.strictObject({
  subject: z.string().regex(/^[a-z][a-z0-9-]{0,62}$/, 'must be one word of lower-case letters, digits and "-"'),
  title: text,
  introduction: text,
  layers: z
    .array(z.strictObject({ id: text, title: text }))
    .min(1)
    .describe('Lowest first: a fault low down explains what is seen above it.'),
  probes: z.array(probe).min(1),
  causes: z.array(cause).default([]),
});

/** What a file of a runbook says. */
export type OwnRunbook = z.infer<typeof ownRunbookSchema>;
export type OwnProbe = OwnRunbook['probes'][number];
/** What the kind `K` is asked with. */
export type KindOptions<K extends KindName> = z.infer<(typeof kinds)[K]>;
