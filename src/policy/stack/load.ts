/**
 * Finds the layers of this host: every `*.yaml` in one directory of the system and in one of the user. Light to import: the
 * parser is loaded when there is a file. Whatever is there and cannot be believed or read stops everything; a layer that
 * is left out would be a rule that nobody obeys.
 */
import { createHash } from 'node:crypto';
import { constants } from 'node:fs';
import { lstat, readdir, realpath } from 'node:fs/promises';
import { dirname, isAbsolute, join, resolve } from 'node:path';
import { LoopwrightError } from '../../core/errors.ts';
import { fileDistrust } from '../../core/file-trust.ts';
import { LAYER_LEVELS } from '../../core/policy.ts';
import { systemCode } from '../../core/system-code.ts';
import type { RepositoryNames } from '../../ports/workspace.ts';
import type { PolicyFile } from '../content.ts';
import { readTrusted, type Environment, type HostFile } from '../host-file.ts';
import { decodeText, MAX_POLICY_BYTES } from '../policy-bytes.ts';
import { distrustedStep } from '../way-to.ts';
import type { AppliedLayer } from './stack.ts';

/** Read whatever the user's variables say: who may not write there cannot leave its layers out. */
export const SYSTEM_LAYERS = '/etc/loopwright/layers';

const VARIABLE = 'LOOPWRIGHT_POLICY_LAYERS';

/** Far above what a host has; keeps every start cheap. */
const MAX_LAYERS = 50;

function invalid(path: string, problem: string, next: string): LoopwrightError {
  return new LoopwrightError('LW_POLICY_LAYER', { message: `${path} ${problem}`, next, details: { path } });
}

const LAYER_FILE: HostFile = { variable: VARIABLE, name: 'layers', invalid };

interface Directory {
  readonly path: string;
  /** Somebody named it, so it has to be there. */
  readonly named: boolean;
  /** Where this is not there, nobody meant this host to have layers. */
  readonly sign: string;
}

function absolute(variable: string, path: string): string {
  if (isAbsolute(path)) return resolve(path);
  throw invalid(`${variable} is "${path}", which`, 'is not an absolute path', `Set ${variable} to an absolute path.`);
}

/** Of the user: what the variable names, else in `$XDG_CONFIG_HOME/loopwright`, else in `~/.config/loopwright`. */
function directoryOf(env: Environment): Directory | null {
  const { XDG_CONFIG_HOME: config = '', HOME: home = '' } = env;
  const named = env[VARIABLE] ?? '';
  if (named !== '') return { path: absolute(VARIABLE, named), named: true, sign: '/' };
  const usual = (path: string): Directory => ({ path, named: false, sign: path });
  if (config !== '') return usual(join(absolute('XDG_CONFIG_HOME', config), 'loopwright', 'layers'));
  return home === '' ? null : usual(join(absolute('HOME', home), '.config', 'loopwright', 'layers'));
}

/** Who can rename a directory on the way can put other layers in place of these, or none. */
async function refuseOthersOnTheWay(path: string): Promise<void> {
  const step = await distrustedStep(path, process.getuid?.() ?? null);
  if (step === null) return;
  const next =
    step.remedy === null
      ? 'Keep the layers where every directory on the way belongs to you or to root.'
      : `Run: ${step.remedy} ${step.path}`;
  throw invalid(step.path, `${step.problem}, and whoever can write there can replace ${path}`, next);
}

/** Who can write the directory decides which layers there are. */
async function namesIn({ path, named, sign }: Directory): Promise<readonly string[]> {
  try {
    await lstat(sign);
    await refuseOthersOnTheWay(path);
    const stats = await lstat(path);
    const facts = { isFile: stats.isDirectory(), mode: stats.mode, uid: stats.uid };
    const distrust = fileDistrust(facts, process.getuid?.() ?? null, false);
    if (distrust !== null) {
      const problem = facts.isFile ? distrust.problem : 'is not a directory';
      const next = distrust.remedy === null ? 'Make a directory of your own there.' : `Run: ${distrust.remedy} ${path}`;
      throw invalid(path, problem, next);
    }
    const names = (await readdir(path)).filter((name) => !name.startsWith('.') && /\.ya?ml$/i.test(name));
    if (names.length <= MAX_LAYERS) return names.toSorted();
    throw invalid(path, `has ${names.length} layers; at most ${MAX_LAYERS} are read`, 'Join some of them.');
  } catch (error) {
    const code = systemCode(error);
    if (code === null) throw error;
    if (!named && (code === 'ENOENT' || code === 'ENOTDIR')) return [];
    throw invalid(
      path,
      `cannot be read (${code})`,
      `Make the directory${code === 'ENOENT' ? '' : ' readable for you'}, or unset ${VARIABLE}.`,
    );
  }
}

