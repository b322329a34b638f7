/**
 * Installs the agents of this folder, as its lockfile says, without running any install script of theirs. Fails where the
 * registry cannot be reached: a suite that skipped everything would look like one that passed.
 *
 * The `overrides` in package.json stand for clipboard packages that one agent names, that no test needs and that a partial
 * mirror of the registry does not have; without them npm refuses its own lockfile there.
 */
import { spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

const FOLDER = import.meta.dirname;
const STAMP = join(FOLDER, 'node_modules', '.installed-lockfile');

const lockfile = readFileSync(join(FOLDER, 'package-lock.json'));
const wanted = createHash('sha256').update(lockfile).digest('hex');
const { dependencies, optionalDependencies } = JSON.parse(
  readFileSync(join(FOLDER, 'package.json'), 'utf8'),
) as Readonly<Record<'dependencies' | 'optionalDependencies', Readonly<Record<string, string>>>>;
const names = Object.entries({ ...dependencies, ...optionalDependencies }).map(
  ([name, version]) => `${name} ${version}`,
);

if (existsSync(STAMP) && readFileSync(STAMP, 'utf8') === wanted) {
  console.error(`The agents are installed already: ${names.join(', ')}.`);
} else {
  console.error(`Installing coding agents for tests into test/agents (1.4 GB): ${names.join(', ')} ...`);
  const argv = ['ci', '--ignore-scripts', '--no-audit', '--no-fund', '--loglevel', 'error', '--prefix', FOLDER];
  const { status } = spawnSync('npm', argv, { stdio: ['ignore', 'ignore', 'inherit'] });
  if (status === 0) {
    writeFileSync(STAMP, wanted);
  } else {
    console.error(
      'Installing the agents failed; npm says why above. Next: make the npm registry reachable, run again.',
    );
    process.exitCode = 1;
  }
}
