import type { Send } from '../http/exchange.ts';
import type { Attributes } from './resource.ts';

/** The systems that the providers talk to. */
export type Outside = { readonly vault: Send; readonly kubernetes: Send; readonly cloudflare: Send };

/** How a provider keeps one resource type. `read` gives undefined for an object that is gone. Errors: Diagnosed. */
export type Driver = {
  readonly read: (attributes: Attributes, outside: Outside) => Promise<Attributes | undefined>;
  readonly create: (values: Attributes, outside: Outside) => Promise<Attributes>;
  readonly update: (values: Attributes, prior: Attributes, outside: Outside) => Promise<Attributes>;
  readonly remove: (attributes: Attributes, outside: Outside) => Promise<void>;
  /** Attributes that cannot be changed in place. */
  readonly immutable: readonly string[];
};
