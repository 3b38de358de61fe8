import * as z from 'zod';

/** Text with at least one visible character, at most 300. */
export const text = z.string().regex(/^\S(?:.{0,298}\S)?$/, 'must be text, neither empty nor with spaces around it');

/** A host name or an IP address. */
const HOST = String.raw`(?:[A-Za-z0-9_](?:[A-Za-z0-9_.-]{0,252}[A-Za-z0-9])?|\[?[0-9A-Fa-f:]*:[0-9A-Fa-f:.]+\]?)`;

/** A name as Kubernetes accepts it for namespaces and objects: RFC 1123. */
export const objectName = z
  .string()
  .regex(/^[a-z0-9](?:[a-z0-9.-]{0,251}[a-z0-9])?$/, 'must be a name of lower-case letters, digits, "-" and "."');

/** The name of a stack: one folder. */
export const stackName = z
  .string()
  .regex(/^[A-Za-z0-9_][A-Za-z0-9._-]{0,62}$/, 'must be the name of a stack, one folder');

/** An http(s) address without credentials, query or fragment: those would end up in logs. */
export const address = z
  .string()
  .regex(
    /^https?:\/\/[^\s/?#@]+(?:\/[^\s?#@]*)?$/,
    'must be an address such as https://vault.example.com, without user name, password or query',
  )
  .refine((value) => URL.canParse(value), 'must be an address such as https://vault.example.com');

export const host = z.string().regex(new RegExp(`^${HOST}$`), 'must be a host name or an IP address');

/** `host` or `host:port`. */
export const hostAndPort = z
  .string()
  .regex(new RegExp(`^${HOST}(?::[0-9]{1,5})?$`), 'must be a host name or an IP address, with or without a port');

/** `host:port/database`, with or without options: `?sslmode=disable`. */
export const database = z
  .string()
  .regex(
    new RegExp(String.raw`^${HOST}:[0-9]{1,5}/[\w-]{1,63}(?:\?[\w=&.-]{1,200})?$`),
    'must be host:port/database, such as 10.0.20.200:5432/terraform_state',
  );

/** The name of a metric of Prometheus, or the part of it that several have in common. */
export const metricName = z.string().regex(/^[A-Za-z_:][\w:]{0,200}$/, 'must be the name of a metric');

export const port = z.int().min(1).max(65535);

/** A path inside the repository: relative, without `..`. */
export const innerPath = z
  .string()
  .regex(
    /^(?!\/)(?!~)(?!(?:.*\/)?\.\.(?:\/|$))[^\0\n\\]{1,300}$/,
    'must be a path inside the repository, such as scripts/tg',
  );

/** A path on this machine. */
export const machinePath = z.string().regex(/^[^\0\n]{1,1000}$/, 'must be a path');

/** A path in Vault as a person writes it: `secret/platform`. */
export const vaultPath = z
  .string()
  .regex(/^[\w.-]+(?:\/[\w.@ -]+)*$/, 'must be a path in Vault such as secret/platform, without a slash at either end');

/** Where a token is to be found; a literal token is refused. */
export const tokenReference = z.union([
  z.strictObject({ env: z.string().regex(/^[A-Za-z_]\w*$/, 'must be the name of an environment variable') }),
  z.strictObject({ file: machinePath }),
  z.strictObject({
    vault: z.string().regex(/^[\w.-]+(?:\/[\w.@ -]+)*#[\w.@-]+$/, 'must be PATH#KEY, such as secret/authentik#token'),
  }),
]);

export const day = z.iso.date('must be a day such as 2027-01-31');
