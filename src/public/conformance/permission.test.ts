/** The suite for agents that ask, on a driver that keeps the contract, and on drivers that do not. */
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import type { PermissionAnswer, PermissionQuestion } from '../../core/permission.ts';
import type { TurnEnd } from '../../core/event.ts';
import type { AgentHost, Driver, TurnResult } from '../../ports/driver.ts';
import { createCommandDriver } from '../../drivers/command/index.ts';
import type { TestBody } from './harness.ts';
import { permissionConformance } from './permission.ts';

const LINE = 'touch allowed.txt';
const QUESTION: PermissionQuestion = {
  tool: 'shell',
  use: { kind: 'command', line: LINE },
  input: `{"line":"${LINE}"}`,
};

type Act = (answer: PermissionAnswer, workspace: string) => Promise<TurnEnd>;

const obeys: Act = async ({ decision }, workspace) => {
  if (decision === 'allow') await writeFile(join(workspace, 'allowed.txt'), '');
  return { kind: 'ended', exitCode: 0 };
};

/** An agent in memory, whose workspace is the real directory. */
function driverThat(
  act: Act,
  ask: (host: AgentHost) => Promise<PermissionAnswer> = (host) => host.permit(QUESTION),
): Driver {
  const command = createCommandDriver();
  return {
    ...command,
    capabilities: { ...command.capabilities, asksPermission: true },
    options: (raw) => raw,
    asks: () => true,
    open: (_, host) =>
      Promise.resolve({
        async turn(): Promise<TurnResult> {
          const answer = await ask(host);
          const end = await act(answer, host.workspacePath);
          const output = Buffer.from(answer.reason);
          return { end, claims: [], wallTimeMs: 1, outputBytes: output.length, output };
        },
        close: () => Promise.resolve(),
      }),
  };
}

async function failuresOf(driver: Driver): Promise<readonly string[]> {
  const cases: { name: string; body: TestBody }[] = [];
  const collect = (name: string, body: TestBody): number => cases.push({ name, body });
  permissionConformance(
    { describe: (_, body) => body(), it: Object.assign(collect, { skip: () => undefined }), expect },
    {
      name: 'canary',
      driver,
      behaviours: { asks: {}, defies: null },
      async openHost() {
        const directory = await mkdtemp(join(tmpdir(), 'loopwright-permission-'));
        const host: AgentHost = {
          workspacePath: directory,
          home: '/home/agent',
          models: null,
          rules: { deny: [], ask: [], allow: [] },
          permit: () => Promise.reject(new Error('the suite asks itself')),
          seed: () => Promise.resolve(),
          launch: () => {
            throw new Error('nothing is launched here');
          },
        };
        return { directory, host, dispose: () => rm(directory, { recursive: true, force: true }) };
      },
    },
  );
  const failed: string[] = [];
  for (const { name, body } of cases) {
    await Promise.resolve()
      .then(body)
      .catch(() => failed.push(name));
  }
  expect(cases.length).toBe(6);
  return failed;
}

it('a driver that keeps the contract fails nothing', async () => {
  expect(await failuresOf(driverThat(obeys))).toEqual([]);
});

it('canary: a driver whose agent acts whatever it is told is found out', async () => {
  const defiant = driverThat((answer, workspace) => obeys({ ...answer, decision: 'allow' }, workspace));
  expect(await failuresOf(defiant)).toEqual([
    'what is denied is not done, the agent hears why, and its turn goes on',
    'what a person has to decide is not done, and the turn is over',
  ]);
});

it('canary: a driver that keeps the question to itself is found out', async () => {
  const silent = driverThat(obeys, () => Promise.resolve({ decision: 'allow', rule: null, reason: 'why not' }));
  expect(await failuresOf(silent)).toEqual(
    expect.arrayContaining(['a question names the tool, what would happen, and the whole input']),
  );
});

it('canary: a driver that takes a failure for an answer is found out', async () => {
  const swallowing = driverThat(obeys, (host) =>
    host.permit(QUESTION).catch((error: Error) => ({ decision: 'deny', rule: null, reason: error.message })),
  );
  expect(await failuresOf(swallowing)).toEqual([
    'a question that cannot be recorded is no yes: the turn fails as the host does',
  ]);
});
