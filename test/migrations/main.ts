/**
 * Makes sure that a PostgreSQL server is there to be started, and squawk where it can be had. Ends with 2 without a server: a
 * suite that skipped everything would look like one that passed. Without squawk its tests are skipped with a word.
 */
import { spawnSync } from 'node:child_process';
import { findSquawk } from '../../src/migrations/squawk.ts';
import { SQUAWK_ENVIRONMENT, SQUAWK_PATH, SQUAWK_REQUIREMENTS } from './squawk-place.ts';

const ABSENT = 2;

const setup = spawnSync('sh', ['scripts/setup.sh', 'migrations'], { encoding: 'utf8' });
if (setup.status !== 0) {
  console.error(`Skipped: no PostgreSQL server can be had on this machine.\n${setup.stderr.trim()}`);
  process.exitCode = ABSENT;
}

/** From PyPI, which has its program for most systems. */
function installSquawk(): string | null {
  const quiet = ['--quiet', '--disable-pip-version-check', '--no-deps', '--only-binary=:all:', '--require-hashes'];
  const commands = [
    ['python3', '-m', 'venv', '--clear', SQUAWK_ENVIRONMENT],
    [`${SQUAWK_PATH}/python`, '-m', 'pip', 'install', ...quiet, '-r', SQUAWK_REQUIREMENTS],
  ] as const;
  for (const [file, ...argv] of commands) {
    const { status, error, stderr } = spawnSync(file, argv, { encoding: 'utf8' });
    if (status !== 0) return error?.message ?? stderr.trim().split('\n').at(-1) ?? '';
  }
  return null;
}

if (setup.status === 0 && findSquawk(SQUAWK_PATH) === null) {
  const problem = installSquawk();
  if (problem !== null)
    console.error(`The tests with squawk are skipped: it can not be had on this machine. ${problem}`);
}
