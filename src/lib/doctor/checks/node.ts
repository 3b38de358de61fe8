import { type Check, pass, unknown, warn } from '../check.ts';

/** The versions that package.json's `engines` names. */
const SUPPORTED = '22.22.2 or a newer 22, 24.15.0 or a newer 24, or 26 and newer';

/** The Node on PATH: it is what `infra` starts with. One that is too old is refused at the start already. */
export const node: Check = {
  id: 'machine.node',
  title: 'Node',
  group: 'machine',
  needs: 'machine',
  run: async (world) => {
    const program = await world.program('node');
    const command = 'node --version';
    if (program === undefined) return pass('none on PATH; infra was started with its own', { command });
    if (program.version === undefined)
      return unknown(`${program.path} does not tell its version`, 'no-version', { command });
    if (isSupported(program.version)) return pass(`${program.version} (${program.path})`, { command });
    return warn(
      `${program.version} on PATH is not supported; infra refuses to start with it`,
      `Install Node ${SUPPORTED}.`,
      { command },
    );
  },
};

function isSupported(version: string): boolean {
  const [major = 0, minor = 0, patch = 0] = version.split('.').map(Number);
  if (major === 22) return minor > 22 || (minor === 22 && patch >= 2);
  return major >= 26 || (major === 24 && minor >= 15);
}
