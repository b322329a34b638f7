/** Runs one agent as a child process in a throw-away HOME and repository, with a deadline, and ends its whole group. */
import { execFileSync, spawn } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { hasSystemCode } from '../../src/core/system-code.ts';
import { inOrder } from '../support/model-server/script.ts';
import type { Script } from '../support/model-server/script.ts';
import type { Endpoint, Recipe } from './recipe.ts';

/** A directory of its own for one agent: its HOME, its temporary files, and the repository it works in. */
export interface Place {
  readonly root: string;
  readonly home: string;
  readonly repository: string;
  remove(): void;
}

const SUM = 'export const sum = (a, b) => a - b;\n';
const TEST = `import { strict as assert } from 'node:assert';
import { sum } from './sum.js';
assert.equal(sum(2, 3), 5);
console.log('the test passes');
`;

const GIT = { GIT_CONFIG_GLOBAL: '/dev/null', GIT_CONFIG_SYSTEM: '/dev/null' };

export function makePlace(): Place {
  const root = mkdtempSync(join(tmpdir(), 'agent-'));
  const place = { root, home: join(root, 'home'), repository: join(root, 'repository') };
  for (const directory of [place.home, place.repository, join(root, 'tmp')]) mkdirSync(directory);
  writeFileSync(join(place.repository, 'package.json'), '{ "type": "module" }\n');
  writeFileSync(join(place.repository, 'sum.js'), SUM);
  writeFileSync(join(place.repository, 'test.js'), TEST);
  const identity = ['-c', 'user.name=tester', '-c', 'user.email=tester@localhost'];
  for (const argv of [
    ['init', '-q', '-b', 'main'],
    ['add', '.'],
    [...identity, 'commit', '-q', '-m', 'Base'],
  ])
    execFileSync('git', argv, { cwd: place.repository, env: { ...process.env, ...GIT } });
  return {
    ...place,
    remove: () => rmSync(root, { recursive: true, force: true, maxRetries: 5 }),
  };
}

/** What a model would do to the repository of this place: look, repair, test, say so. */
export function repair({ repository }: Place): Script {
  const path = join(repository, 'sum.js');
  return inOrder(
    { kind: 'read', path },
    { kind: 'edit', path, find: 'a - b', replace: 'a + b' },
    { kind: 'shell', command: 'node test.js' },
    { kind: 'say', text: 'The test passes now.' },
  );
}

export const PROMPT = 'Make node test.js pass.';

/** Whether `node test.js` passes in the repository. The measure of the task, whatever the agent says. */
export function passes({ repository }: Place): boolean {
  try {
    execFileSync(process.execPath, ['test.js'], { cwd: repository, stdio: 'ignore' });
    return true;
  } catch (error) {
    if (error instanceof Error && 'status' in error && error.status === 1) return false;
    throw error;
  }
}

export interface AgentEnd {
  /** As the process ended; null when the deadline ended it. */
  readonly code: number | null;
  readonly out: string;
  readonly err: string;
  readonly wallTimeMs: number;
}

function killGroup(pid: number): void {
  try {
    process.kill(-pid, 'SIGKILL');
  } catch (error) {
    if (!hasSystemCode(error, 'ESRCH')) throw error;
  }
}

/** Nothing of the host but where programs are: the agent must not find a login, a proxy or a setting. */
function environment({ root, home }: Place, own: Readonly<Record<string, string>>): Record<string, string> {
  return {
    PATH: [dirname(process.execPath), '/usr/local/bin', '/usr/bin', '/bin'].join(':'),
    HOME: home,
    TMPDIR: join(root, 'tmp'),
    LANG: 'C.UTF-8',
    TERM: 'dumb',
    ...GIT,
    ...own,
  };
}

/** For the rest of the output of an agent that has ended, milliseconds. */
const PATIENCE_MS = 2_000;

export interface AgentRun {
  readonly recipe: Recipe;
  readonly endpoint: Endpoint;
  readonly place: Place;
  readonly prompt?: string;
  /** Milliseconds until its whole process group is killed. */
  readonly deadlineMs?: number;
  readonly env?: Readonly<Record<string, string>>;
}

/** Rejects where the agent is not installed; ask `recipe.program()` before. */
export async function runAgent({ recipe, endpoint, place, ...options }: AgentRun): Promise<AgentEnd> {
  const [file, ...before] = recipe.program() ?? [];
  if (file === undefined) throw new Error(`${recipe.name} is not installed for ${process.platform} ${process.arch}`);
  const { argv, env, files } = recipe.launch(endpoint, options.prompt ?? PROMPT);
  for (const [path, text] of Object.entries(files)) {
    mkdirSync(dirname(join(place.home, path)), { recursive: true });
    writeFileSync(join(place.home, path), text);
  }
  const began = performance.now();
  const child = spawn(file, [...before, ...argv], {
    cwd: place.repository,
    env: environment(place, { ...env, ...options.env }),
    stdio: ['ignore', 'pipe', 'pipe'],
    detached: true,
  });
  const { pid } = child;
  const kept = { out: '', err: '' };
  child.stdout.setEncoding('utf8').on('data', (chunk: string) => (kept.out += chunk));
  child.stderr.setEncoding('utf8').on('data', (chunk: string) => (kept.err += chunk));
  const code = await new Promise<number | null>((resolve, reject) => {
    child.once('error', reject);
    const deadline = setTimeout(() => pid !== undefined && killGroup(pid), options.deadlineMs ?? 60_000);
    child.once('exit', (exitCode) => {
      clearTimeout(deadline);
      // What it left in its group keeps the pipes open and may still call the model.
      if (pid !== undefined) killGroup(pid);
      // What left the group is out of reach here; its hold on the pipes is given up.
      const patience = setTimeout(() => {
        child.stdout.destroy();
        child.stderr.destroy();
      }, PATIENCE_MS);
      child.once('close', () => {
        clearTimeout(patience);
        resolve(exitCode);
      });
    });
  });
  return { code, ...kept, wallTimeMs: performance.now() - began };
}
