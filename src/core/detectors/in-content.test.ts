import { describe, expect, it } from 'vitest';
import { HAPPY, change, openLog, play, policy, result, started } from '../../../test/fixtures/world.ts';
import { CONTENT_DETECTOR_IDS, MAX_LISTED_SIGHTINGS, listedSightings } from '../content-detectors.ts';
import type { ContentDetectorId, ContentSighting } from '../content-detectors.ts';
import { ACTION_DETECTORS } from '../policy.ts';
import type { ActionDetector, DetectorAction } from '../policy.ts';
import type { RunState } from '../state.ts';

const OFF = Object.fromEntries(ACTION_DETECTORS.map((id) => [id, 'off'])) as Record<ActionDetector, DetectorAction>;

function seen(detector: ContentDetectorId, over: Partial<ContentSighting> = {}): ContentSighting {
  return { detector, path: 'src/a.ts', side: 'added', line: 7, message: 'is odd', ...over };
}

/** A run whose every change passes the checks and shows the sightings. */
function run(id: ContentDetectorId, action: DetectorAction, sightings: readonly ContentSighting[]): RunState {
  const { detectors } = policy();
  const rules = policy({ detectors: { ...detectors, actions: { ...OFF, [id]: action } } });
  const check = (_: unknown, { stage }: { readonly stage: string }): ReturnType<typeof result> =>
    result(stage === 'baseline' ? 'failure' : 'success');
  const world = { ...HAPPY, change: (_: unknown, n: number) => change(n, { sightings }), check };
  return play(openLog(started({ policy: rules })), world);
}

describe.each(CONTENT_DETECTOR_IDS)('%s', (id) => {
  it.each([
    ['off', 'stopped', 'accepted', []],
    ['note', 'stopped', 'accepted', ['note']],
    ['hold', 'waiting', undefined, ['hold']],
    // The agent is told once.
    ['stop', 'stopped', 'unwanted-change', ['refuse', 'stop']],
  ] as const)('says %s', (action, phase, reason, severities) => {
    const state = run(id, action, [seen(id)]);
    expect([state.phase, state.stop?.reason]).toEqual([phase, reason]);
    expect(state.iterations.flatMap(({ findings }) => findings.map(({ severity }) => severity))).toEqual(severities);
  });

  it('names the line, and of which side', () => {
    const removed = seen(id, { side: 'removed', line: null, path: 'b.ts' });
    const [first, second] = run(id, 'note', [seen(id), removed]).iterations.at(-1)?.findings ?? [];
    expect(first).toMatchObject({ detector: id, message: 'src/a.ts:7 is odd', location: 'src/a.ts' });
    expect(second).toMatchObject({ message: 'b.ts is odd (line of the base)', location: 'b.ts' });
  });

  it('has nothing to say of a change in which nothing was seen', () => {
    expect(run(id, 'stop', []).stop?.reason).toBe('accepted');
  });
});

describe('the list that a change keeps', () => {
  it('is whole while it is short, and bounded by the newest of each kind last', () => {
    const few = [seen('merge-leftovers')];
    expect(listedSightings(few)).toBe(few);
    const many = Array.from({ length: MAX_LISTED_SIGHTINGS + 5 }, (_, line) => seen('merge-leftovers', { line }));
    expect(listedSightings(many)).toHaveLength(MAX_LISTED_SIGHTINGS);
    expect(listedSightings(many)[0]).toEqual(many[0]);
  });
});
