/**
 * Installs an agent that loopwright ships the lockfile of: exactly these versions, each held against its hash by npm, without
 * running an install script of any of them. From whatever registry npm is configured for on this machine.
 */
import { spawn } from 'node:child_process';
import { copyFile, mkdir, rename } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { LoopwrightError } from '../core/errors.ts';
import { hasSystemCode } from '../core/system-code.ts';

const SHIPPED = fileURLToPath(new URL('../../agents/', import.meta.url));

/** Enough of what npm says to see why it failed, characters. */
const MAX_WORDS = 2_000;

export interface Install {
  readonly agent: string;
  /** Where it goes; its parent is made. */
  readonly directory: string;
  /** npm's own: it is found, configured and let through proxies by it. */
  readonly env: Readonly<Record<string, string | undefined>>;
}

function failure({ agent }: Install, words: string, cause?: unknown): LoopwrightError {
  return new LoopwrightError('LW_AGENT_INSTALL', {
    message: `${agent} could not be installed: ${words}`,
    next: 'Make npm and its registry reachable from here, then run the command again; what was fetched so far is not used.',
    details: { agent },
    cause,
  });
}

/** Rejects with `LW_AGENT_INSTALL`. Nothing of npm is written to standard output, which belongs to the answer. */
async function runNpm(install: Install, prefix: string): Promise<void> {
  const argv = ['ci', '--ignore-scripts', '--no-audit', '--no-fund', '--loglevel', 'error', '--prefix', prefix];
  const child = spawn('npm', argv, { cwd: prefix, env: { ...install.env }, stdio: ['ignore', 'ignore', 'pipe'] });
  let words = '';
  child.stderr.setEncoding('utf8').on('data', (piece: string) => (words = (words + piece).slice(0, MAX_WORDS)));
  const code = await new Promise<number | null>((resolve, reject) => {
    child.once('error', (error) => reject(failure(install, `npm cannot be executed (${error.message})`, error)));
    child.once('close', resolve);
  });
  if (code !== 0) throw failure(install, `npm left with ${code ?? 'a signal'}: ${words.trim()}`);
}

/** In a directory of its own that takes its place once it is whole: what is half installed is never found. */
export async function installAgent(install: Install): Promise<void> {
  const { agent, directory } = install;
  const partial = `${directory}.partial`;
  await mkdir(partial, { recursive: true, mode: 0o700 });
  for (const name of ['package.json', 'package-lock.json']) {
    await copyFile(join(SHIPPED, agent, name), join(partial, name));
  }
  await runNpm(install, partial);
  try {
    await rename(partial, directory);
  } catch (error) {
    // Another process was faster, and installed the same.
    if (!hasSystemCode(error, 'ENOTEMPTY', 'EEXIST')) throw error;
  }
}
