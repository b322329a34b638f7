/** From a started program to a session that can be prompted: version, login, session, mode and model. */
import type { AgentEvent } from '../event-lines.ts';
import { fields, items, words } from '../told.ts';
import type { Connection, Reply } from './connection.ts';
import type { AcpOptions } from './options.ts';

/** Of the protocol: the agent has to be logged in. */
export const AUTH_REQUIRED = -32_000;

/** Why there is no session. `gone`: the program ended, and its end says why. */
export type NoSession =
  | { readonly kind: 'gone' }
  | { readonly kind: 'crashed'; readonly detail: string }
  | { readonly kind: 'unavailable'; readonly detail: string };

export interface OpenSession {
  readonly kind: 'open';
  readonly version: 1 | 2;
  readonly sessionId: string;
  /** What the agent calls itself. */
  readonly name: string | null;
}

interface Opening {
  readonly options: AcpOptions;
  readonly cwd: string;
  /** The session to go on with; null: a new one. */
  readonly resume: string | null;
  /** Asks, and gives up after a while. */
  readonly ask: (method: string, params: object) => Promise<Reply | { readonly kind: 'late' }>;
  /** For messages. */
  readonly agent: string;
}

type Outcome<T> = { readonly kind: 'ok'; readonly value: T } | NoSession;

function crashed(detail: string): NoSession {
  return { kind: 'crashed', detail };
}

function unavailable(detail: string): NoSession {
  return { kind: 'unavailable', detail };
}

function list(names: readonly (string | null)[]): string {
  return names.filter((name) => name !== null).join(', ') || 'none';
}

/** For questions whose refusal has no second way. */
async function must(opening: Opening, method: string, params: object): Promise<Outcome<AgentEvent>> {
  const reply = await opening.ask(method, params);
  if (reply.kind === 'result') return { kind: 'ok', value: reply.result };
  if (reply.kind === 'gone') return reply;
  if (reply.kind === 'late') return crashed(`${opening.agent} does not answer ${method}`);
  return crashed(`${opening.agent} refuses ${method}: ${reply.message}`);
}

/** Of both versions at once: each reads its own names and ignores the others'. Files and terminals are not offered. */
function greeting(protocolVersion: number): object {
  const info = { name: 'loopwright', title: 'loopwright', version: '0' };
  const fs = { readTextFile: false, writeTextFile: false };
  return { protocolVersion, info, clientInfo: info, capabilities: {}, clientCapabilities: { fs, terminal: false } };
}

interface Greeted {
  readonly version: 1 | 2;
  readonly answer: AgentEvent;
}

async function initialize(opening: Opening): Promise<Outcome<Greeted>> {
  const first = await opening.ask('initialize', greeting(2));
  // The protocol has it answer with what it speaks; some refuse instead.
  const answered = first.kind === 'error' ? await must(opening, 'initialize', greeting(1)) : first;
  if (answered.kind === 'late') return crashed(`${opening.agent} does not answer initialize`);
  if (answered.kind !== 'result' && answered.kind !== 'ok') return answered;
  const answer = answered.kind === 'ok' ? answered.value : answered.result;
  const version = answer['protocolVersion'];
  if (version === 1 || version === 2) return { kind: 'ok', value: { version, answer } };
  return unavailable(
    `${opening.agent} speaks version ${typeof version === 'number' ? version : 'unknown'} of the protocol, and loopwright 1 and 2: take another version of the agent`,
  );
}

function logins({ answer, version }: Greeted): readonly (string | null)[] {
  return items(answer['authMethods']).map((method) => words(method[version === 1 ? 'id' : 'methodId']));
}

async function logIn(opening: Opening, greeted: Greeted): Promise<Outcome<null>> {
  const { auth } = opening.options;
  if (auth === undefined) return { kind: 'ok', value: null };
  const offered = logins(greeted);
  if (!offered.includes(auth)) {
    return unavailable(`${opening.agent} has no login called "${auth}"; it offers: ${list(offered)}`);
  }
  const done = await must(opening, greeted.version === 1 ? 'authenticate' : 'auth/login', { methodId: auth });
  if (done.kind === 'ok') return { kind: 'ok', value: null };
  return done.kind === 'crashed' ? unavailable(done.detail) : done;
}

/** How it goes on with a session, or null. In version 2 every agent can. */
function resumption({ version, answer }: Greeted): 'session/resume' | 'session/load' | null {
  if (version === 2) return 'session/resume';
  const can = fields(answer['agentCapabilities']);
  const resumes = fields(can['sessionCapabilities'])['resume'];
  if (typeof resumes === 'object' && resumes !== null) return 'session/resume';
  return can['loadSession'] === true ? 'session/load' : null;
}

interface Begun {
  readonly sessionId: string;
  readonly offer: AgentEvent;
}

