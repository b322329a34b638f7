/**
 * What a change does to the code of others that is installed: sets of packages before and after, where they come from, their
 * checksums, and what of them runs at install. No graph and no network: what is said stands in the files.
 */
import type { ContentSighting } from '../../core/content-detectors.ts';
import type { ChangedContent, ContentReader } from '../../ports/content.ts';
import { compareLocks } from './compare.ts';
import type { Drift } from './compare.ts';
import { formatOf } from './formats.ts';
import { outOfStep } from './in-step.ts';
import type { LockedPackage, LockReader } from './locked.ts';
import { settingsSeen } from './settings.ts';

const MAX_NAMES = 4;
const MAX_WORDS = 140;

function some(words: readonly string[]): string {
  const shown = words.slice(0, MAX_NAMES).map((word) => word.replaceAll(/\/\/[^/@\s]*@/g, '//').slice(0, MAX_WORDS));
  return words.length > MAX_NAMES ? `${shown.join(', ')} and ${words.length - MAX_NAMES} more` : shown.join(', ');
}

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

/** null: not there, too large, or unreadable; `problem` says which. */
function packagesIn(
  side: ChangedContent['after'],
  reader: LockReader,
): { readonly packages: readonly LockedPackage[] | null; readonly problem: string | null } {
  if (side === null) return { packages: [], problem: null };
  if (side.content === null) return { packages: null, problem: 'is too large to be read' };
  const reading = reader(Buffer.from(side.content).toString('utf8'));
  return reading.kind === 'read'
    ? { packages: reading.packages, problem: null }
    : { packages: null, problem: reading.problem };
}

function about(path: string, detector: ContentSighting['detector'], message: string): ContentSighting {
  return { detector, path, side: 'added', line: null, message };
}

function drifted({ path, before, after }: ChangedContent): readonly ContentSighting[] {
  const format = formatOf(path.slice(path.lastIndexOf('/') + 1));
  if (format === undefined) return [];
  const now = packagesIn(after, format.reader);
  if (now.packages === null) {
    const message = `${now.problem ?? ''}: what it installs, and from where, is not known`;
    return format.isLock ? [about(path, 'dependency-source', message)] : [];
  }
  const drift = compareLocks(packagesIn(before, format.reader).packages ?? [], now.packages);
  const churn = churnWords(drift);
  return [
    ...(churn === '' ? [] : [about(path, 'dependency-churn', churn)]),
    ...sourceWords(drift).map((message) => about(path, 'dependency-source', message)),
  ];
}

export const readDependencies: ContentReader = async ({ files, base, head }) => {
  const paths = files.flatMap(({ path, after }) => (after === null ? [] : [path]));
  const steps = await outOfStep(paths, { base, head });
  return [
    ...files.flatMap(drifted),
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
