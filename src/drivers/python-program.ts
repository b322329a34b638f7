/** What a Python program of a virtual environment needs to be seen inside: the environment, and the Python that made it. */
import { existsSync, readFileSync } from 'node:fs';
import path from 'node:path';

/** What every sandbox shows already. */
const SHOWN = /^\/usr(?:\/|$)/u;

function environmentAround(file: string): string | null {
  for (let directory = path.dirname(file); directory !== '/'; directory = path.dirname(directory)) {
    if (existsSync(path.join(directory, 'pyvenv.cfg'))) return directory;
  }
  return null;
}

/** Directories to show read-only; none where the program is in no such environment. */
export function pythonAround(file: string): readonly string[] {
  const environment = environmentAround(file);
  if (environment === null) return [];
  const config = readFileSync(path.join(environment, 'pyvenv.cfg'), 'utf8');
  const home = /^home\s*=\s*(?<home>\/.*?)\s*$/mu.exec(config)?.groups?.['home'];
  return [environment, ...(home === undefined ? [] : [path.dirname(home)])].filter((one) => !SHOWN.test(one));
}