async function begin(opening: Opening, greeted: Greeted): Promise<Outcome<Begun>> {
  const { agent, cwd, options, resume } = opening;
  const goesOn = resumption(greeted);
  if (options.session === 'resumed' && goesOn === null) {
    return unavailable(`${agent} cannot go on with a session: take \`session: fresh\``);
  }
  const where = { cwd, mcpServers: [] };
  const [method, params] =
    resume === null || goesOn === null
      ? (['session/new', where] as const)
      : ([goesOn, { ...where, sessionId: resume }] as const);
  const reply = await opening.ask(method, params);
  if (reply.kind === 'gone') return reply;
  if (reply.kind === 'late') return crashed(`${agent} does not answer ${method}`);
  if (reply.kind === 'error') {
    if (reply.code !== AUTH_REQUIRED) return crashed(`${agent} refuses ${method}: ${reply.message}`);
    const offers = `it offers: ${list(logins(greeted))}`;
    return unavailable(
      `${agent} asks to log in (${reply.message}); name a way that needs no person with \`auth\`; ${offers}`,
    );
  }
  const sessionId = words(reply.result['sessionId']) ?? (method === 'session/new' ? null : resume);
  if (sessionId === null) return crashed(`${agent} opened a session without an id`);
  return { kind: 'ok', value: { sessionId, offer: reply.result } };
}

/** What can be chosen, and how a choice is made. */
interface Chooser {
  readonly offered: readonly (string | null)[];
  readonly method: string;
  readonly params: (value: string) => object;
}

function choosers(what: 'mode' | 'model', { version }: Greeted, { offer }: Begun): readonly Chooser[] {
  const configured = items(offer['configOptions'])
    .filter((option) => option['category'] === what)
    .map((option): Chooser => {
      const configId = words(option[version === 1 ? 'id' : 'configId']) ?? '';
      const options = items(option['options']).flatMap((one) =>
        Array.isArray(one['options']) ? items(one['options']) : [one],
      );
      return {
        offered: options.map(({ value }) => words(value)),
        method: 'session/set_config_option',
        params: (value) => ({ configId, value, ...(version === 1 ? {} : { type: 'id' }) }),
      };
    });
  if (version === 2) return configured;
  const mode: Chooser = {
    offered: items(fields(offer['modes'])['availableModes']).map(({ id }) => words(id)),
    method: 'session/set_mode',
    params: (modeId) => ({ modeId }),
  };
  const model: Chooser = {
    offered: items(fields(offer['models'])['availableModels']).map(({ modelId }) => words(modelId)),
    method: 'session/set_model',
    params: (modelId) => ({ modelId }),
  };
  return [...configured, what === 'mode' ? mode : model];
}

/** Explicitly, whatever the agent takes by itself. */
async function choose(
  opening: Opening,
  greeted: Greeted,
  begun: Begun,
  what: 'mode' | 'model',
): Promise<Outcome<null>> {
  const wanted = opening.options[what];
  if (wanted === undefined) return { kind: 'ok', value: null };
  const all = choosers(what, greeted, begun);
  const chooser = all.find(({ offered }) => offered.includes(wanted));
  if (chooser === undefined) {
    const offers = list(all.flatMap(({ offered }) => offered));
    return unavailable(`${opening.agent} has no ${what} called "${wanted}"; it offers: ${offers}`);
  }
  const { sessionId } = begun;
  const done = await must(opening, chooser.method, { sessionId, ...chooser.params(wanted) });
  return done.kind === 'ok' ? { kind: 'ok', value: null } : done;
}

/** A model that is in the arguments, the variables or the files is known to the agent already. */
function namesModel({ argv, env, files }: AcpOptions): boolean {
  return [...argv, ...Object.values(env), ...Object.values(files)].some((text) => text.includes('{model}'));
}

/** Never rejects. */
export async function openSession(opening: Opening): Promise<OpenSession | NoSession> {
  const greeted = await initialize(opening);
  if (greeted.kind !== 'ok') return greeted;
  const loggedIn = await logIn(opening, greeted.value);
  if (loggedIn.kind !== 'ok') return loggedIn;
  const begun = await begin(opening, greeted.value);
  if (begun.kind !== 'ok') return begun;
  for (const what of namesModel(opening.options) ? (['mode'] as const) : (['model', 'mode'] as const)) {
    // One after the other: what modes there are may depend on the model.
    const chosen = await choose(opening, greeted.value, begun.value, what);
    if (chosen.kind !== 'ok') return chosen;
  }
  const { answer, version } = greeted.value;
  const name = words(fields(answer[version === 1 ? 'agentInfo' : 'info'])['name']);
  return { kind: 'open', version, sessionId: begun.value.sessionId, name };
}

/** Asks with a deadline in milliseconds. */
export function askingWithin(connection: Connection, deadlineMs: number): Opening['ask'] {
  return async (method, params) => {
    let timer: ReturnType<typeof setTimeout> | undefined;
    const late = new Promise<{ readonly kind: 'late' }>((resolve) => {
      timer = setTimeout(() => resolve({ kind: 'late' }), deadlineMs);
    });
    const reply = await Promise.race([connection.request(method, params), late]);
    clearTimeout(timer);
    return reply;
  };
}
