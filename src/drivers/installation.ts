/**
 * Finding the program of an agent on this machine, and what of the machine it needs inside the sandbox. Nothing is executed
 * here: a policy may name the program, and what a policy names runs in a sandbox or not at all.
 */
import {
  accessSync,
  closeSync,
  constants,
  existsSync,
  openSync,
  readFileSync,
  readSync,
  realpathSync,
  statSync,
} from 'node:fs';
import path from 'node:path';
import process from 'node:process';
import { LoopwrightError } from '../core/errors.ts';
import type { Installation } from '../ports/driver.ts';

export type HostEnvironment = Readonly<Record<string, string | undefined>>;

export interface Wanted {
  readonly agent: string;
  /** Its name on the PATH. */
  readonly program: string;
  /** How a person installs it. */
  readonly install: string;
  /** A path, or another name, that a person gave. */
  readonly option: string | undefined;
}

export interface FoundProgram extends Installation {
  /** What is executed, inside and outside alike. */
  readonly argv: readonly string[];
  /** What has to be seen inside, read-only: target to host path. */
  readonly files: Readonly<Record<string, string>>;
}

function isExecutable(file: string): boolean {
  try {
    if (statSync(file, { throwIfNoEntry: false })?.isFile() !== true) return false;
    accessSync(file, constants.X_OK | constants.R_OK);
    return true;
  } catch (error) {
    if (error instanceof Error && 'code' in error && (error.code === 'EACCES' || error.code === 'ENOTDIR'))
      return false;
    throw error;
  }
}

function missing({ agent, program, install, option }: Wanted): LoopwrightError {
  const what =
    option === undefined
      ? `there is no program "${program}" on PATH`
      : `"${option}" is no program that can be executed`;
  return new LoopwrightError('LW_AGENT_MISSING', {
    message: `${agent} is not installed: ${what}`,
    next: `Install it: \`${install}\`; or name it: \`agent: { driver: ${agent}, options: { program: /path/to/${program} } }\`.`,
    details: { agent, program: option ?? program },
  });
}

/** Absolute, as found: the name may matter to what it leads to. Relative entries of PATH mean nothing here. */
function locate(wanted: Wanted, env: HostEnvironment): string {
  const name = wanted.option ?? wanted.program;
  const directories = (env['PATH'] ?? '').split(':').filter((entry) => path.isAbsolute(entry));
  const candidates = name.includes('/')
    ? [name].filter((entry) => path.isAbsolute(entry))
    : directories.map((directory) => path.join(directory, name));
  const found = candidates.find(isExecutable);
  if (found === undefined) throw missing(wanted);
  return found;
}

/** Whether it is a script for Node. Those run on the Node that runs loopwright: what else is on PATH may be too old. */
function isNodeScript(file: string): boolean {
  const head = Buffer.alloc(128);
  const descriptor = openSync(file, 'r');
  try {
    const length = readSync(descriptor, head);
    return /^#!.*\bnode\b/u.test(head.toString('latin1', 0, length).split('\n')[0] ?? '');
  } finally {
    closeSync(descriptor);
  }
}

/** The directory of packages it lies in, which holds its dependencies too; null where it stands alone. */
function packagesAround(file: string): string | null {
  for (const name of ['/.pnpm/', '/node_modules/']) {
    const at = file.indexOf(name);
    if (at !== -1) return file.slice(0, at + name.length - 1);
  }
  return null;
}

/** As the nearest package around it says, or as the path says where installers keep one directory per version. */
function versionOf(file: string): string | null {
  const inPath = /\/versions?\/v?(?<version>\d+\.\d+[^/]*)(?:\/|$)/u.exec(file)?.groups?.['version'];
  if (packagesAround(file) === null) return inPath ?? null;
  for (let directory = path.dirname(file); !directory.endsWith('/node_modules'); directory = path.dirname(directory)) {
    const manifest = path.join(directory, 'package.json');
    const version = existsSync(manifest) ? versionIn(readFileSync(manifest, 'utf8')) : null;
    if (version !== null) return version;
    if (directory === '/') break;
  }
  return null;
}

function versionIn(manifest: string): string | null {
  try {
    const { version } = JSON.parse(manifest) as { readonly version?: unknown };
    return typeof version === 'string' && version.length <= 100 ? version : null;
  } catch (error) {
    if (error instanceof SyntaxError) return null;
    throw error;
  }
}

/** Throws `LW_AGENT_MISSING`. */
export function findProgram(wanted: Wanted, env: HostEnvironment): FoundProgram {
  const found = locate(wanted, env);
  const program = realpathSync(found);
  const packages = packagesAround(program);
  const files: Record<string, string> = packages === null ? {} : { [packages]: packages };
  const installation = {
    program,
    foundBy: wanted.option === undefined ? ('PATH' as const) : ('option' as const),
    version: versionOf(program),
  };
  if (isNodeScript(program)) {
    const node = realpathSync(process.execPath);
    files[node] = node;
    if (packages === null) files[program] = program;
    return { ...installation, argv: [node, program], files };
  }
  // Shown under the name it was found by: one program may be many, and look at its name to know which.
  if (packages === null || !found.startsWith(`${packages}/`)) files[found] = program;
  return { ...installation, argv: [found], files };
}
