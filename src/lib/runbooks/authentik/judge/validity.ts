import type { EvidenceState } from '../../../diagnosis/probe.ts';
import type { OutpostConfig } from '../probes/outpost-config.ts';
import type { Validities } from '../probes/session-validity.ts';
import { validitySeconds } from './fill.ts';

/** The longest validity that Authentik itself says, else the repository; undefined when neither says one. */
export function validityOf(config: EvidenceState<OutpostConfig>, code: EvidenceState<Validities>): number | undefined {
  const told = config.state === 'answered' ? config.value.validities : [];
  const written = code.state === 'answered' ? code.value : [];
  const seconds = (told.length > 0 ? told : written).flatMap(({ validity }) => validitySeconds(validity) ?? []);
  return seconds.length === 0 ? undefined : Math.max(...seconds);
}
