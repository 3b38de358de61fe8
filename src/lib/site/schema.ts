import * as z from 'zod';
import * as rule from './rules.ts';

const tier0 = z
  .strictObject({
    stacks: z
      .array(rule.stackName)
      .describe(
        'Stacks whose state is a local file kept encrypted in git. Default: tier0_stacks of the root terragrunt.hcl.',
      ),
    stateFolder: rule.innerPath.describe('Folder of the state files. Default: state/stacks.'),
    push: z.boolean().describe('Push the state commit after an apply. Default: true.'),
    remote: rule.text.describe('Remote to fetch from and push to. Default: that of the branch’s upstream.'),
    branch: rule.text.describe('Branch to fetch and push. Default: the branch’s upstream.'),
  })
  .partial();

const stacks = z
  .strictObject({
    dir: rule.innerPath.describe('Folder of the stacks. Default: stacks.'),
    run: z
      .enum(['native', 'wrapper'])
      .describe('native: infra runs terragrunt itself; wrapper: it runs the wrapper. Default: native.'),
    wrapper: rule.innerPath.describe('The wrapper script. Default: scripts/tg.'),
    parallelism: z.int().min(1).max(64).describe('Stacks planned at the same time. Default: from cores and memory.'),
    tier0: tier0.describe('State that is kept in git.'),
    guards: z
      .array(rule.innerPath)
      .describe('Scripts that check a stack before it is planned. Default: those that the wrapper runs.'),
    pgCredentials: rule.vaultPath.describe(
      'Path in Vault of the state database’s credentials. Default: database/static-creds/pg-terraform-state.',
    ),
    pgAddress: rule.database.describe('The state database, host:port/database. Default: what the wrapper names.'),
  })
  .partial();

const vault = z
  .strictObject({
    address: rule.address.describe('Default: VAULT_ADDR, then the provider block of the root terragrunt.hcl.'),
    namespace: rule.text.describe('Default: VAULT_NAMESPACE.'),
    users: z
      .strictObject({ path: rule.vaultPath, key: rule.text })
      .partial()
      .describe('The document of users. Default: secret/platform, key k8s_users.'),
    auth: z
      .strictObject({ kubernetes: z.strictObject({ mount: rule.vaultPath, role: rule.text }).partial() })
      .partial()
      .describe('Log in with a service account, where its token file exists.'),
    oidcMount: rule.vaultPath.describe('Default: oidc.'),
    transitMount: rule.vaultPath.describe('Default: transit.'),
    kubernetesMount: rule.vaultPath.describe('The Kubernetes secrets engine. Default: kubernetes.'),
    locks: rule.vaultPath.describe('KV folder of advisory locks. Default: secret/locks.'),
  })
  .partial();

const api = z.strictObject({ url: rule.address, token: rule.tokenReference.exactOptional() });

const users = z
  .strictObject({
    apply: z
      .array(rule.stackName)
      .min(1)
      .describe(
        'Stacks to apply for a user, in this order. Default: those that read the users, ordered by what they need.',
      ),
    tlsSecret: rule.objectName.describe('Default: tls-secret.'),
    forgejo: api.describe('Forgejo, to check that a login exists.'),
    portal: z
      .strictObject({ namespace: rule.objectName, configMap: rule.objectName, deployment: rule.objectName })
      .partial(),
    woodpecker: z.strictObject({ namespace: rule.objectName, statefulSet: rule.objectName }).partial(),
    dashboard: z.strictObject({ namespace: rule.objectName, secret: rule.objectName }).partial(),
  })
  .partial();

const edge = z
  .strictObject({
    resolver: rule.hostAndPort.describe('Public DNS server. Default: 1.1.1.1.'),
    traefik: z
      .strictObject({ namespace: rule.objectName, service: rule.objectName, address: rule.hostAndPort })
      .partial(),
    authProxy: z.strictObject({ namespace: rule.objectName }).partial().describe('Default: where Traefik is.'),
    crowdsec: z.strictObject({ namespace: rule.objectName }).partial(),
    port: rule.port.describe('Port that visitors come to. Default: 443.'),
    hosts: z.array(rule.host).min(1).describe('Probe these instead of what the Ingresses say.'),
    cloudflare: z.strictObject({
      url: rule.address.exactOptional(),
      zone: rule.text,
      token: rule.tokenReference.exactOptional(),
    }),
  })
  .partial();

const ports = z.strictObject({
  port: rule.port,
  proxy: rule.port.exactOptional(),
  nodePort: rule.port.exactOptional(),
  healthPort: rule.port.exactOptional(),
});

