import type { Site } from '../site/site.ts';
import type { User } from '../users/entry.ts';
import { QUOTA_DEFAULTS } from '../users/entry.ts';

/** What a template may name. An empty value hides the section of its name. */
export type OnboardingValues = Readonly<Record<string, string>>;

/** The values for one user; addresses are those that the site knows, never a secret. */
export function onboardingValues({ name, entry }: User, site: Site): OnboardingValues {
  const quota = { ...QUOTA_DEFAULTS, ...entry.quota };
  return {
    name,
    email: entry.email,
    role: entry.role,
    namespace: entry.namespaces[0] ?? '',
    namespaces: entry.namespaces.join(', '),
    more_namespaces: entry.namespaces.slice(1).join(', '),
    domains: entry.domains.join(', '),
    cpu: quota.cpu_requests,
    memory: quota.memory_requests,
    memory_limit: quota.memory_limits,
    pods: quota.pods,
    mount: site.vault.users.path.value.split('/')[0] ?? '',
    certificate: site.users.tlsSecret.value,
    login: site.authentik.url.value ?? '',
    vault: site.vault.address.value ?? '',
    oidc: site.vault.oidcMount.value,
    forgejo: site.users.forgejo.value?.url ?? '',
  };
}

/**
 * Fills a template: `{{name}}` is a value, `{{#name}}…{{/name}}` stays when the value is not empty, `{{^name}}…{{/name}}`
 * when it is. Throws on a name that has no value: a defect of the template.
 */
export function fillTemplate(template: string, values: OnboardingValues): string {
  const value = (name: string): string => {
    const found = Object.hasOwn(values, name) ? values[name] : undefined;
    if (found === undefined) throw new Error(`The template names {{${name}}}, which has no value.`);
    return found;
  };
  return template
    .replace(/^\{\{([#^])(\w+)\}\}\n([\s\S]*?)^\{\{\/\2\}\}\n/gm, (_all, kind: string, name: string, body: string) =>
      (value(name) === '') === (kind === '^') ? body : '',
    )
    .replace(/\{\{(\w+)\}\}/g, (_all, name: string) => value(name))
    .trimEnd();
}
