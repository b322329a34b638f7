#!/usr/bin/env node
/**
 * An agent that speaks the Agent Client Protocol, and does what its first argument says. Small and literal on purpose: what
 * real agents do is measured with real ones. Everything it is sent goes to standard error, for tests to read.
 */
import { spawn } from 'node:child_process';
import { readFileSync, writeFileSync } from 'node:fs';
import { createInterface } from 'node:readline';

type Json = Readonly<Record<string, unknown>>;

const [, , behaviour = 'done', ...rest] = process.argv;
const flags = new Set(rest);
const version = flags.has('v2') ? 2 : 1;
const SESSION = 'session-of-the-fake';
let prompts = 0;
let asked: Json | null = null;
let lastAsk = 1_000;

function write(message: object): void {
  process.stdout.write(`${JSON.stringify({ jsonrpc: '2.0', ...message })}\n`);
}

function update(of: Json): void {
  write({ method: 'session/update', params: { sessionId: SESSION, update: of } });
}

function say(text: string): void {
  if (version === 2) update({ sessionUpdate: 'agent_message', messageId: 'm', content: [{ type: 'text', text }] });
  else
    for (const piece of [text.slice(0, 2), text.slice(2)]) {
      update({ sessionUpdate: 'agent_message_chunk', content: { type: 'text', text: piece } });
    }
}

function stop(id: unknown, stopReason: string, more: Json = {}): void {
  if (version === 1) {
    write({ id, result: { stopReason, ...more } });
    return;
  }
  write({ id, result: { messageId: 'p' } });
  update({ sessionUpdate: 'state_update', state: 'running' });
  update({ sessionUpdate: 'state_update', state: 'idle', stopReason });
}

const OPTIONS = [
  { optionId: 'proceed_always', name: 'Always', kind: 'allow_always' },
  { optionId: 'switch', name: 'Yes, and change the mode', kind: 'allow_once' },
  { optionId: 'proceed_once', name: 'Once', kind: 'allow_once' },
  { optionId: 'cancel', name: 'No', kind: 'reject_once' },
];

/** Asks, and goes on with what was answered. */
let answered: (outcome: Json) => void = () => undefined;
function ask(params: Json, then: (outcome: Json) => void): void {
  lastAsk += 1;
  asked = { id: lastAsk };
  answered = then;
  write({
    id: lastAsk,
    method: 'session/request_permission',
    params: { sessionId: SESSION, options: OPTIONS, ...params },
  });
}

const SHELL = { toolCallId: 't1', kind: 'execute', title: 'Count to ten', rawInput: { command: 'rm -rf build' } };

function askForShell(then: (outcome: Json) => void): void {
  if (version === 2) {
    ask({ title: 'Count to ten', subject: { type: 'command', command: 'rm -rf build', cwd: '/workspace' } }, then);
    return;
  }
  // As some do: the question names its call, and the call told the rest before.
  update({ sessionUpdate: 'tool_call', ...SHELL, status: 'pending' });
  ask({ toolCall: { toolCallId: 't1', status: 'pending' } }, then);
}

/** What each behaviour does with a prompt. */
const ON_PROMPT: Readonly<Record<string, (id: unknown, text: string) => void>> = {
  done: (id) => {
    update({ sessionUpdate: 'plan', entries: [] });
    say('hard');
    update({ sessionUpdate: 'tool_call', toolCallId: 't0', title: 'x', kind: 'read' });
    update({ sessionUpdate: 'never_heard_of', with: ['anything'] });
    say('easy');
    stop(id, 'end_turn', { usage: { totalTokens: 12, inputTokens: 9, outputTokens: 3, cachedReadTokens: 4 } });
  },
  'exit-code-7': () => process.exit(7),
  'exit-code-0': () => process.exit(0),
  blocked: (id) => {
    say('blocked because no database');
    stop(id, 'end_turn');
  },
  writes: (id) => {
    writeFileSync('made.txt', 'made\n');
    stop(id, 'end_turn');
  },
  'reads-prompt': (id, text) => {
    say(text.includes('juniper') ? 'heard' : 'nothing');
    stop(id, 'end_turn');
  },
  talks: () => void setInterval(() => say('still here'), 100),
  floods: (id) => {
    process.stdout.write(`${'x'.repeat(8_000_000)}\n`);
    stop(id, 'end_turn');
  },
  'huge-message': () => {
    say('y'.repeat(17 * 1_024 * 1_024));
  },
  'half-an-answer': (id) => {
    process.stdout.write(`{"jsonrpc":"2.0","id":${String(id)},"result":{"stopRea`, () => process.exit(0));
  },
  'answer-without-line-feed': (id) => {
    process.stdout.write(`{"jsonrpc":"2.0","id":${String(id)},"result":{"stopReason":"end_turn"}}`, () =>
      process.exit(0),
    );
  },
  stays: (id) => {
    process.on('SIGTERM', () => undefined);
    setInterval(() => undefined, 1_000);
    say('here for good');
    stop(id, 'end_turn');
  },
  'exit-code-3-after': (id) => {
    say('done');
    stop(id, 'end_turn');
    process.exitCode = 3;
    process.stdin.destroy();
  },
  forks: (id) => {
    spawn('sleep', ['1000'], { stdio: 'inherit', detached: true }).unref();
    say('forked');
    stop(id, 'end_turn');
    process.stdin.destroy();
  },
  error: (id) => write({ id, error: { code: -32603, message: 'Internal error', data: { details: 'no credit left' } } }),
  'asks-to-log-in-late': (id) => write({ id, error: { code: -32000, message: 'Authentication required' } }),
  stops: (id) => stop(id, rest[0] ?? ''),
  'answers-unasked': (id) => {
    write({ id: 4_711, result: { stopReason: 'refusal' } });
    write({ id: null, error: { code: 1, message: 'nobody asked' } });
    write({ id, method: 7, result: { stopReason: 'end_turn' } });
  },
  'wants-files': (id) => {
    answered = (outcome) => {
      say(JSON.stringify(outcome));
      stop(id, 'end_turn');
    };
    asked = { id: 5 };
    write({ id: 5, method: 'fs/read_text_file', params: { sessionId: SESSION, path: '/etc/passwd' } });
  },
  asks: (id) => {
    if (prompts > 1) {
      say('I heard why.');
      stop(id, 'end_turn');
      return;
    }
    askForShell((outcome) => {
      say(`I was told ${JSON.stringify(outcome)}.`);
      stop(id, flags.has('rejection-ends') ? 'cancelled' : 'end_turn');
    });
  },
  'asks-without-end': (id) => askForShell(() => stop(id, 'end_turn')),
  'asks-and-ignores': () => askForShell(() => undefined),
  'waits-for-cancel': () => say('waiting'),
  cost: (id) => {
    update({
      sessionUpdate: 'usage_update',
      used: 7,
      size: 100,
      cost: { amount: 0.25 * lastSession, currency: 'USD' },
    });
    say(`I am session ${String(lastSession)}`);
    stop(id, 'end_turn');
  },
};

