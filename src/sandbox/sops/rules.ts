import { parse } from 'yaml';

/** One entry of `creation_rules`: which files it is for, and the keys that they are encrypted with. */
export type Rule = {
  readonly path_regex?: string;
  readonly hc_vault_transit_uri?: string;
  readonly hc_vault_uris?: string;
  readonly age?: string;
};

/** The rules of a `.sops.yaml`. A module of its own: only who encrypts a new file needs them. Errors: those of `yaml`. */
export function readRules(text: string): readonly Rule[] {
  return (parse(text) as { creation_rules?: readonly Rule[] } | null)?.creation_rules ?? [];
}
