/** Whole runs in the real sandbox that reach hosts through the egress proxy, and nothing else. */
import { spawnSync } from 'node:child_process';
import { afterEach, describe, expect, it } from 'vitest';
import { createBubblewrapSandbox } from '../../src/sandboxes/bubblewrap/index.ts';
import { startOutside } from '../support/egress-room.ts';
import type { Outside } from '../support/egress-room.ts';
import { RIGHT_FIX, SUM, repositoryWith } from '../scenario/harness.ts';
import type { Place } from '../scenario/harness.ts';
import { endAll } from '../scenario/undone.ts';
import { runWithOutside } from '../scenario/own-outside.ts';

const open: { remove(): unknown }[] = [];

afterEach(() => endAll(open));

const FIX = `{ write: { path: sum.js, text: ${JSON.stringify(RIGHT_FIX)} } }`;

/** Asks a proxy as its clients do, with nothing but what every Node has: plain, or TLS through a tunnel. */
const ASK = `
const { request } = require('node:http');
const { connect } = require('node:tls');
const { readFileSync } = require('node:fs');
const [method, url] = process.argv.slice(2);
const target = new URL(url);
const proxy = new URL(process.env.HTTP_PROXY);
const done = (words) => console.log(method + ' ' + url + ' -> ' + words);
const failed = (error) => done('error ' + error.code);
const base = { host: proxy.hostname, port: proxy.port };
if (target.protocol === 'http:') {
  request({ ...base, method, path: url, headers: { host: target.host } }, (answer) => { answer.resume(); done(answer.statusCode); }).on('error', failed).end();
} else {
  const port = target.port || 443;
  request({ ...base, method: 'CONNECT', path: target.hostname + ':' + port })
    .on('connect', (answer, socket) => {
      if (answer.statusCode !== 200) return done('CONNECT ' + answer.statusCode);
      const secure = connect({ socket, servername: target.hostname, ca: readFileSync(process.env.SSL_CERT_FILE) }, () => {
        request({ createConnection: () => secure, method, path: target.pathname, headers: { host: target.host } }, (last) => {
          last.resume();
          done(last.statusCode);
          last.on('end', () => process.exit());
        }).on('error', failed).end();
      });
      secure.on('error', failed);
    })
    .on('error', failed)
    .end();
}
`;

async function stage(policy: string, checks = ''): Promise<{ here: Place; outside: Outside }> {
  const outside = await startOutside();
  open.push({ remove: () => outside.close() });
  const here = repositoryWith({
    ...SUM,
    'ask.cjs': ASK,
    'loopwright.yaml': `${SUM['loopwright.yaml']?.replace('checks:\n', `checks:\n${checks}`) ?? ''}${policy}`,
  });
  open.push(here);
  return { here, outside };
}

async function shown(here: Place): Promise<string> {
  const answers = [];
  for (const args of [
    ['show', 'last'],
    ['log', 'last'],
    ['log', 'last', '--full'],
    ['report', 'last'],
  ])
    answers.push((await here.cli(...args)).out);
  return answers.join('\n');
}

