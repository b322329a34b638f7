/** Whole runs on real git, real SQLite and the real sandbox, through the same command line a person uses. */
import { execFileSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import {
  lstatSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  readdirSync,
  readlinkSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { basename, dirname, join } from 'node:path';
import { isLoopwrightError } from '../../src/core/errors.ts';
import type { RecordedEvent } from '../../src/core/event.ts';
import { runProgram } from '../../src/cli/program.ts';
import type { Terminal } from '../../src/cli/terminal.ts';
import type { RunSummaryJson } from '../../src/report/summary.ts';
import { processesAbout } from './census.ts';
import { takeEverythingBack } from './undone.ts';

const GIT_ENV = {
  PATH: process.env['PATH'],
  HOME: '/nonexistent',
  GIT_CONFIG_NOSYSTEM: '1',
  GIT_CONFIG_GLOBAL: '/dev/null',
  GIT_AUTHOR_NAME: 'Test',
  GIT_AUTHOR_EMAIL: 'test@example.invalid',
  GIT_COMMITTER_NAME: 'Test',
  GIT_COMMITTER_EMAIL: 'test@example.invalid',
};

export type Environment = Readonly<Record<string, string | undefined>>;

export interface PlaceOptions {
  /** Of the repository's directory. */
  readonly name?: string;
  /** On top of PATH, HOME and what says where state lives. */
  readonly env?: Environment;
}

export type Files = Readonly<Record<string, string>>;

export interface Answer {
  readonly code: number;
  readonly out: string;
  readonly err: string;
}

export interface Place {
  /** The user's repository. */
  readonly root: string;
  /** `LOOPWRIGHT_HOME`. */
  readonly home: string;
  git(...args: readonly string[]): string;
  write(files: Files): void;
  commit(message: string, files: Files): void;
  /** Runs one command line in the repository; never throws for an operational error. */
  cli(...argv: readonly string[]): Promise<Answer>;
  /** `run --json`: the events and the exit code. */
  run(...argv: readonly string[]): Promise<{ readonly code: number; readonly events: readonly RecordedEvent[] }>;
  show(run?: string): Promise<RunSummaryJson>;
  /** Like `cli`, with other variables. */
  with(env: Environment, ...argv: readonly string[]): Promise<Answer>;
  /** A hash over every path, mode and content of a directory; of the checkout, its `.git` included, when none is named. */
  fingerprint(directory?: string): string;
  /** Processes that have anything to do with this place: their command line, variables, directory or mounts name it. */
  processes(): readonly string[];
  /** A path next to the repository and the state, gone with them. */
  beside(path: string): string;
  /** What has to hold at the end of every scenario: see `undone.ts`. Resolves to how many runs were looked at. */
  end(): Promise<number>;
  remove(): void;
}

/** A test file for `node --test` that any Node from 18 on runs. */
export function nodeTest(name: string, body: string): string {
  return `const test = require('node:test');\nconst assert = require('node:assert');\ntest('${name}', () => { ${body} });\n`;
}

/** One function with a bug and two tests, one of them red. Measured once: repetition has scenarios of its own. */
export const SUM: Files = {
  'sum.js': 'exports.sum = (a, b) => a - b;\nexports.zero = () => 0;\n',
  'sum.test.js': nodeTest('adds', "assert.equal(require('./sum.js').sum(2, 2), 4);"),
  'zero.test.js': nodeTest('is zero', "assert.equal(require('./sum.js').zero(), 0);"),
  'loopwright.yaml':
    'version: 1\nchecks:\n  test:\n    run: node --test --test-reporter=tap\n    report: tap\n    repeat: 1\nproof: { mutants: 0 }\n',
};

export const RIGHT_FIX = 'exports.sum = (a, b) => a + b;\nexports.zero = () => 0;\n';

/** Names as latin1, which holds any bytes. */
function walk(directory: string): string[] {
  return readdirSync(Buffer.from(directory, 'latin1'), { withFileTypes: true, encoding: 'latin1' }).flatMap((entry) => {
    const path = `${directory}/${entry.name}`;
    return entry.isDirectory() ? [path, ...walk(path)] : [path];
  });
}

function fingerprint(root: string): string {
  const hash = createHash('sha256');
  for (const name of walk(Buffer.from(root).toString('latin1')).toSorted()) {
    const path = Buffer.from(name, 'latin1');
    const stat = lstatSync(path);
    hash.update(`${name}\0${stat.mode}\0`);
    if (stat.isFile()) hash.update(readFileSync(path));
    if (stat.isSymbolicLink()) hash.update(readlinkSync(path, 'latin1'));
  }
  return hash.digest('hex');
}

interface Call {
  readonly cwd: string;
  readonly env: Environment;
}

async function call(argv: readonly string[], { cwd, env }: Call): Promise<Answer> {
  const out: string[] = [];
  const err: string[] = [];
  const terminal: Terminal = {
    out: (text) => void out.push(text),
    err: (text) => void err.push(text),
    status: () => undefined,
    columns: 100,
    errColours: false,
    outColours: false,
    env,
    cwd,
  };
  const answer = (code: number): Answer => ({ code, out: out.join('\n'), err: err.join('\n') });
  try {
    return answer(await runProgram(argv, terminal));
  } catch (error) {
    if (!isLoopwrightError(error)) throw error;
    err.push(`${error.message} [${error.code}]`, `Next: ${error.next}`);
    return answer(error.kind === 'usage' ? 2 : 20);
  }
}

/** A directory that is not a repository yet. Remove it with `remove()`. */
export function emptyPlace({ name = 'repository', env = {} }: PlaceOptions = {}): Place {
  const directory = mkdtempSync(join(tmpdir(), 'loopwright-scenario-'));
  const root = join(directory, name);
  const home = join(directory, 'state');
  mkdirSync(root);
  const git = (...args: readonly string[]): string =>
    execFileSync('git', args, { cwd: root, env: GIT_ENV, encoding: 'utf8', stdio: ['ignore', 'pipe', 'pipe'] });
  const write = (files: Files): void => {
    for (const [path, text] of Object.entries(files)) {
      mkdirSync(dirname(join(root, path)), { recursive: true });
      writeFileSync(join(root, path), text);
    }
  };
  const known = { PATH: process.env['PATH'], HOME: home, LOOPWRIGHT_HOME: home, LOOPWRIGHT_OPERATOR: 'tester' };
  const cli = (...argv: readonly string[]): Promise<Answer> => call(argv, { cwd: root, env: { ...known, ...env } });
  const place: Place = {
    root,
    home,
    git,
    write,
    commit(message, files) {
      write(files);
      git('add', '--all');
      git('commit', '--quiet', '--allow-empty', `--message=${message}`);
    },
    cli,
    async run(...argv) {
      const dashes = argv.indexOf('--');
      const own = dashes < 0 ? argv : argv.slice(0, dashes);
      const rest = dashes < 0 ? [] : argv.slice(dashes);
      const { code, out, err } = await cli('run', ...own, '--json', ...rest);
      if (code === 2) throw new Error(err);
      return {
        code,
        events: out
          .split('\n')
          .filter(Boolean)
          .map((line) => JSON.parse(line) as RecordedEvent),
      };
    },
    async show(run = 'last') {
      return JSON.parse((await cli('show', run, '--json')).out) as RunSummaryJson;
    },
    fingerprint: (directory = root) => fingerprint(directory),
    processes: () => processesAbout(basename(directory)),
    beside: (path) => join(directory, path),
    with: (more, ...argv) => call(argv, { cwd: root, env: { ...known, ...env, ...more } }),
    end: () => takeEverythingBack(place),
    remove: () => rmSync(directory, { recursive: true, force: true }),
  };
  return place;
}

/** A repository with one commit. */
export function repositoryWith(files: Files, options?: PlaceOptions): Place {
  const place = emptyPlace(options);
  place.git('init', '--quiet', '--initial-branch=main');
  place.commit('base', files);
  return place;
}

/** Writes a script for the scripted agent beside the repository and returns its path. */
export function scriptFile(place: Place, yaml: string): string {
  const path = join(dirname(place.root), 'script.yaml');
  writeFileSync(path, yaml);
  return path;
}
