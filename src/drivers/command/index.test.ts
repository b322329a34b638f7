import { existsSync, readFileSync } from 'node:fs';
import { readdir } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { describe, expect, it } from 'vitest';
import type { AgentHost, TurnResult } from '../../ports/driver.ts';
import { createCommandDriver, MAX_ARGUMENT_BYTES } from './index.ts';
import { ASKING_NOBODY } from '../../public/conformance/asking-nobody.ts';

const driver = createCommandDriver();

interface Asked {
  readonly argv: readonly string[];
  readonly env: Readonly<Record<string, string>>;
  readonly stdin: string | null;
  /** Content of the prompt file at the time of the launch. */
  readonly promptFile: string;
  readonly promptPath: string;
}

async function turn(
  options: Readonly<Record<string, unknown>>,
  prompt: string,
): Promise<{ asked: Asked[]; result: TurnResult }> {
  const asked: Asked[] = [];
  const host: AgentHost = {
    workspacePath: '/workspace',
    home: '/home/agent',
    models: null,
    ...ASKING_NOBODY,
    seed: () => Promise.resolve(),
    launch({ argv, env, stdin, files }) {
      const [[shownAs, promptPath]] = Object.entries(files ?? {}) as [[string, string]];
      expect(env['LOOPWRIGHT_PROMPT_FILE']).toBe(shownAs);
      asked.push({
        argv,
        env,
        stdin: stdin === null ? null : Buffer.from(stdin).toString(),
        promptFile: readFileSync(promptPath, 'utf8'),
        promptPath,
      });
      const nothing = new Uint8Array();
      return {
        onOutput: () => undefined,
        sawLife: () => undefined,
        write: () => undefined,
        endInput: () => undefined,
        finished: Promise.resolve({
          end: { kind: 'exited', code: 0 },
          stdout: nothing,
          stderr: nothing,
          stdoutBytes: 0,
          stderrBytes: 0,
          wallTimeMs: 1,
        }),
      };
    },
  };
  const session = await driver.open(driver.options(options), host);
  const budget = { wallTimeMs: 1_000, idleMs: 1_000, outputBytes: 1_000 } as const;
  const result = await session.turn({ iteration: 1, prompt, budget }, new AbortController().signal);
  return { asked, result };
}

describe('the prompt', () => {
  it('is in a file and standard input is closed, unless something else is asked for', async () => {
    const { asked } = await turn({ argv: ['codemod'], environment: { CI: '1' } }, 'Rename it.');
    expect(asked).toMatchObject([{ argv: ['codemod'], stdin: null, promptFile: 'Rename it.', env: { CI: '1' } }]);
  });

  it('comes on standard input with `prompt: stdin`, and is in the file too', async () => {
    const { asked } = await turn({ argv: ['agent'], prompt: 'stdin' }, 'Rename it.');
    expect(asked).toMatchObject([{ stdin: 'Rename it.', promptFile: 'Rename it.' }]);
  });

  it('takes the place of the argument {prompt}, whole and never through a shell', async () => {
    const { asked } = await turn({ argv: ['agent', '-p', '{prompt}', 'not{prompt}'] }, 'a "b" $(c)\0d');
    expect(asked).toMatchObject([{ argv: ['agent', '-p', 'a "b" $(c)\u{fffd}d', 'not{prompt}'], stdin: null }]);
  });

  it('leaves {prompt} alone where another way is asked for by name', async () => {
    const { asked } = await turn({ argv: ['echo', '{prompt}'], prompt: 'none' }, 'x');
    expect(asked).toMatchObject([{ argv: ['echo', '{prompt}'] }]);
  });

  it('that no argument can hold makes the agent unavailable, with the numbers, and launches nothing', async () => {
    const fits = await turn({ argv: ['agent', '{prompt}'] }, 'x'.repeat(MAX_ARGUMENT_BYTES));
    expect(fits.asked).toHaveLength(1);
    const { asked, result } = await turn({ argv: ['agent', '{prompt}'] }, 'x'.repeat(MAX_ARGUMENT_BYTES + 1));
    expect(asked).toEqual([]);
    expect(result.end).toEqual({
      kind: 'unavailable',
      detail: 'the prompt has 131072 bytes and an argument holds 131071: use prompt: stdin',
    });
  });

  it('file is gone after the turn, with its directory', async () => {
    const { asked } = await turn({ argv: ['agent'] }, 'secret plans');
    const file = asked[0]!.promptPath;
    expect(file.startsWith(`${tmpdir()}/loopwright-prompt-`)).toBe(true);
    expect(existsSync(file)).toBe(false);
    const directory = file.slice(tmpdir().length + 1, file.lastIndexOf('/'));
    expect(await readdir(tmpdir())).not.toContain(directory);
  });
});

it('a refusal names the option and what it may be', () => {
  const refusal = (message: string): unknown =>
    expect.objectContaining({ code: 'LW_AGENT_OPTIONS', message: expect.stringContaining(message) });
  expect(() => driver.options({ argv: [] })).toThrow(refusal('argv: names no program'));
  expect(() => driver.options({ argv: ['a'], promt: 'stdin' })).toThrow(refusal('"promt"'));
});
