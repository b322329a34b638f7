import { describe, expect, it } from 'vitest';
import type { Freeze } from '../core/freeze.ts';
import { coveringFreezes, type FreezableRun } from './frozen.ts';

const freeze = (paths: readonly string[], patch: Partial<Freeze> = {}): Freeze => ({
  id: 'f1',
  repository: '/repo',
  paths,
  reason: 'outage',
  by: 'ann',
  until: null,
  ...patch,
});

const run = (
  allow: readonly string[],
  changed: readonly string[] = [],
  deny: readonly string[] = [],
): FreezableRun => ({
  repository: '/repo',
  policy: { checks: [], paths: { allow, deny, dependencies: [] } },
  files: changed.map((path) => ({ path })),
  fileCount: changed.length,
});

describe('a freeze covers', () => {
  it.each([
    // Globs of the freeze, what the run may change, what it changed, whether it covers the scope, and the change.
    [['infra/**'], ['**'], [], true, false],
    [['infra/**'], ['src/**'], [], false, false],
    [['infra/**'], ['infra/modules/**'], [], true, false],
    [['infra'], ['infra/main.tf'], [], true, false],
    [['infra/main.tf'], ['infra/*.tf'], ['infra/other.tf'], true, false],
    [['INFRA/main.tf'], ['**'], ['infra/main.tf'], true, true],
    [['**/*.tf'], ['src/**'], ['a.tf'], true, true],
    [['**'], ['docs/**'], [], true, false],
    [['src/a.ts', 'docs/**'], ['docs/x.md'], ['docs/x.md'], true, true],
  ])('%j, for a run that may change %j and changed %j: %s, %s', (paths, allow, changed, scope, change) => {
    const seen = (reach: 'scope' | 'change'): boolean =>
      coveringFreezes([freeze(paths)], run(allow, changed), reach).length === 1;
    expect([seen('scope'), seen('change')]).toEqual([scope, change]);
  });

  it('no run of another repository, unless it is for all of them', () => {
    const elsewhere = freeze(['**'], { repository: '/other' });
    const everywhere = freeze(['**'], { repository: null });
    expect(coveringFreezes([elsewhere, everywhere], run(['**'], ['a']), 'change')).toEqual([everywhere]);
  });

  it('no path that the policy denies the run', () => {
    expect(coveringFreezes([freeze(['infra/**'])], run(['**'], [], ['infra/**']), 'scope')).toEqual([]);
  });

  it('both sides of a rename, and a change too long to be listed', () => {
    const renamed = { ...run(['src/**']), files: [{ path: 'src/b.ts', previousPath: 'infra/b.ts' }], fileCount: 1 };
    expect(coveringFreezes([freeze(['infra/**'])], renamed, 'change')).toHaveLength(1);
    expect(
      coveringFreezes([freeze(['infra/**'])], { ...run(['src/**'], ['src/a']), fileCount: 9_000 }, 'change'),
    ).toHaveLength(1);
  });
});
