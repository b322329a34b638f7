/** How one coding agent is started without a person, pointed at a model endpoint of our choice. */
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { ProtocolId } from '../support/model-server/protocol.ts';

export interface Endpoint {
  /** `http://127.0.0.1:<port>`, without a path. */
  readonly url: string;
  /** Unix socket to speak HTTP over instead of TCP; only for agents that can (`Recipe.overSocket`). */
  readonly socketPath?: string;
  /** What the agent sends as its key. */
  readonly key: string;
  readonly model: string;
}

export interface Launch {
  /** After the program itself. */
  readonly argv: readonly string[];
  readonly env: Readonly<Record<string, string>>;
  /** Configuration, by path relative to a fresh HOME. */
  readonly files: Readonly<Record<string, string>>;
}

export interface Recipe {
  readonly name: string;
  /** The npm package whose version `package.json` pins. */
  readonly packageName: string;
  readonly protocol: ProtocolId;
  /** Speaks HTTP over a Unix socket by itself, without a bridge. */
  readonly overSocket: boolean;
  /** What to execute; null where this platform's package is not installed. */
  readonly program: () => readonly string[] | null;
  readonly launch: (endpoint: Endpoint, prompt: string) => Launch;
  /** The refusal that ends it at once, as measured for this version, and how it exits then. */
  readonly refusal: { readonly status: number; readonly exitCode: number };
  /** What it does when every answer ends for want of room, as measured: answers until it gives up, and how it exits. */
  readonly shortened: { readonly calls: number; readonly exitCode: number };
  /** Requests for an answer beside those of the task, all before its second: a title of the session. */
  readonly extraCalls: number;
  /** Hosts it asks for beside the model, with everything switched off that can be. */
  readonly outside: readonly RegExp[];
}

/** Where the agents are installed. */
export const MODULES: string = join(import.meta.dirname, 'node_modules');

/** The file in an installed package, or null. */
export function installed(...path: readonly string[]): string | null {
  const file = join(MODULES, ...path);
  return existsSync(file) ? file : null;
}

/** A JavaScript program, run by the Node that runs the tests: the pinned one. */
export function onNode(...path: readonly string[]): readonly string[] | null {
  const file = installed(...path);
  return file === null ? null : [process.execPath, file];
}

/** A program of its own. */
export function native(...path: readonly string[]): readonly string[] | null {
  const file = installed(...path);
  return file === null ? null : [file];
}

/** Of the installed package; null where it is not installed. */
export function versionOf({ packageName }: Recipe): string | null {
  const file = installed(packageName, 'package.json');
  if (file === null) return null;
  return (JSON.parse(readFileSync(file, 'utf8')) as { readonly version: string }).version;
}

export function json(value: unknown): string {
  return `${JSON.stringify(value, null, 2)}\n`;
}
