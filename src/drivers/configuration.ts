/**
 * What a repository configures for its agent, as far as the policy allows it by name and hash. It is read from the base
 * revision and put into the agent's home: what lies in the workspace is never loaded, whoever wrote it.
 */
import { createHash } from 'node:crypto';
import path from 'node:path';
import { LoopwrightError } from '../core/errors.ts';
import { isFields } from '../core/fields.ts';
import type { BaseReader } from '../ports/workspace.ts';
import { fields } from './told.ts';

export interface AllowedFile {
  /** Relative to the repository. */
  readonly path: string;
  /** Of its contents on the base, hexadecimal. */
  readonly sha256: string;
}

export interface Configuration {
  /** Absolute, inside the sandbox: each file lies there under its own path. */
  readonly directory: string;
  /** Text by path in the repository. */
  readonly files: Readonly<Record<string, string>>;
}

/** Longest file, bytes. Settings are a few KiB, and extensions are source text. */
const MAX_FILE_BYTES = 1_024 * 1_024;

/** Below the home. No agent looks there by itself. */
const PLACE = '.loopwright/configuration';

function refusal(agent: string, file: AllowedFile, seen: string, next: string): LoopwrightError {
  return new LoopwrightError('LW_AGENT_CONFIGURATION', {
    message: `the policy lets ${agent} load ${file.path} with SHA-256 ${file.sha256}, but ${seen}`,
    next,
    details: { agent, ...file },
  });
}

async function readAllowed(agent: string, file: AllowedFile, base: Pick<BaseReader, 'readFile'>): Promise<string> {
  const bytes = await base.readFile(file.path, MAX_FILE_BYTES);
  if (bytes === null) {
    throw refusal(agent, file, 'there is no such file on the base revision', 'Remove it from `configuration`.');
  }
  const sha256 = createHash('sha256').update(bytes).digest('hex');
  if (sha256 === file.sha256.toLowerCase()) return Buffer.from(bytes).toString('utf8');
  const next = `Read the file as it is on the base; if it may run, write \`sha256: "${sha256}"\`.`;
  throw refusal(agent, file, `on the base revision it has ${sha256}`, next);
}

/** Text by path. Rejects with `LW_AGENT_CONFIGURATION` where the base holds something else than what was allowed. */
export async function readConfiguration(
  agent: string,
  allowed: readonly AllowedFile[],
  base: Pick<BaseReader, 'readFile'>,
): Promise<Configuration['files']> {
  const entries = allowed.map(async (file) => [file.path, await readAllowed(agent, file, base)] as const);
  return Object.fromEntries(await Promise.all(entries));
}

/** As files for the home. */
export function configurationFiles(files: Configuration['files']): Readonly<Record<string, string>> {
  return Object.fromEntries(Object.entries(files).map(([name, text]) => [path.join(PLACE, name), text]));
}

export function configurationIn(home: string, files: Configuration['files']): Configuration {
  return { directory: path.join(home, PLACE), files };
}

/** Where the file is that the agent is told to load; null where the policy does not allow it. */
export function placeOf(configuration: Configuration | undefined, name: string): string | null {
  return configuration !== undefined && Object.hasOwn(configuration.files, name)
    ? path.join(configuration.directory, name)
    : null;
}

/** Both, and ours where they differ. */
function merged(theirs: Readonly<Record<string, unknown>>, ours: Readonly<Record<string, unknown>>): object {
  const both = Object.entries(ours).map(([key, value]) => {
    const other = theirs[key];
    return [key, isFields(other) && isFields(value) ? merged(fields(other), fields(value)) : value];
  });
  return { ...theirs, ...(Object.fromEntries(both) as object) };
}

/** Settings of ours over an allowed file of the repository, as JSON. Throws `LW_AGENT_CONFIGURATION` where it holds none. */
export function settingsOver(configuration: Configuration | undefined, name: string, ours: object): string {
  const text = configuration?.files[name];
  const theirs = text === undefined ? {} : parsed(name, text);
  return `${JSON.stringify(merged(theirs, fields(ours)), null, 2)}\n`;
}

function parsed(name: string, text: string): Readonly<Record<string, unknown>> {
  try {
    return fields(JSON.parse(text));
  } catch (error) {
    if (!(error instanceof SyntaxError)) throw error;
    throw new LoopwrightError('LW_AGENT_CONFIGURATION', {
      message: `${name} is no plain JSON, and is to be merged with the settings of the run: ${error.message}`,
      next: `Write ${name} without comments and trailing commas, or remove it from \`configuration\`.`,
      details: { path: name },
      cause: error,
    });
  }
}
