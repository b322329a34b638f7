/** A model that fixes `sum.js`: wrongly first, and rightly once it is told, where a test says nothing else. */
import type { RecordedEvent } from '../../src/core/event.ts';
import { inOrder } from '../support/model-server/script.ts';
import type { Script, Step } from '../support/model-server/script.ts';
import { onStage as onAnyStage } from './driven.ts';
import type { Driven, Stage, Staged } from './driven.ts';

export const PATH_INSIDE = '/workspace/sum.js';
const SECOND = 'After your last turn (iteration 1)';

function turnOf(find: string, replace: string, words: string): readonly [Step, ...Step[]] {
  return [
    { kind: 'read', path: PATH_INSIDE },
    { kind: 'edit', path: PATH_INSIDE, find, replace },
    { kind: 'shell', command: 'node --test' },
    { kind: 'say', text: words },
  ];
}

const WRONG = turnOf('a - b', 'a / b', 'I divided.');
const RIGHT = turnOf('a / b', 'a + b', 'Now it adds.');

/** A wrong fix, and the right one once the prompt tells of the first, whatever a resumed conversation has behind it. */
function wrongThenRight(bodyNow: () => string): Script {
  let earlier: number | null = null;
  return (results) => {
    if (!bodyNow().includes(SECOND)) return inOrder(...WRONG)(results);
    earlier ??= results;
    return inOrder(...RIGHT)(results - earlier);
  };
}

/** Where a test says nothing else, the model fixes wrongly first. */
export function onStage(
  one: Driven,
  { script, ...staged }: Omit<Staged, 'script'> & { readonly script?: Script },
  play: (stage: Stage) => Promise<void>,
): Promise<void> {
  return onAnyStage(one, { ...staged, script: script === undefined ? wrongThenRight : () => script }, play);
}

export function claimsOf(events: readonly RecordedEvent[]): readonly string[] {
  return events.flatMap((event) =>
    event.type === 'turn.finished' ? event.claims.map(({ kind, text }) => `${kind}: ${text}`) : [],
  );
}
