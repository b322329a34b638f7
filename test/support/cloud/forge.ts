/** A forge on loopback: real bare repositories over real git HTTP, and hands that commit to them as an agent elsewhere would. */
import { execFileSync, spawn } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import { createServer } from 'node:http';
import type { IncomingMessage, ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

export const FORGE_GIT_ENV: Readonly<Record<string, string>> = {
  PATH: process.env['PATH'] ?? '/usr/bin:/bin',
  HOME: '/nonexistent',
  GIT_CONFIG_NOSYSTEM: '1',
  GIT_CONFIG_GLOBAL: '/dev/null',
  GIT_AUTHOR_NAME: 'An Agent',
  GIT_AUTHOR_EMAIL: 'agent@vendor.invalid',
  GIT_COMMITTER_NAME: 'An Agent',
  GIT_COMMITTER_EMAIL: 'agent@vendor.invalid',
};

export interface CommitWish {
  readonly files: Readonly<Record<string, string | Uint8Array>>;
  /** null: without a history. */
  readonly parent: string | null;
  readonly refs: readonly string[];
}

export interface ForgeServer {
  readonly url: string;
  /** Path of the bare repository, made when it is first named. */
  bare(slug: string): string;
  git(slug: string, ...args: readonly string[]): string;
  /** Commits without a work tree and points the refs at it. Resolves to the commit. */
  commit(slug: string, wish: CommitWish): string;
  /** Headers `Authorization` of the requests so far. */
  readonly logins: readonly (string | undefined)[];
  close(): Promise<void>;
}

/** Speaks CGI to `git http-backend`, as web servers do. Who is named may push. */
export function serveGit(root: string, request: IncomingMessage, response: ServerResponse, user?: string): void {
  const url = new URL(request.url ?? '/', 'http://loopback');
  const backend = spawn('git', ['http-backend'], {
    env: {
      ...FORGE_GIT_ENV,
      ...(user === undefined ? {} : { REMOTE_USER: user }),
      GIT_PROJECT_ROOT: root,
      GIT_HTTP_EXPORT_ALL: '1',
      PATH_INFO: url.pathname,
      QUERY_STRING: url.search.slice(1),
      REQUEST_METHOD: request.method ?? 'GET',
      CONTENT_TYPE: request.headers['content-type'] ?? '',
      HTTP_CONTENT_ENCODING: request.headers['content-encoding'] ?? '',
      GIT_PROTOCOL: String(request.headers['git-protocol'] ?? ''),
    },
    stdio: ['pipe', 'pipe', 'ignore'],
  });
  // Whoever asked may leave in the middle.
  backend.stdin.on('error', () => undefined);
  response.on('error', () => undefined);
  request.pipe(backend.stdin);
  let head = Buffer.alloc(0);
  let begun = false;
  backend.stdout.on('data', (bytes: Buffer) => {
    if (begun) {
      response.write(bytes);
      return;
    }
    head = Buffer.concat([head, bytes]);
    const end = head.indexOf('\r\n\r\n');
    if (end === -1) return;
    begun = true;
    let status = 200;
    for (const line of head.subarray(0, end).toString('latin1').split('\r\n')) {
      const [name = '', value = ''] = line.split(/: ?(.*)/s);
      if (name.toLowerCase() === 'status') status = Number(value.split(' ')[0]);
      else response.setHeader(name, value);
    }
    response.writeHead(status);
    response.write(head.subarray(end + 4));
  });
  backend.stdout.on('end', () => response.end());
}

export async function startForge(): Promise<ForgeServer> {
  const root = mkdtempSync(join(tmpdir(), 'loopwright-forge-'));
  const logins: (string | undefined)[] = [];
  const server = createServer((request, response) => {
    logins.push(request.headers.authorization);
    serveGit(root, request, response);
  });
  await new Promise<void>((resolve) => {
    server.listen(0, '127.0.0.1', resolve);
  });
  const made = new Set<string>();
  const bare = (slug: string): string => {
    const path = join(root, `${slug}.git`);
    if (!made.has(slug)) {
      mkdirSync(path, { recursive: true });
      execFileSync('git', ['init', '--quiet', '--bare', '--initial-branch=main', path], { env: FORGE_GIT_ENV });
      made.add(slug);
    }
    return path;
  };
  const run = (
    slug: string,
    env: Record<string, string>,
    input: string | Uint8Array | undefined,
    args: readonly string[],
  ): string =>
    execFileSync('git', args, {
      cwd: bare(slug),
      env: { ...FORGE_GIT_ENV, ...env },
      encoding: 'utf8',
      stdio: ['pipe', 'pipe', 'pipe'],
      ...(input === undefined ? {} : { input }),
    }).trim();
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    bare,
    git: (slug, ...args) => run(slug, {}, undefined, args),
    commit(slug, { files, parent, refs }) {
      const index = { GIT_INDEX_FILE: join(root, `index-${slug.replaceAll('/', '-')}`) };
      rmSync(index.GIT_INDEX_FILE, { force: true });
      if (parent !== null) run(slug, index, undefined, ['read-tree', parent]);
      for (const [path, content] of Object.entries(files)) {
        const blob = run(slug, {}, content, ['hash-object', '-w', '--stdin']);
        run(slug, index, undefined, ['update-index', '--add', '--cacheinfo', `100644,${blob},${path}`]);
      }
      const tree = run(slug, index, undefined, ['write-tree']);
      const parents = parent === null ? [] : ['-p', parent];
      const commit = run(slug, {}, 'as asked\n', ['commit-tree', tree, ...parents, '-F', '-']);
      for (const ref of refs) run(slug, {}, undefined, ['update-ref', ref, commit]);
      return commit;
    },
    logins,
    close: () =>
      new Promise((resolve) => {
        server.closeAllConnections();
        server.close(() => {
          rmSync(root, { recursive: true, force: true });
          resolve();
        });
      }),
  };
}