describe('a run whose policy names hosts', { timeout: 240_000 }, () => {
  it('reaches them and no other, and all of it is told', async () => {
    const { here, outside } = await stage('network: { allow: [api.example.com, "http://plain.example.com"] }\n');
    const asks = [
      'GET https://api.example.com/pkg',
      'PUT https://api.example.com/pkg',
      'GET http://plain.example.com/list',
      'GET https://evil.example.net/',
      'GET http://127.0.0.1:22/',
      'GET http://169.254.169.254/latest',
    ];
    const steps = asks.map((ask) => `{ run: "node ask.cjs ${ask}" }`).join(', ');
    const { state, events, told } = await runWithOutside(here, outside, { script: `turns: [[${steps}, ${FIX}]]` });
    expect(state.stop?.reason).toBe('accepted');
    const log = await shown(here);
    expect(log).toContain('GET https://api.example.com/pkg -> 200');
    expect(log).toContain('PUT https://api.example.com/pkg -> 403');
    expect(log).toContain('GET http://plain.example.com/list -> 200');
    expect(log).toContain('GET https://evil.example.net/ -> CONNECT 403');
    expect(outside.arrived.map(({ host, path }) => `${host}${path}`)).toEqual([
      'api.example.com/pkg',
      'plain.example.com/list',
    ]);
    const attempts = events.filter((event) => event.type === 'egress.attempted');
    expect(attempts.map(({ host, allowed }) => [host, allowed])).toEqual([
      ['api.example.com', true],
      ['api.example.com', false],
      ['plain.example.com', true],
      ['evil.example.net', false],
      ['"127.0.0.1:22"', false],
      ['"169.254.169.254"', false],
    ]);
    expect(told).toContain('egress.counted');
    for (const words of ['evil.example.net', '2 requests let out, 4 refused']) expect(log).toContain(words);
    // The report does not say any more that no call could leave by construction.
    expect(log).not.toContain('by construction');
  });

  it('answers programs that read the usual variables', async ({ skip }) => {
    skip(spawnSync('curl', ['--version']).status !== 0, 'curl is not installed');
    const { here, outside } = await stage('network: { allow: [api.example.com] }\n');
    const curl = 'curl --silent --show-error --max-time 30 https://api.example.com/by-curl';
    const { state } = await runWithOutside(here, outside, { script: `turns: [[{ run: "${curl}" }, ${FIX}]]` });
    expect(state.stop?.reason).toBe('accepted');
    expect(outside.arrived).toMatchObject([{ host: 'api.example.com', path: '/by-curl', tls: true }]);
  });

  it('lets a check out only where the check says so', async () => {
    const checks =
      '  online: { run: "node ask.cjs GET https://api.example.com/by-check", network: true, repeat: 1 }\n  offline: { run: "test -z \\"$HTTP_PROXY\\"" }\n';
    const { here, outside } = await stage('network: { allow: [api.example.com] }\n', checks);
    const { state } = await runWithOutside(here, outside, { script: `turns: [[${FIX}]]` });
    expect(state.stop?.reason).toBe('accepted');
    // Once on the base and once on the change.
    expect(outside.arrived.map(({ path }) => path)).toEqual(['/by-check', '/by-check']);
    expect(state.egress.routes).toMatchObject([{ host: 'api.example.com', attempts: 2 }]);
  });

  it('is refused without a sandbox', async () => {
    const { here } = await stage('network: { allow: [api.example.com] }\n');
    const { code, err } = await here.cli('run', 'x', '--sandbox', 'none', '--', 'true');
    expect([code, err]).toEqual([2, expect.stringContaining('LW_NETWORK_UNENFORCEABLE')]);
  });
});

describe('two runs at once', { timeout: 240_000 }, () => {
  it('have the same port each for itself', async () => {
    const sandbox = createBubblewrapSandbox({ hostEnvironment: { PATH: process.env['PATH'] } });
    // Both listen on one port and wait for the other's word that it does, through a file; then each asks its own.
    const serve = (own: string, other: string): string => `
      const { createServer } = require('node:http');
      const { existsSync, writeFileSync } = require('node:fs');
      createServer((_, answer) => answer.end('${own}')).listen(8080, '127.0.0.1', () => {
        writeFileSync('/shared/${own}', '');
        const look = () => {
          if (!existsSync('/shared/${other}')) return setTimeout(look, 20);
          require('node:http').get('http://127.0.0.1:8080', (answer) => {
            answer.on('data', (chunk) => { console.log(String(chunk)); process.exit(); });
          });
        };
        look();
      }).on('error', (error) => { console.log(error.code); process.exit(1); });`;
    const { here } = await stage('');
    const shared = here.home;
    const launch = (own: string, other: string): Promise<string> =>
      sandbox
        .launch(
          {
            argv: ['node', '-e', serve(own, other)],
            cwd: '/shared',
            env: {},
            mounts: [{ kind: 'writable', source: shared, target: '/shared' }],
            stdin: null,
            limits: { wallTimeMs: 60_000, idleMs: 'unlimited', outputBytes: 10_000, keepBytes: 10_000 },
          },
          new AbortController().signal,
        )
        .finished.then(({ stdout, stderr }) => Buffer.concat([stdout, stderr]).toString().trim());
    await here.cli('list');
    expect(await Promise.all([launch('one', 'two'), launch('two', 'one')])).toEqual(['one', 'two']);
  });
});
