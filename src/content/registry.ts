/** Every reader of what changed files hold. A new one is a folder here and a line below. */
import type { ResolvedPolicy } from '../core/policy.ts';
import type { ContentReader, ContentReaderPlugin } from '../ports/content.ts';

export const CONTENT_READERS: readonly ContentReaderPlugin[] = [
  {
    id: 'merge-leftovers',
    detectors: ['merge-leftovers'],
    load: async () => (await import('./merge-leftovers/index.ts')).readMergeLeftovers,
  },
  {
    id: 'secrets',
    detectors: ['secret-in-change'],
    load: async () => (await import('./secrets/index.ts')).readSecrets,
  },
  {
    id: 'generated',
    detectors: ['generated-files'],
    load: async () => (await import('./generated/index.ts')).readGenerated,
  },
  {
    id: 'left-behind',
    detectors: ['left-behind', 'scratch-files'],
    load: async () => (await import('./left-behind/index.ts')).readLeftBehind,
  },
  {
    id: 'duplicates',
    detectors: ['duplicated-code'],
    load: async () => (await import('./duplicates/index.ts')).readDuplicates,
  },
  {
    id: 'dead-code',
    detectors: ['dead-code'],
    load: async () => (await import('./dead-code/index.ts')).readDeadCode,
  },
  {
    id: 'dependencies',
    detectors: ['dependency-source', 'dependency-churn'],
    load: async () => (await import('./dependencies/index.ts')).readDependencies,
  },
  {
    id: 'tampering',
    detectors: [
      'tests-weakened',
      'tests-removed',
      'expectation-changed',
      'checks-loosened',
      'checks-silenced',
      'runner-patched',
      'subject-mocked',
      'special-cased',
      'stubbed',
      'errors-swallowed',
      'syntax-unread',
    ],
    load: async () => (await import('./tampering/index.ts')).createTamperingReader(),
  },
];

/** One reader for a policy: those of which a detector is on, one after the other. What is off is not shown either. */
export async function contentReader(
  { detectors }: Pick<ResolvedPolicy, 'detectors'>,
  plugins: readonly ContentReaderPlugin[] = CONTENT_READERS,
): Promise<ContentReader> {
  const isOn = (id: ContentReaderPlugin['detectors'][number]): boolean => (detectors.actions?.[id] ?? 'off') !== 'off';
  const readers = await Promise.all(
    plugins.filter((plugin) => plugin.detectors.some(isOn)).map((plugin) => plugin.load()),
  );
  return async (change) => {
    const seen = [];
    for (const read of readers) seen.push(...(await read(change)));
    return seen.filter(({ detector }) => isOn(detector));
  };
}
