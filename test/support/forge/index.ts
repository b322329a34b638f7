/** A forge on loopback: both dialects over one state, git over HTTP, and whatever misbehaviour a test scripts. */
import { mkdtempSync, rmSync } from 'node:fs';
import { createServer } from 'node:http';
import type { IncomingMessage, ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { serveGit } from '../cloud/forge.ts';
import type { FakeCall, FakeReply } from './dialect.ts';
import { github } from './github.ts';
import { gitlab } from './gitlab.ts';
import { createRepository } from './state.ts';
import type { FakeRepository } from './state.ts';

export const FORGE_TOKEN = 'forge-token-0123456789';
export const FORGE_SLUG = 'acme/shop';

/**
 * `lost-after`: what was asked is done, and the connection ends without an answer. `lost-before`: nothing is done.
 * `failed-after`: it is done, and the answer is 500. `cut`: it is done, and half of the answer arrives. `nonsense`: it is done, and
 * the answer is JSON that says something else. The rest is answered as it
 * stands, and nothing is done.
 */
export type Fault =
  | 'lost-after'
  | 'lost-before'
  | 'failed-after'
  | 'cut'
  | 'nonsense'
  | { readonly status: number; readonly headers?: Readonly<Record<string, string>>; readonly body?: string };

interface Scripted {
  readonly method: string;
  readonly path: RegExp;
  readonly fault: Fault;
  times: number;
}

export interface FakeForge {
  readonly url: string;
  readonly repository: FakeRepository;
  /** What was asked, `METHOD /path`, with the header `Authorization`. Git's own requests are not among them. */
  readonly calls: { readonly asked: string; readonly login: string | undefined }[];
  /** Variables that lead a loopwright here. */
  readonly env: Readonly<Record<string, string>>;
  /** For the next `times` calls that match: once, where it is left out. */
  script(method: string, path: RegExp, fault: Fault, times?: number): void;
  /** Asked before an answer is sent, after what was asked is done; ms. */
  delayMs: () => number;
  pageSize: number;
  close(): Promise<void>;
}

async function bodyOf(request: IncomingMessage): Promise<string> {
  const chunks: Buffer[] = [];
  for await (const chunk of request) chunks.push(chunk as Buffer);
  return Buffer.concat(chunks).toString('utf8');
}

function isAllowed(login: string | undefined): boolean {
  if (login === `Bearer ${FORGE_TOKEN}`) return true;
  const [kind, value = ''] = (login ?? '').split(' ');
  return kind === 'Basic' && Buffer.from(value, 'base64').toString('utf8').endsWith(`:${FORGE_TOKEN}`);
}

/** Both dialects are served at once: their paths differ. */
function answer(repository: FakeRepository, call: FakeCall): FakeReply {
  repository.refresh();
  return (
    github(repository, call) ?? gitlab(repository, call) ?? { status: 404, body: { message: `no route ${call.path}` } }
  );
}

function send(forge: FakeForge, call: FakeCall, { status, body, list }: FakeReply, response: ServerResponse): string {
  let shown = body;
  if (list === true && Array.isArray(body)) {
    const size = Math.min(forge.pageSize, Number(call.query.get('per_page') ?? 30));
    const page = Number(call.query.get('page') ?? 1);
    shown = body.slice((page - 1) * size, page * size);
    // An address nobody may follow: whether there is a next page is all it says.
    if (body.length > page * size) response.setHeader('link', '<https://elsewhere.invalid/next>; rel="next"');
  }
  response.statusCode = status;
  const isText = typeof shown === 'string';
  response.setHeader('content-type', isText ? 'text/plain' : 'application/json');
  return isText ? String(shown) : JSON.stringify(shown);
}

/** What was asked is done; what of it is heard depends. */
function finish(response: ServerResponse, words: string, fault: Fault | undefined): void {
  if (fault === 'lost-after') response.destroy();
  else if (fault === 'failed-after') response.writeHead(500).end('{"message":"oops"}');
  else if (fault === 'nonsense') response.end('{"surprise":true}');
  else if (fault === 'cut') {
    response.setHeader('content-length', words.length + 100);
    response.write(words.slice(0, words.length / 2), () => response.destroy());
  } else response.end(words);
}

export async function startFakeForge(slug: string = FORGE_SLUG): Promise<FakeForge> {
  const root = mkdtempSync(join(tmpdir(), 'loopwright-forge-'));
  const repository = createRepository(root, slug);
  const scripted: Scripted[] = [];

  async function serve(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const login = request.headers.authorization;
    const url = new URL(request.url ?? '/', 'http://loopback');
    if (url.pathname.startsWith(`/${slug}.git/`)) {
      if (isAllowed(login)) return serveGit(root, request, response, 'robot');
      response.writeHead(401, { 'www-authenticate': 'Basic realm="forge"' }).end();
      return undefined;
    }
    const method = request.method ?? 'GET';
    const path = url.pathname.split('/').map(decodeURIComponent).join('/');
    forge.calls.push({ asked: `${method} ${path}`, login });
    const text = await bodyOf(request);
    const body = text === '' ? {} : (JSON.parse(text) as Record<string, unknown>);
    const planned = scripted.find((one) => one.times > 0 && one.method === method && one.path.test(path));
    if (planned !== undefined) planned.times -= 1;
    const fault = planned?.fault;
    if (fault === 'lost-before') return void request.socket.destroy();
    if (typeof fault === 'object') {
      response.writeHead(fault.status, fault.headers).end(fault.body ?? '');
      return undefined;
    }
    const call = { method, path, query: url.searchParams, body };
    const reply = isAllowed(login) ? answer(repository, call) : { status: 401, body: { message: 'Bad credentials' } };
    const words = send(forge, call, reply, response);
    const wait = forge.delayMs();
    if (wait > 0) await new Promise((resolve) => setTimeout(resolve, wait));
    finish(response, words, fault);
    return undefined;
  }

  const server = createServer((request, response) => {
    // Whoever asked may have died in the middle.
    response.on('error', () => undefined);
    serve(request, response).catch(() => request.socket.destroy());
  });
  await new Promise<void>((resolve) => {
    server.listen(0, '127.0.0.1', resolve);
  });
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  const forge: FakeForge = {
    url,
    repository,
    calls: [],
    env: {
      GITHUB_TOKEN: FORGE_TOKEN,
      LOOPWRIGHT_GITHUB_URL: url,
      LOOPWRIGHT_GITHUB_API_URL: `${url}/rest`,
      GITLAB_TOKEN: FORGE_TOKEN,
      LOOPWRIGHT_GITLAB_URL: url,
    },
    script: (method, path, fault, times = 1) => void scripted.push({ method, path, fault, times }),
    delayMs: () => 0,
    pageSize: 100,
    close: () =>
      new Promise((resolve) => {
        server.closeAllConnections();
        server.close(() => {
          rmSync(root, { recursive: true, force: true });
          resolve();
        });
      }),
  };
  return forge;
}
