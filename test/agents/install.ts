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
import { findPython, PYTHON_ENVIRONMENT } from './python.ts';

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
  console.error(`Installing coding agents for tests into test/agents (1.6 GB): ${names.join(', ')} ...`);
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

/** OpenHands comes from PyPI, and needs a Python that many machines do not have: it is the one agent that may be left out. */
const REQUIREMENTS = join(FOLDER, 'python', 'requirements.txt');
const PYTHON_STAMP = join(PYTHON_ENVIRONMENT, '.installed-requirements');
const wantedPython = createHash('sha256').update(readFileSync(REQUIREMENTS)).digest('hex');
const python = findPython();

if (existsSync(PYTHON_STAMP) && readFileSync(PYTHON_STAMP, 'utf8') === wantedPython) {
  console.error('OpenHands is installed already.');
} else if (python === null) {
  console.error('OpenHands is left out: there is no Python 3.12 (LOOPWRIGHT_PYTHON names one).');
} else {
  console.error('Installing OpenHands into test/agents/python (0.6 GB) ...');
  const pip = [
    '-m',
    'pip',
    'install',
    '--quiet',
    '--disable-pip-version-check',
    '--require-hashes',
    '-r',
    REQUIREMENTS,
  ];
  const commands = [
    [python, '-m', 'venv', '--clear', PYTHON_ENVIRONMENT],
    [join(PYTHON_ENVIRONMENT, 'bin', 'python'), ...pip],
  ] as const;
  const done = commands.every(
    ([file, ...argv]) => spawnSync(file, argv, { stdio: ['ignore', 'ignore', 'inherit'] }).status === 0,
  );
  if (done) writeFileSync(PYTHON_STAMP, wantedPython);
  else process.exitCode = 1;
}
