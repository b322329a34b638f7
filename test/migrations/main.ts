/**
 * Makes sure that a PostgreSQL server is there to be started. Ends with 2 where it can not be had: a suite that skipped
 * everything would look like one that passed.
 */
import { spawnSync } from 'node:child_process';

const ABSENT = 2;

const setup = spawnSync('sh', ['scripts/setup.sh', 'migrations'], { encoding: 'utf8' });
if (setup.status !== 0) {
  console.error(`Skipped: no PostgreSQL server can be had on this machine.\n${setup.stderr.trim()}`);
  process.exitCode = ABSENT;
}
