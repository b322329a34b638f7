/** Who acts: recorded with every run and every decision. */
import { userInfo } from 'node:os';

/** `$LOOPWRIGHT_OPERATOR`, else the name of the user the process runs as. */
export function operatorName(env: Readonly<Record<string, string | undefined>>): string {
  const explicit = env['LOOPWRIGHT_OPERATOR'];
  if (explicit !== undefined && explicit !== '') return explicit;
  try {
    return userInfo().username;
  } catch (error) {
    // A uid without an entry in the user database, as in many containers.
    if ((error as NodeJS.ErrnoException).code !== 'ERR_SYSTEM_ERROR') throw error;
    return `uid ${process.getuid?.() ?? 'unknown'}`;
  }
}
