import { tmpdir } from 'node:os';
import { expect, it } from 'vitest';
import { createCommandDriver } from '../../drivers/command/index.ts';
import type { Driver } from '../../ports/driver.ts';
import type { DriverSubject } from './driver.ts';
import { driverConformance } from './driver.ts';
import type { TestBody } from './harness.ts';
import { ASKING_NOBODY } from './asking-nobody.ts';

const driver = createCommandDriver();

/** The names of the cases that a driver fails, on a host where every program ends at once with code 0. */
async function failuresOf(subject: Pick<DriverSubject, 'driver'>): Promise<readonly string[]> {
  const cases: { name: string; body: TestBody }[] = [];
  const collect = (name: string, body: TestBody): number => cases.push({ name, body });
  const group = (_: string, body: () => void): void => body();
  const nothing = new Uint8Array();
  const options = { argv: ['true'] };
  driverConformance(
    { describe: group, it: Object.assign(collect, { skip: () => undefined }), expect },
    {
      ...subject,
      name: 'canary',
      invalidOptions: [{ argv: [] }],
      behaviours: {
        done: options,
        'exit-code-7': null,
        blocked: null,
        writes: null,
        'reads-prompt': null,
        silent: null,
        talks: null,
        floods: null,
      },
      openHost: async () => ({
        directory: tmpdir(),
        dispose: () => Promise.resolve(),
        host: {
          workspacePath: '/workspace',
          home: '/home/agent',
          models: null,
          ...ASKING_NOBODY,
          seed: () => Promise.resolve(),
          launch: () => ({
            sawLife: () => undefined,
            write: () => undefined,
            endInput: () => undefined,
            onOutput: (listener) => listener('stdout', Buffer.from('x')),
            finished: Promise.resolve({
              end: { kind: 'exited', code: 0 },
              stdout: nothing,
              stderr: nothing,
              stdoutBytes: 1,
              stderrBytes: 0,
              wallTimeMs: 1,
            }),
          }),
        },
      }),
    },
  );
  const failed: string[] = [];
  for (const { name, body } of cases) {
    const failure = await Promise.resolve()
      .then(body)
      .then(() => null)
      .catch((error: Error) => error);
    if (failure !== null) failed.push(name);
  }
  expect(cases.length).toBeGreaterThanOrEqual(10);
  return failed;
}

it('a driver that keeps the contract fails nothing', async () => {
  expect(await failuresOf({ driver })).toEqual([]);
});

it('canary: a driver that takes any options is found out', async () => {
  const careless: Driver = { ...driver, options: (raw) => raw };
  expect(await failuresOf({ driver: careless })).toEqual([
    'are refused when a key is not known',
    'are refused when a value is wrong',
  ]);
});

it('canary: a driver that makes up how turns end is found out', async () => {
  const liar: Driver = {
    ...driver,
    open: () =>
      Promise.resolve({
        turn: () =>
          Promise.resolve({
            end: { kind: 'ended', exitCode: 0 },
            claims: [{ kind: 'done', text: '' }],
            wallTimeMs: 1,
            outputBytes: 1,
            output: Buffer.from('x'),
          }),
        close: () => Promise.resolve(),
      }),
  };
  expect(await failuresOf({ driver: liar })).toEqual([
    'before a turn launches nothing',
    'a program that is not there makes the agent unavailable',
    'a death by a foreign signal is a crash and claims nothing',
    'a sandbox that cannot start the process is an error, not a turn',
    'nothing is launched except through the host',
  ]);
});

it('canary: a driver that swallows a broken sandbox is found out', async () => {
  const swallowing: Driver = {
    ...driver,
    async open(options, host) {
      const session = await driver.open(options, host);
      return {
        ...session,
        turn: (request, signal) =>
          session.turn(request, signal).catch((error: Error) => ({
            end: { kind: 'crashed', detail: error.message } as const,
            claims: [],
            wallTimeMs: 0,
            outputBytes: 0,
            output: new Uint8Array(),
          })),
      };
    },
  };
  expect(await failuresOf({ driver: swallowing })).toEqual([
    'a sandbox that cannot start the process is an error, not a turn',
  ]);
});
