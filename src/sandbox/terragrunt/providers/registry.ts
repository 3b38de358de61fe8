import type { Driver } from '../drivers.ts';
import { KUBERNETES_DRIVERS } from './kubernetes.ts';
import { OTHER_DRIVERS } from './others.ts';
import { VAULT_DRIVERS } from './vault.ts';

const DRIVERS: Readonly<Record<string, Driver>> = { ...VAULT_DRIVERS, ...KUBERNETES_DRIVERS, ...OTHER_DRIVERS };

/** The driver of a resource type. Errors: Error for a type that no provider here knows. */
export function driverOf(type: string): Driver {
  const driver = DRIVERS[type];
  if (driver === undefined) throw new Error(`no provider of the sandbox knows ${type}`);
  return driver;
}
