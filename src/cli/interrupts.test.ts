import { expect, it } from 'vitest';
import { catchInterrupts } from './interrupts.ts';

it.each([
  ['a run', undefined, [/^Stopping: the turn ends/, /^Killing everything now/]],
  ['what has no turn and kills nothing', { stopping: 'one', again: 'two' }, [/^one$/, /^two$/]],
])('the first signal stops and the second kills, each in words of its own: %s', (_name, words, said) => {
  const lines: string[] = [];
  const interrupts = catchInterrupts({ err: (line) => void lines.push(line) }, words);
  try {
    process.emit('SIGINT');
    expect([interrupts.stop.aborted, interrupts.kill.aborted]).toEqual([true, false]);
    process.emit('SIGINT');
    expect(interrupts.kill.aborted).toBe(true);
    expect(lines).toEqual(said.map((pattern) => expect.stringMatching(pattern)));
  } finally {
    interrupts.end();
  }
});