const mail = z
  .strictObject({
    hostname: rule.host,
    nodes: z.array(z.strictObject({ name: rule.text, address: rule.host })).min(1),
    ports: z.strictObject({
      smtp: ports.exactOptional(),
      smtps: ports.exactOptional(),
      submission: ports.exactOptional(),
      imaps: ports.exactOptional(),
    }),
    haproxy: rule.host,
    haproxySocket: rule.machinePath.describe('The balancer’s admin socket on its host. Default: /tmp/haproxy.socket.'),
    public: z.strictObject({
      ipv4: z.ipv4('must be an IPv4 address').exactOptional(),
      ipv6: z.ipv6('must be an IPv6 address').exactOptional(),
    }),
    secondMx: rule.hostAndPort.describe('The backup MX, by the name its greeting and DNS have. Port: that of smtp.'),
    ssh: z
      .strictObject({ haproxy: rule.text, nat: rule.text, secondMx: rule.text })
      .partial()
      .describe('Hosts as ssh knows them: where HAProxy runs, where addresses are translated, the backup MX.'),
    namespace: rule.objectName.describe('Default: mailserver.'),
    service: rule.objectName.describe('The Service that the cluster itself sends to. Default: mailserver.'),
    pod: z
      .strictObject({
        selector: rule.text,
        container: rule.objectName,
        logFiles: z.array(rule.machinePath).describe('Logs in files of the pod. Default: /var/log/mail/rspamd.log.'),
      })
      .partial()
      .describe('The mail server’s pod. Default: app=mailserver, container docker-mailserver.'),
    roundtrip: z
      .strictObject({ cronJob: rule.objectName, metric: rule.metricName })
      .partial()
      .describe('What sends a mail around from outside. Default: email-roundtrip-monitor, email_roundtrip_*.'),
    dns: z
      .strictObject({
        domain: rule.host.describe('Default: mail.hostname without its first label.'),
        selectors: z.array(rule.objectName).min(1).describe('DKIM selectors. Default: mail.'),
        authoritative: z
          .array(rule.hostAndPort)
          .min(1)
          .describe('Ask these for the zone, by address. Default: those that its NS records name.'),
        internal: rule.hostAndPort.describe(
          'The DNS server that the mail server asks, by address. Default: not asked.',
        ),
        blockLists: z.array(rule.host).describe('Default: zen.spamhaus.org.'),
        ptrWaiver: rule.text.describe('Why the address need not have the mail server’s name.'),
      })
      .partial()
      .describe('The records of mail.'),
  })
  .partial();

const ignored = z.strictObject({
  finding: rule.text,
  subject: rule.text.exactOptional(),
  reason: rule.text,
  expires: rule.day,
});

/** `infra.yaml`: strict at every level, every top-level key optional. What is left out is discovered or has a default. */
export const siteSchema = z
  .strictObject({
    stacks,
    vault,
    kubernetes: z
      .strictObject({
        context: rule.text,
        kubeconfig: rule.machinePath.describe(
          'Relative to the repository, or ~/…. Default: KUBECONFIG, then ~/.kube/config.',
        ),
        breakGlass: rule.text.describe(
          'A second context, for a diagnosis only: used when the login of the first one fails. Default: none.',
        ),
      })
      .partial(),
    users,
    authentik: z
      .strictObject({
        namespace: rule.objectName,
        url: rule.address,
        token: rule.tokenReference,
        database: z.strictObject({ namespace: rule.objectName }).partial(),
      })
      .partial(),
    edge,
    mail,
    prometheus: z.strictObject({ url: rule.address }).partial(),
    loki: z.strictObject({ url: rule.address }).partial(),
    hosts: z.array(z.strictObject({ name: rule.text, ssh: rule.text.exactOptional() })),
    ignore: z.array(ignored).describe('Findings that are known and accepted until a day.'),
    runbooks: z.array(rule.innerPath),
  })
  .partial();

/** The content of infra.yaml. */
export type SiteDocument = z.infer<typeof siteSchema>;

/** The JSON Schema of infra.yaml, for editors. */
export function siteJsonSchema(): Record<string, unknown> {
  const { $schema, ...rest } = z.toJSONSchema(siteSchema, { io: 'input' }) as Record<string, unknown>;
  return {
    $schema,
    title: 'infra.yaml',
    description: 'One platform as infra sees it. Every key is optional.',
    ...rest,
  };
}