interface FoundLayer {
  readonly path: string;
  readonly name: string;
}

async function findLayers(env: Environment, system: string): Promise<readonly FoundLayer[]> {
  const own = directoryOf(env);
  // Whoever made the directory around it meant it to be there: others may not have been able to take it away.
  const ofSystem: Directory = { path: system, named: false, sign: dirname(system) };
  const directories = own === null ? [ofSystem] : [ofSystem, own];
  const found = await Promise.all(
    directories.map(async (directory) =>
      (await namesIn(directory)).map((name): FoundLayer => ({ path: join(directory.path, name), name })),
    ),
  );
  return found.flat();
}

async function readLayer({
  path,
  name,
}: FoundLayer): Promise<AppliedLayer & { readonly appliesTo: readonly string[] | null }> {
  const bytes = await readTrusted(LAYER_FILE, { path, named: true }, constants.O_NOFOLLOW);
  const decoded = decodeText(bytes ?? new Uint8Array());
  if (!decoded.ok) {
    throw invalid(path, decoded.problem, `Save it as UTF-8 text of at most ${MAX_POLICY_BYTES / 1024} KiB.`);
  }
  const { parseLayer } = await import('./parse-layer.ts');
  const { content, file } = parseLayer(decoded.text, name, path);
  const hash = createHash('sha256')
    .update(bytes ?? '')
    .digest('hex');
  return {
    record: { level: content.layer, file: name, hash },
    file,
    source: path,
    appliesTo: content['applies-to'] ?? null,
  };
}

async function homeOf({ HOME: home = '' }: Environment): Promise<string> {
  return home === '' ? '' : realpath(home).catch(() => home);
}

/**
 * The layers that speak of the repository, from the widest to the narrowest: by level, then those of the system, then by
 * name. Every layer is read, also one for another repository: an error in it may be the reason why it does not speak of
 * this one. Rejects with `LW_POLICY_LAYER`, `LW_POLICY_INVALID` or `LW_POLICY_LOOSENED`. `repository` is asked for only
 * where a layer names repositories.
 */
export async function loadLayers(
  env: Environment,
  repository: () => Promise<RepositoryNames>,
  system: string = SYSTEM_LAYERS,
): Promise<readonly AppliedLayer[]> {
  const found = await findLayers(env, system);
  if (found.length === 0) return [];
  const layers = await Promise.all(found.map(readLayer));
  const isAsked = layers.some(({ appliesTo }) => appliesTo !== null);
  const [known, home] = await Promise.all([isAsked ? repository() : { roots: [], remotes: [] }, homeOf(env)]);
  const { doesReach } = await import('./reach.ts');
  const reached = await Promise.all(
    layers.map(async ({ appliesTo, source }) => {
      if (appliesTo === null) return true;
      if (home !== '' || !appliesTo.some((pattern) => pattern.startsWith('~/'))) {
        return doesReach(appliesTo, known, home);
      }
      throw invalid(source, 'names a repository in `~/`, but HOME is not set', 'Set HOME, or write the path out.');
    }),
  );
  const speaking = layers.filter((_, index) => reached[index]);
  return LAYER_LEVELS.flatMap((level) => speaking.filter(({ record }) => record.level === level));
}

/** The policy of the repository under the layers of this host. Rejects as `loadLayers` does. */
export async function withLayers(
  file: PolicyFile | null,
  env: Environment,
  repository: () => Promise<RepositoryNames>,
): Promise<PolicyFile | null> {
  const layers = await loadLayers(env, repository);
  if (layers.length === 0) return file;
  const { stackPolicies } = await import('./stack.ts');
  return stackPolicies(layers, file);
}
