import { describe, expect, it } from 'vitest';
import { handOver, type HandedOver } from './hand-over.ts';

const ENV = { PATH: process.env['PATH'] };
/** Far above what a loaded machine needs. */
const BOUNDS = { deadlineMs: 60_000, outputBytes: 100_000 };

function shell(script: string, bounds: Partial<typeof BOUNDS> = {}, input = '{"a":1}\n'): Promise<HandedOver> {
  return handOver(['sh', '-c', script], input, ENV, { ...BOUNDS, ...bounds });
}

describe('a command that is handed a text', () => {
  it('reads it on standard input, in the root directory', async () => {
    expect(await shell('read line; test "$line" = \'{"a":1}\' && test "$PWD" = /')).toEqual({
      problem: null,
      said: '',
    });
  });

  it('may not read it at all', async () => {
    expect((await shell('exec 0<&-; exit 0', {}, 'x'.repeat(1_000_000))).problem).toBeNull();
  });

  it.each([
    ['ends otherwise', 'echo no >&2; exit 3', {}, { problem: 'it ended with code 3', said: 'no\n' }],
    ['dies', 'kill -9 $$', {}, { problem: 'it was ended by SIGKILL', said: '' }],
    [
      'says too much',
      'while :; do echo xxxxxxxx; done',
      {},
      { problem: 'it printed more than 100000 bytes', said: '' },
    ],
    [
      'hangs with a child',
      'sleep 1000 & wait',
      { deadlineMs: 200 },
      { problem: 'it, or something it started, was not done within 0.2 s', said: '' },
    ],
  ])('is said to have failed where it %s', async (_, script, bounds, expected) => {
    expect(await shell(script, bounds)).toEqual(expected);
  });

  it('is said to have failed where it is not there', async () => {
    const { problem } = await handOver(['/nowhere/to/be/found'], '', ENV, BOUNDS);
    expect(problem).toBe('it cannot be started (ENOENT)');
  });
});
