import { AUTHENTIK_GO } from './authentik-go.ts';
import { AUTHENTIK_GO_FACTS } from './authentik-go-facts.ts';
import { AUTHENTIK_RUST } from './authentik-rust.ts';
import { AUTHENTIK_RUST_CORE } from './authentik-rust-core.ts';
import { AUTHENTIK_SERVER } from './authentik-server.ts';
import { CNPG } from './cnpg.ts';
import { EDGE } from './edge.ts';
import { KUBERNETES } from './kubernetes.ts';
import { MAIL_SERVERS } from './mail-servers.ts';
import { PGBOUNCER } from './pgbouncer.ts';
import { POSTFIX } from './postfix.ts';
import { POSTFIX_DELIVERY } from './postfix-delivery.ts';
import { POSTFIX_PLATFORM } from './postfix-platform.ts';
import { POSTGRESQL } from './postgresql.ts';
import type { Signature } from './signature.ts';
import { TERRAFORM } from './terraform.ts';
import { VAULT } from './vault.ts';

/**
 * Every line shape that is known, in the order in which they are told. How to read a line (PostgreSQL wrapped by its
 * operator, access logs, Terragrunt's prefixes) is no signature: `logs/line.ts` knows that.
 */
export const CATALOGUE: readonly Signature[] = [
  ...AUTHENTIK_GO,
  ...AUTHENTIK_GO_FACTS,
  ...AUTHENTIK_RUST,
  ...AUTHENTIK_RUST_CORE,
  ...AUTHENTIK_SERVER,
  ...EDGE,
  ...PGBOUNCER,
  ...POSTGRESQL,
  ...CNPG,
  ...POSTFIX,
  ...POSTFIX_DELIVERY,
  ...POSTFIX_PLATFORM,
  ...MAIL_SERVERS,
  ...VAULT,
  ...TERRAFORM,
  ...KUBERNETES,
];

const BY_ID: ReadonlyMap<string, Signature> = new Map(CATALOGUE.map((signature) => [signature.id, signature]));

/** The signature of an id, or undefined when there is none (an older recording may know more). */
export function signatureOf(id: string): Signature | undefined {
  return BY_ID.get(id);
}
