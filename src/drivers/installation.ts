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
import { hasSystemCode } from '../core/system-code.ts';
import type { Installation } from '../ports/driver.ts';
import { pythonAround } from './python-program.ts';

export type HostEnvironment = Readonly<Record<string, string | undefined>>;

export interface Wanted {
  readonly agent: string;
  /** Its name on the PATH. */
  readonly program: string;
  /** How a person installs it. */
  readonly install: string;
  /** Its path where loopwright installed it itself. */
  readonly own?: string | undefined;
  /** A path, or another name, that a person gave. */
  readonly option: string | undefined;
  /** The only version that will do; undefined: whichever is there. */
  readonly version?: string | undefined;
}

export interface FoundProgram extends Installation {
  /** What is executed, inside and outside alike. */
  readonly argv: readonly string[];
  /** Of the package around it; null where it stands alone. */
  readonly manifest: string | null;
  /** What has to be seen inside, read-only: target to host path. */
  readonly files: Readonly<Record<string, string>>;
}

function isExecutable(file: string): boolean {
  try {
    if (statSync(file, { throwIfNoEntry: false })?.isFile() !== true) return false;
    accessSync(file, constants.X_OK | constants.R_OK);
    return true;
  } catch (error) {
    if (hasSystemCode(error, 'EACCES', 'ENOTDIR')) return false;
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

interface Located {
  readonly found: string;
  readonly foundBy: Installation['foundBy'];
}

function foundBy({ option, own }: Wanted, found: string): Installation['foundBy'] {
  if (option !== undefined) return 'option';
  return found === own ? 'loopwright' : 'PATH';
}

/** Absolute, as found: the name may matter to what it leads to. Relative entries of PATH mean nothing here. */
function locate(wanted: Wanted, env: HostEnvironment): Located {
  const name = wanted.option ?? wanted.program;
  const directories = (env['PATH'] ?? '').split(':').filter((entry) => path.isAbsolute(entry));
  const candidates = name.includes('/')
    ? [name].filter((entry) => path.isAbsolute(entry))
    : directories.map((directory) => path.join(directory, name));
  const own = wanted.option === undefined && wanted.own !== undefined ? [wanted.own] : [];
  const found = [...own, ...candidates].find(isExecutable);
  if (found === undefined) throw missing(wanted);
  return { found, foundBy: foundBy(wanted, found) };
}

/** Its first bytes, as latin1. */
function headOf(file: string): string {
  const head = Buffer.alloc(128);
  const descriptor = openSync(file, 'r');
  try {
    return head.toString('latin1', 0, readSync(descriptor, head));
  } finally {
    closeSync(descriptor);
  }
}

/** Whether it is a script for Node. Those run on the Node that runs loopwright: what else is on PATH may be too old. */
function isNodeScript(head: string): boolean {
  return /^#!.*\bnode\b/u.test(head.split('\n')[0] ?? '');
}

/** How programs begin that a kernel executes: a script with its interpreter, ELF, and the four forms of Mach-O. */
const PROGRAMS = ['#!', '\x7fELF', '\xcf\xfa\xed\xfe', '\xce\xfa\xed\xfe', '\xfe\xed\xfa', '\xca\xfe\xba\xbe'];

/**
 * Packages that hold a native program bring a text in its place, which their install script replaces. Installed without
 * such scripts, the text stays, and a shell would run it.
 */
function refuseStub({ agent, install }: Wanted, program: string, head: string): void {
  if (PROGRAMS.some((start) => head.startsWith(start))) return;
  throw new LoopwrightError('LW_AGENT_MISSING', {
    message: `${agent} is not installed: ${program} is no program, only what its package puts there until its install script has run`,
    next: `Install it with its install scripts: \`${install}\`; or name the program itself: \`agent: { driver: ${agent}, options: { program: /path/to/it } }\`.`,
    details: { agent, program },
  });
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
function packageOf(file: string): Pick<FoundProgram, 'version' | 'manifest'> {
  const inPath = /\/versions?\/v?(?<version>\d+\.\d+[^/]*)(?:\/|$)/u.exec(file)?.groups?.['version'];
  if (packagesAround(file) === null) return { version: inPath ?? null, manifest: null };
  for (let directory = path.dirname(file); !directory.endsWith('/node_modules'); directory = path.dirname(directory)) {
    const manifest = path.join(directory, 'package.json');
    const version = existsSync(manifest) ? versionIn(readFileSync(manifest, 'utf8')) : null;
    if (version !== null) return { version, manifest };
    if (directory === '/') break;
  }
  return { version: null, manifest: null };
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

function otherVersion({ agent, version: asked }: Wanted, { program, version }: Installation): LoopwrightError {
  return new LoopwrightError('LW_AGENT_VERSION', {
    message: `${agent} ${asked ?? ''} was asked for, and ${program} ${version === null ? 'does not say which it is' : `is ${version}`}`,
    next: `Install that version and name it (\`agent: { driver: ${agent}, options: { program: /path/to/it } }\`), or change the option \`version\`.`,
    details: { agent, program, version, asked: asked ?? null },
  });
}

/** Throws `LW_AGENT_MISSING` and `LW_AGENT_VERSION`. */
export function findProgram(wanted: Wanted, env: HostEnvironment): FoundProgram {
  const { found, foundBy } = locate(wanted, env);
  const program = realpathSync(found);
  const head = headOf(program);
  refuseStub(wanted, program, head);
  const packages = packagesAround(program);
  const around = [...(packages === null ? [] : [packages]), ...pythonAround(program)];
  const files: Record<string, string> = Object.fromEntries(around.map((directory) => [directory, directory]));
  const installation = {
    program,
    foundBy,
    ...packageOf(program),
  };
  if (wanted.version !== undefined && installation.version !== wanted.version) throw otherVersion(wanted, installation);
  if (isNodeScript(head)) {
    const node = realpathSync(process.execPath);
    files[node] = node;
    if (packages === null) files[program] = program;
    return { ...installation, argv: [node, program], files };
  }
  // Shown under the name it was found by: one program may be many, and look at its name to know which.
  if (!around.some((directory) => found.startsWith(`${directory}/`))) files[found] = program;
  return { ...installation, argv: [found], files };
}
