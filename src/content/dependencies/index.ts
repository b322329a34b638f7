/**
 * What a change does to the code of others that is installed: sets of packages before and after, where they come from, their
 * checksums, and what of them runs at install. No graph and no network: what is said stands in the files.
 */
import type { ContentSighting } from '../../core/content-detectors.ts';
import { nameOf } from '../../core/detectors/paths.ts';
import type { ChangeContent, ChangedContent, ContentReader, WholeTree } from '../../ports/content.ts';
import { textOf } from '../file-kind.ts';
import { compareLocks } from './compare.ts';
import type { Drift } from './compare.ts';
import { createReadings, formatOf } from './formats.ts';
import type { Format, Readings } from './formats.ts';
import { outOfStep } from './in-step.ts';
import type { LockedPackage } from './locked.ts';
import { settingsSeen } from './settings.ts';

const MAX_NAMES = 4;
const MAX_WORDS = 140;

function some(words: readonly string[]): string {
  const shown = words.slice(0, MAX_NAMES).map((word) => word.replaceAll(/\/\/[^/@\s]*@/g, '//').slice(0, MAX_WORDS));
  return words.length > MAX_NAMES ? `${shown.join(', ')} and ${words.length - MAX_NAMES} more` : shown.join(', ');
}

type Trees = Pick<ChangeContent, 'base' | 'head'>;

function churnWords({ added, removed, changed }: Drift): string {
  const parts = [
    ...(added.length === 0 ? [] : [`adds ${added.length} (${some(added)})`]),
    ...(removed.length === 0 ? [] : [`removes ${removed.length} (${some(removed)})`]),
    ...(changed.length === 0 ? [] : [`changes the version of ${changed.length} (${some(changed)})`]),
  ];
  return parts.length === 0 ? '' : parts.join(', ');
}

function sourceWords({ sources, checksums, scripts }: Drift): readonly string[] {
  return [
    ...(sources.length === 0 ? [] : [`takes packages from elsewhere: ${some(sources)}`]),
    ...(checksums.length === 0 ? [] : [`has another checksum for the same version: ${some(checksums)}`]),
    ...(scripts.length === 0 ? [] : [`installs packages whose code runs at install: ${some(scripts)}`]),
  ];
}

interface Side {
  readonly path: string;
  readonly file: ChangedContent['after'];
  readonly tree: WholeTree;
}

/** null: not there, too large, or unreadable; `problem` says which. */
async function packagesIn(
  { path, file, tree }: Side,
  { mostBytes }: Format,
  readings: Readings,
): Promise<{ readonly packages: readonly LockedPackage[] | null; readonly problem: string }> {
  if (file === null) return { packages: [], problem: '' };
  const content = file.content ?? (await tree.read(path, mostBytes));
  if (content === null) return { packages: null, problem: 'is too large to be read' };
  const reading = readings(path, textOf(content));
  if (reading === undefined || reading.kind === 'unreadable')
    return { packages: null, problem: reading?.problem ?? '' };
  return { packages: reading.packages, problem: '' };
}

function about(path: string, detector: ContentSighting['detector'], message: string): ContentSighting {
  return { detector, path, side: 'added', line: null, message };
}

async function drifted(
  { path, previousPath, before, after }: ChangedContent,
  { base, head }: Trees,
  readings: Readings,
): Promise<readonly ContentSighting[]> {
  const format = formatOf(nameOf(path));
  if (format === undefined) return [];
  const now = await packagesIn({ path, file: after, tree: head }, format, readings);
  if (now.packages === null) {
    const message = `${now.problem}: what it installs, and from where, is not known`;
    return format.isLock ? [about(path, 'dependency-source', message)] : [];
  }
  const earlier = await packagesIn({ path: previousPath ?? path, file: before, tree: base }, format, readings);
  const drift = compareLocks(earlier.packages ?? [], now.packages);
  const churn = churnWords(drift);
  return [
    ...(churn === '' ? [] : [about(path, 'dependency-churn', churn)]),
    ...sourceWords(drift).map((message) => about(path, 'dependency-source', message)),
  ];
}

export const readDependencies: ContentReader = async ({ files, base, head }) => {
  const paths = files.flatMap(({ path, after }) => (after === null ? [] : [path]));
  const readings = createReadings();
  const steps = await outOfStep(paths, { base, head }, readings);
  // One after the other: a large one takes seconds and much memory.
  const drifts: (readonly ContentSighting[])[] = [];
  for (const file of files) drifts.push(await drifted(file, { base, head }, readings));
  return [
    ...drifts.flat(),
    ...files.flatMap((file) =>
      settingsSeen(file).map(({ line, message }): ContentSighting => ({
        ...about(file.path, 'dependency-source', message),
        line,
      })),
    ),
    ...steps.map(({ path, names }) =>
      about(path, 'dependency-churn', `is out of step with its manifest, which asks for ${some(names)}`),
    ),
  ];
};
