import { InfraError } from '../../errors.ts';

const DENIED = new Set(['EACCES', 'EPERM', 'EROFS']);
const FULL = new Set(['ENOSPC', 'EDQUOT', 'EFBIG']);
const WORDS: Readonly<Record<string, string>> = {
  EACCES: 'permission denied',
  EPERM: 'not permitted',
  EROFS: 'the file system is read-only',
  ENOSPC: 'no space left on the device',
  EDQUOT: 'the disk quota is used up',
  EFBIG: 'the file would be larger than allowed',
  EISDIR: 'it is a folder',
  ENOTDIR: 'a part of the path is not a folder',
  EEXIST: 'something else is already there',
  ENOTEMPTY: 'the folder is not empty',
  ELOOP: 'too many links',
  EXDEV: 'the two paths are on different file systems',
  EMFILE: 'too many open files',
  ENOENT: 'it does not exist',
};

/** The system's code of an error, or undefined. */
export function codeOf(error: unknown): string | undefined {
  return error instanceof Error && 'code' in error && typeof error.code === 'string' ? error.code : undefined;
}

/** True when the error says that nothing is at the path: it is missing, or a parent of it is a file. */
export function isAbsent(error: unknown): boolean {
  const code = codeOf(error);
  return code === 'ENOENT' || code === 'ENOTDIR';
}

/** Turns an error of node:fs into ours. `tried` completes "Could not …", and names the path. */
export function filesError(error: unknown, tried: string): InfraError {
  const code = codeOf(error) ?? 'unknown';
  const message = `Could not ${tried}: ${WORDS[code] ?? 'the system refused'} (${code}).`;
  if (DENIED.has(code)) return new InfraError('files.denied', 'denied', message, { cause: error });
  if (FULL.has(code)) {
    return new InfraError('files.disk-full', 'unavailable', message, { cause: error, hints: ['df -h', 'df -i'] });
  }
  return new InfraError('files.failed', 'unavailable', message, { cause: error });
}
