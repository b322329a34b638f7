/** Laws of layers, over random ones: never looser than any layer above, the same twice, and no order where lists add up. */
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { isLoopwrightError } from '../../core/errors.ts';
import type { ResolvedPolicy } from '../../core/policy.ts';
import type { PolicyContent, PolicyFile } from '../content.ts';
import { compileGlobs, readPath } from '../globs.ts';
import { resolvePolicy } from '../resolve.ts';
import { stackPolicies, type AppliedLayer } from './stack.ts';

type Said = Omit<PolicyContent, 'version'>;

function file(content: Said, fileName: string): PolicyFile {
  return { fileName, content: { version: 1, ...content }, lines: new Map() };
}

function layer(content: Said, name: string): AppliedLayer {
  const record = { level: 'organisation', file: name, hash: '0' } as const;
  return { record, file: file(content, name), source: name };
}

const some = <T>(value: fc.Arbitrary<T>): fc.Arbitrary<T | undefined> => fc.option(value, { nil: undefined, freq: 2 });
const ceiling = fc.oneof(fc.integer({ min: 1, max: 4 }), fc.constant('unlimited' as const));
const trees = fc.constantFrom('src/**', 'src/a/**', 'lib/**', 'lib', '**');
const action = fc.constantFrom('off' as const, 'note' as const, 'hold' as const, 'stop' as const);

const zone = fc.record({
  name: fc.constantFrom('payments', 'auth'),
  paths: some(fc.oneof(fc.constant('off' as const), fc.array(trees, { minLength: 1, maxLength: 2 }))),
  approvals: some(fc.integer({ min: 1, max: 2 })),
  from: some(fc.subarray(['ann', 'bob', 'cid', 'dan'], { minLength: 3 })),
});

const sections = {
  limits: some(fc.record({ iterations: some(ceiling), 'wall-time': some(ceiling), 'cost-usd': some(ceiling) })),
  resources: some(fc.record({ memory: some(ceiling) })),
  detectors: some(fc.record({ 'protected-edit': some(action), actions: some(fc.record({ cycle: action })) })),
  paths: some(
    fc.record({
      allow: some(fc.array(trees, { minLength: 1, maxLength: 2 })),
      deny: some(fc.array(trees, { maxLength: 2 })),
      unmask: some(fc.subarray(['.env', '.env.dev'])),
    }),
  ),
  protect: some(
    fc.record({ files: some(fc.array(trees, { maxLength: 2 })), except: some(fc.array(trees, { maxLength: 1 })) }),
  ),
  risk: some(fc.uniqueArray(zone, { selector: ({ name }) => name, maxLength: 2 })),
};

/** A class that is looser than its own layer is refused when the layer is read, so that only the lower file has classes. */
const upperContent = fc.record({
  ...sections,
  approvals: some(fc.record({ signed: some(fc.boolean()), expire: some(fc.integer({ min: 1, max: 4 })) })),
  sandbox: some(fc.constantFrom('none' as const, 'bubblewrap' as const, 'container' as const)),
});

const lowerContent = fc.record({
  ...sections,
  approvals: some(fc.record({ signed: some(fc.boolean()), expire: some(fc.integer({ min: 1, max: 4 })) })),
  sandbox: some(fc.constantFrom('none' as const, 'bubblewrap' as const, 'container' as const)),
  classes: some(fc.record({ mine: fc.record({ ...sections, extends: some(fc.constantFrom('fix', 'docs')) }) })),
});

function resolve(policy: PolicyFile | null, className: string): ResolvedPolicy {
  return resolvePolicy({ file: policy, className, flags: { agent: 'x', checks: ['npm test'] } });
}

/** null where the layers refuse one another. */
function stacked(layers: readonly AppliedLayer[], own: PolicyFile | null): PolicyFile | null {
  try {
    return stackPolicies(layers, own);
  } catch (error) {
    if (isLoopwrightError(error, 'LW_POLICY_LOOSENED')) return null;
    throw error;
  }
}

const amount = (value: number | string): number => (typeof value === 'number' ? value : Number.POSITIVE_INFINITY);
const ACTIONS = ['off', 'note', 'hold', 'stop'];
const PROBES = ['src/x', 'src/a/x', 'lib/x', 'lib', 'docs/x', '.env', '.env.dev', 'x.test.ts'];

function covered(globs: readonly string[]): readonly string[] {
  const test = compileGlobs(globs, 'exact');
  return PROBES.filter((path) => test(readPath(path)));
}

/** What a change may touch. */
function reachable({ paths }: ResolvedPolicy): readonly string[] {
  const denied = covered(paths.deny);
  return covered(paths.allow).filter((path) => !denied.includes(path));
}

type Bounds = Readonly<Record<string, boolean>>;

function within(wide: readonly string[], narrow: readonly string[]): boolean {
  return covered(narrow).every((path) => covered(wide).includes(path));
}