/** Counts the conversations that went on, where a home is kept over turns. */
let lastSession = 1;

function begin(id: unknown, params: Json): void {
  if (behaviour === 'asks-to-log-in' && !loggedIn) {
    write({ id, error: { code: -32000, message: 'Authentication required' } });
    return;
  }
  const modes = {
    currentModeId: 'auto',
    availableModes: [
      { id: 'auto', name: 'x' },
      { id: 'ask', name: 'x' },
    ],
  };
  const option = { name: 'Model', category: 'model', type: 'select', currentValue: 'a' };
  const configOptions = [
    { id: 'm', configId: 'm', ...option, options: [{ value: 'a' }, { group: 'g', options: [{ value: 'b/c' }] }] },
  ];
  if (params['sessionId'] !== undefined) lastSession = 2;
  write({ id, result: { ...(params['sessionId'] === undefined ? { sessionId: SESSION } : {}), modes, configOptions } });
}

let loggedIn = false;

function initialize(id: unknown, params: Json): void {
  if (behaviour === 'silent') return;
  if (behaviour === 'refuses-version-2' && params['protocolVersion'] === 2) {
    write({ id, error: { code: -32022, message: 'Unsupported protocol version' } });
    return;
  }
  if (behaviour === 'banner') process.stdout.write('A new version is available!\n{not json}\n[1]\n"text"\n\n');
  const authMethods = [{ id: 'key', methodId: 'key', name: 'Key' }];
  const agentCapabilities = {
    loadSession: flags.has('loads'),
    sessionCapabilities: flags.has('resumes') ? { resume: {} } : {},
  };
  write({ id, result: { protocolVersion: behaviour === 'version-3' ? 3 : version, agentCapabilities, authMethods } });
}

function logIn(id: unknown): void {
  loggedIn = true;
  write({ id, result: {} });
}

const ON_REQUEST: Readonly<Record<string, (id: unknown, params: Json) => void>> = {
  initialize,
  authenticate: logIn,
  'auth/login': logIn,
  'session/new': begin,
  'session/load': begin,
  'session/resume': begin,
  'session/cancel': () => {
    if (behaviour === 'waits-for-cancel' || behaviour === 'asks') stop(promptId, 'cancelled');
  },
  'session/prompt': (id, params) => {
    prompts += 1;
    promptId = id;
    const [first] = params['prompt'] as readonly { readonly text: string }[];
    (ON_PROMPT[behaviour] ?? ON_PROMPT['done'])?.(id, first?.text ?? '');
  },
};

function handle({ id, method, params, result, error }: Json): void {
  const given = (params ?? {}) as Json;
  if (method === undefined) {
    if (id !== asked?.['id']) return;
    asked = null;
    answered((result ?? { error }) as Json satisfies Json);
    return;
  }
  const act = typeof method === 'string' ? ON_REQUEST[method] : undefined;
  if (act === undefined) write({ id, result: {} });
  else act(id, given);
}

let promptId: unknown = null;

if (behaviour === 'dies-at-start') process.exit(9);
if (behaviour === 'silent')
  for (const signal of ['SIGTERM', 'SIGINT', 'SIGHUP'] as const) process.on(signal, () => undefined);
if (behaviour === 'silent') setInterval(() => undefined, 1_000);
if (behaviour === 'shows-environment') {
  const { HOME, WIRED, PLAIN } = process.env;
  process.stderr.write(
    `${JSON.stringify({ HOME, WIRED, PLAIN, rest, concealed: quietly('.hidden/inside'), file: quietly(`${HOME}/.agent/config.json`) })}\n`,
  );
}

function quietly(file: string): string {
  try {
    return readFileSync(file, 'utf8');
  } catch {
    return 'nothing';
  }
}

createInterface({ input: process.stdin }).on('line', (line) => {
  process.stderr.write(`<- ${line}\n`);
  handle(JSON.parse(line) as Json);
});
