import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { describe, expect, it } from 'vitest';
import type { ConformanceHost, DriverSubject } from '../public/conformance/driver.ts';
import { driverConformance, hostInSandbox } from '../public/conformance/driver.ts';
import { permissionConformance } from '../public/conformance/permission.ts';
import { createBubblewrapSandbox } from '../sandboxes/bubblewrap/index.ts';
import { FAKE_ACP_AGENT } from '../../test/support/acp-subject.ts';
import { askingAgent } from '../../test/support/asking-agent.ts';
import { CODING_AGENTS, openAgentHost } from '../../test/support/coding-agents.ts';
import type { DrivenAgent } from '../../test/support/coding-agents.ts';
import { fakeAgent } from '../../test/support/fake-agent.ts';
import { createAcpDriver } from './acp/index.ts';
import { createClaudeDriver } from './claude/index.ts';
import { createCommandDriver } from './command/index.ts';
import { createScriptedDriver } from './scripted/index.ts';

async function openHost(): Promise<ConformanceHost> {
  const directory = await mkdtemp(path.join(tmpdir(), 'loopwright-driver-test-'));
  const sandbox = createBubblewrapSandbox({ hostEnvironment: process.env });
  return {
    host: hostInSandbox(sandbox, directory),
    directory,
    dispose: () => rm(directory, { recursive: true, force: true }),
  };
}

const shell = (command: string): Readonly<Record<string, unknown>> => ({ argv: ['sh', '-c', command] });

const command: DriverSubject = {
  name: 'command',
  driver: createCommandDriver(),
  openHost,
  behaviours: {
    done: shell('echo formatted'),
    'exit-code-7': shell('echo no; exit 7'),
    blocked: shell('echo loopwright: blocked: no database'),
    writes: shell('echo made > made.txt'),
    'reads-prompt': shell('if grep -q juniper "$LOOPWRIGHT_PROMPT_FILE"; then echo loopwright: message: heard; fi'),
    silent: shell('trap "" TERM INT HUP QUIT; while :; do sleep 1; done'),
    talks: shell('while :; do echo still here; sleep 0.1; done'),
    floods: shell('head -c 8000000 /dev/zero'),
  },
  invalidOptions: [
    {},
    { argv: [] },
    { argv: 'prettier --write .' },
    { argv: [''] },
    { argv: ['a\0b'] },
    { argv: ['{prompt}'] },
    { argv: ['agent'], prompt: 'argument' },
    { argv: ['agent'], prompt: 'telepathy' },
    { argv: ['agent'], environment: { 'NOT A NAME': '1' } },
    { argv: ['agent'], environment: { LOOPWRIGHT_PROMPT_FILE: '/etc/passwd' } },
    { argv: ['agent'], environment: { A: 1 } },
  ],
};

const turn = (...steps: unknown[]): Readonly<Record<string, unknown>> => ({ turns: [steps] });

const scripted: DriverSubject = {
  name: 'scripted',
  driver: createScriptedDriver(),
  openHost,
  behaviours: {
    done: turn({ say: 'easy' }, { claim: 'done' }),
    'exit-code-7': turn({ exit: 7 }),
    blocked: turn({ claim: { blocked: 'no database' } }),
    writes: turn({ write: { path: 'made.txt', text: 'made' } }),
    'reads-prompt': {
      script: 'turns:\n  - - if-prompt-contains: { text: juniper, then: [claim: { message: heard }] }\n',
    },
    silent: turn({ 'ignore-signals': true }, { hang: true }),
    talks: turn({ run: 'while :; do echo still here; sleep 0.1; done' }),
    floods: turn({ flood: { bytes: '8MB' } }),
  },
  invalidOptions: [
    {},
    { script: 1 },
    { script: 'turns: [' },
    { script: 'turns: []' },
    { turns: [] },
    { turns: [[{ fly: true }]] },
    { turns: [[{ say: 'a', exit: 1 }]] },
    { turns: [[{ exit: 256 }]] },
    { turns: [[{ hang: false }]] },
    { turns: [[]], repeat: 'never' },
  ],
};

/** The options that make a fake agent behave so, each by its name. */
function behavioursBy(acts: (behaviour: string) => Readonly<Record<string, unknown>>): DriverSubject['behaviours'] {
  return {
    done: acts('done'),
    'exit-code-7': acts('exit-code-7'),
    blocked: acts('blocked'),
    writes: acts('writes'),
    'reads-prompt': acts('reads-prompt'),
    silent: acts('silent'),
    talks: acts('talks'),
    floods: acts('floods'),
  };
}

function codingAgent({ driver, says, models }: DrivenAgent): DriverSubject {
  const program = fakeAgent(says);
  const acts = (model: string): Readonly<Record<string, unknown>> => ({ model, program });
  return {
    name: driver.id,
    driver,
    openHost: () => openAgentHost(models),
    behaviours: behavioursBy(acts),
    invalidOptions: [
      {},
      { model: '' },
      { model: 'two words' },
      { model: 'done', session: 'sometimes' },
      { model: 'done', program: 'bin/agent' },
      { model: 'done', program: '' },
      { model: 7 },
    ],
  };
}

const agents: readonly DriverSubject[] = CODING_AGENTS.map(codingAgent);

const acts = (behaviour: string): Readonly<Record<string, unknown>> => ({ argv: [FAKE_ACP_AGENT, behaviour] });

const acp: DriverSubject = {
  name: 'acp',
  driver: createAcpDriver(process.env),
  openHost,
  behaviours: behavioursBy(acts),
  invalidOptions: [
    {},
    { argv: [] },
    { argv: 'gemini --acp' },
    { argv: [''] },
    { argv: ['bin/agent'] },
    { argv: ['a\0b'] },
    { argv: ['agent', '{key}'], wire: 'gemini' },
    { argv: ['agent'], env: { KEY: '{key}' } },
    { argv: ['agent'], env: { MODEL: '{model}' } },
    { argv: ['agent'], env: { 'NOT A NAME': '1' } },
    { argv: ['agent'], env: { LOOPWRIGHT_HOME: '/' } },
    { argv: ['agent'], model: 'two words' },
    { argv: ['agent'], session: 'sometimes' },
    { argv: ['agent'], wire: 'telepathy' },
    { argv: ['agent'], mode: '' },
    { argv: ['agent'], conceals: ['../..'] },
    { argv: ['agent'], conceals: ['..'] },
    { argv: ['agent'], files: { '../x': '' } },
    { argv: ['agent'], files: { '/etc/x': '' } },
    { argv: ['agent'], wire: 'gemini', files: { x: '{key}' } },
  ],
};

for (const subject of [command, acp, scripted, ...agents]) driverConformance({ describe, it, expect }, subject);

const asking = askingAgent();
permissionConformance(
  { describe, it, expect },
  {
    name: 'claude',
    driver: createClaudeDriver(process.env),
    openHost: openAgentHost,
    behaviours: { asks: { model: 'asks', program: asking }, defies: { model: 'defies', program: asking } },
  },
);

permissionConformance(
  { describe, it, expect },
  {
    name: 'scripted',
    driver: createScriptedDriver(),
    openHost,
    behaviours: { asks: turn({ ask: 'touch allowed.txt' }), defies: null },
  },
);