function aboveCeilings({ limits, resources, approvals }: Said, policy: ResolvedPolicy): Bounds {
  const above = (most: number | string | undefined, now: number | string = 0): boolean =>
    most !== undefined && amount(now) > amount(most);
  return {
    iterations: above(limits?.iterations, policy.limits.iterations),
    wallTime: above(limits?.['wall-time'], policy.limits.wallTimeMs),
    cost: above(limits?.['cost-usd'], policy.limits.costUsd),
    memory: above(resources?.memory, policy.resources?.memoryBytes),
    expire: above(approvals?.expire, policy.approvals?.expireMs),
  };
}

function wideLists({ paths, protect }: Said, policy: ResolvedPolicy): Bounds {
  const protectedByIt = [...(protect?.files ?? []), ...(protect?.except ?? []).map((glob) => `!${glob}`)];
  const { allow, deny = [], unmask } = paths ?? {};
  return {
    allow: allow !== undefined && reachable(policy).some((path) => !covered(allow).includes(path)),
    deny: !within(policy.paths.deny, deny),
    unmask: unmask !== undefined && !within(unmask, policy.paths.unmask ?? []),
    protect: !within(policy.protect, protectedByIt),
  };
}

function laxWords({ detectors, approvals, sandbox }: Said, policy: ResolvedPolicy): Bounds {
  const laxer = (least: string | undefined, now: string | undefined): boolean =>
    least !== undefined && ACTIONS.indexOf(now ?? 'off') < ACTIONS.indexOf(least);
  return {
    protectedEdit: laxer(detectors?.['protected-edit'], policy.detectors.protectedEdit),
    cycle: laxer(detectors?.actions?.cycle, policy.detectors.actions?.cycle),
    signed: approvals?.signed === true && policy.approvals?.signed !== true,
    sandbox: !['none', undefined].includes(sandbox) && policy.sandbox === 'none',
  };
}

function weakZones({ risk = [] }: Said, bound: ResolvedPolicy, policy: ResolvedPolicy): boolean {
  return risk.some((one) => {
    const [before, now] = [bound, policy].map(({ risk: all }) => all.find(({ name }) => name === one.name));
    if (before === undefined) return false;
    if (now === undefined || !within(now.paths, before.paths)) return true;
    const strangers =
      before.from !== undefined && (now.from ?? ['?']).some((name) => before.from?.includes(name) !== true);
    return (now.approvals ?? 1) < (before.approvals ?? 1) || strangers;
  });
}

/** What `upper` said, and `policy` holds less of; written apart from the code that is tried. */
function loosened(upper: Said, bound: ResolvedPolicy, policy: ResolvedPolicy): readonly string[] {
  const zones = { zones: weakZones(upper, bound, policy) };
  const all = { ...aboveCeilings(upper, policy), ...wideLists(upper, policy), ...laxWords(upper, policy), ...zones };
  return Object.entries(all).flatMap(([key, isLooser]) => (isLooser ? [key] : []));
}

describe('layers', () => {
  it('are never looser together than one of those above', () => {
    const seen = { kept: 0, refused: 0 };
    fc.assert(
      fc.property(upperContent, upperContent, lowerContent, (organisation, team, own) => {
        const policy = stacked([layer(organisation, 'o'), layer(team, 't')], file(own, 'r'));
        if (policy === null) {
          seen.refused += 1;
          return;
        }
        seen.kept += 1;
        for (const className of own.classes === undefined ? ['fix', 'docs'] : ['fix', 'docs', 'mine']) {
          const together = resolve(policy, className);
          for (const [index, one] of [organisation, team].entries()) {
            const alone = resolve(stacked([layer(one, 'l')], null), className === 'mine' ? 'fix' : className);
            expect([index, className, ...loosened(one, alone, together)]).toEqual([index, className]);
          }
        }
      }),
      { numRuns: 150 },
    );
    // Both have to happen, or nothing was examined.
    expect(seen.kept).toBeGreaterThan(20);
    expect(seen.refused).toBeGreaterThan(20);
  });

  it('say the same twice as once', () => {
    fc.assert(
      fc.property(upperContent, (content) => {
        const once = stacked([layer(content, 'a')], null);
        fc.pre(once !== null);
        const twice = stacked([layer(content, 'a'), layer(content, 'a')], null);
        expect(twice).not.toBeNull();
        for (const className of ['fix', 'docs']) {
          const [one, two] = [once, twice].map((policy) => ({ ...resolve(policy, className), layers: [] }));
          expect(two).toEqual(one);
        }
      }),
      { numRuns: 100 },
    );
  });

  it('say the same in any order where they only add to lists', () => {
    const lists = fc.record({
      paths: some(fc.record({ deny: fc.array(trees, { maxLength: 3 }) })),
      protect: some(fc.record({ files: fc.array(trees, { maxLength: 3 }) })),
    });
    fc.assert(
      fc.property(lists, lists, (one, other) => {
        const [first, second] = [layer(one, 'a'), layer(other, 'b')];
        const sorted = (layers: readonly AppliedLayer[]): readonly (readonly string[])[] => {
          const { paths, protect } = resolve(stacked(layers, null), 'fix');
          return [[...new Set(paths.deny)].toSorted(), [...new Set(protect)].toSorted()];
        };
        expect(sorted([second, first])).toEqual(sorted([first, second]));
      }),
      { numRuns: 100 },
    );
  });
});
