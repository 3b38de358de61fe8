import { type Check, fail, pass } from '../check.ts';

/** The folder of journals and locks: proved by writing, because permissions do not tell a full or read-only disk. */
export const stateFolder: Check = {
  id: 'machine.state-folder',
  title: 'state folder',
  group: 'machine',
  needs: 'machine',
  run: async (world) => {
    const [files, clock] = [await world.client('files'), await world.client('clock')];
    const path = `${world.stateFolder}/.doctor-${clock.now().getTime()}`;
    try {
      await files.makeFolder(world.stateFolder, 0o700);
      await files.createExclusive(path, '', 0o600);
    } catch (error) {
      const why = error instanceof Error ? error.message : '';
      return fail(
        `${world.stateFolder} cannot be written: ${why}`,
        'Make it writable, or name another: export XDG_STATE_HOME=DIR',
      );
    }
    await files.remove(path);
    return pass(world.stateFolder);
  },
};
