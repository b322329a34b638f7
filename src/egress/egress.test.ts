import { readFileSync } from 'node:fs';
import { once } from 'node:events';
import { connect, createServer } from 'node:net';
import type { AddressInfo } from 'node:net';
import { rootCertificates } from 'node:tls';
import { afterEach, describe, expect, it } from 'vitest';
import type { EgressCount } from '../core/egress-event.ts';
import type { RunEvent } from '../core/event.ts';
import { openEgressRoom, plain, raw, rule, secured, tunnel } from '../../test/support/egress-room.ts';
import type { EgressRoom, RoomOptions } from '../../test/support/egress-room.ts';
import { createDialer } from './dialer.ts';
import { CA_ALONE, CA_WITH_ROOTS } from './variables.ts';

const rooms: EgressRoom[] = [];

afterEach(async () => {
  for (const room of rooms.splice(0)) await room.close();
});

async function open(options: RoomOptions): Promise<EgressRoom> {
  const room = await openEgressRoom(options);
  rooms.push(room);
  return room;
}

const attempts = (events: readonly RunEvent[]): readonly Extract<RunEvent, { type: 'egress.attempted' }>[] =>
  events.filter((event) => event.type === 'egress.attempted');

const counts = (events: readonly RunEvent[]): readonly EgressCount[] =>
  events.flatMap((event) => (event.type === 'egress.counted' ? event.routes : []));

const ca = (room: EgressRoom): string => readFileSync(room.run.access.files[CA_ALONE] ?? '', 'utf8');

/** One request in TLS, through the proxy, believing the run's own certificates. */
async function ask(room: EgressRoom, host: string, request: string): Promise<string> {
  const { head, socket } = await tunnel(room.socket, `${host}:443`);
  expect(head).toContain(' 200 ');
  return secured(socket, { servername: host, ca: ca(room) }, request);
}

const HTTP = rule('plain.example.com', { tls: false });
const ANY_HTTP = rule('open.example.com', { tls: false, methods: 'any' });
const TLS = rule('api.example.com');
const TUNNEL = rule('*.tunnel.example.com', { methods: 'any' });

describe('a plain request', () => {
  it('reaches a host that a rule names, and is on the record before it leaves', async () => {
    const order: string[] = [];
    const room = await open({
      allow: [HTTP],
      record: async (events) => void order.push(...events.map(({ type }) => type)),
      answer: (_request, response) => {
        order.push('arrived');
        response.end('hello');
      },
    });
    const answer = await raw(room.socket, plain('GET', 'http://Plain.Example.com./a?b=c', 'plain.example.com'));
    expect(answer).toMatch(/ 200 OK[^]*hello$/);
    await room.end();
    expect(order).toEqual(['egress.attempted', 'arrived', 'egress.counted']);
    expect(room.outside.arrived).toMatchObject([{ host: 'plain.example.com', method: 'GET', path: '/a?b=c' }]);
  });

  it('is counted by kind: one event for the first, one for all of them', async () => {
    const room = await open({ allow: [HTTP] });
    for (let time = 0; time < 5; time += 1)
      await raw(room.socket, plain('GET', 'http://plain.example.com/', 'plain.example.com'));
    const events = await room.end();
    expect(attempts(events)).toHaveLength(1);
    const [count] = counts(events);
    expect(count).toMatchObject({ host: 'plain.example.com', port: 80, method: 'GET', allowed: true, attempts: 5 });
    expect(count?.sentBytes).toBeGreaterThan(100);
    expect(count?.receivedBytes).toBeGreaterThan(100);
  });

  it.each([
    ['POST', 'plain.example.com', 'content-length: 2\r\n', 'POST is not'],
    ['DELETE', 'plain.example.com', '', 'DELETE is not'],
    ['GET', 'plain.example.com', 'content-length: 2\r\n', 'has a body'],
    ['GET', 'plain.example.com', 'transfer-encoding: chunked\r\n', 'has a body'],
    ['GET', 'other.example.com', '', 'no rule'],
    ['GET', 'plain.example.com:81', '', 'no rule'],
    ['GET', 'api.example.com', '', 'no rule'],
  ])('is refused: %s to %s with %j', async (method, host, more, why) => {
    const room = await open({ allow: [HTTP, TLS] });
    const body = more.includes('length') ? 'ab' : more === '' ? '' : '0\r\n\r\n';
    const answer = await raw(room.socket, plain(method, `http://${host}/`, host, more), body);
    expect(answer).toContain(' 403 ');
    expect(answer).toContain(why);
    expect(attempts(await room.end())).toMatchObject([
      { allowed: false, rule: null, why: expect.stringContaining(why) },
    ]);
    expect(room.outside.dialled).toEqual([]);
  });

  it('passes with a body where the rule says any method', async () => {
    const room = await open({ allow: [ANY_HTTP] });
    const chunked = plain('POST', 'http://open.example.com/', 'open.example.com', 'transfer-encoding: chunked\r\n');
    expect(await raw(room.socket, chunked, '2\r\nab\r\n0\r\n\r\n')).toContain(' 200 ');
    expect(room.outside.arrived).toMatchObject([{ method: 'POST', body: 'ab' }]);
  });

  it.each([
    'http://127.0.0.1/',
    'http://2130706433/',
    'http://0177.0.0.1/',
    'http://[::1]/',
    'http://localhost/',
    'http://metadata.google.internal/',
    'http://plain.example.com@evil.example.net/',
    'http://evil.example.net\\@plain.example.com/',
    'http://plain.example.com%00.evil.example.net/',
    'https://plain.example.com/',
    'ftp://plain.example.com/',
    '/only/a/path',
  ])('for %s never leaves', async (url) => {
    const room = await open({ allow: [HTTP] });
    const answer = await raw(room.socket, plain('GET', url, 'plain.example.com'));
    expect(answer).toMatch(/ 40[0-9] /);
    await room.end();
    expect(room.outside.dialled).toEqual([]);
  });

  it.each([
    ['two hosts', 'host: plain.example.com\r\nhost: evil.example.net\r\n'],
    ['another host', 'host: evil.example.net\r\n'],
    ['no host', ''],
    ['two lengths', 'host: plain.example.com\r\ncontent-length: 0\r\ncontent-length: 5\r\n'],
    ['a length and chunks', 'host: plain.example.com\r\ncontent-length: 5\r\ntransfer-encoding: chunked\r\n'],
    ['chunks that are none', 'host: plain.example.com\r\ntransfer-encoding: chunked, identity\r\n'],
    ['a folded header', 'host: plain.example.com\r\nx-a: b\r\n c: d\r\n'],
    ['a blank before the colon', 'host: plain.example.com\r\ncontent-length : 5\r\n'],
    ['an upgrade', 'host: plain.example.com\r\nupgrade: websocket\r\nconnection: upgrade\r\n'],
  ])('with %s is not passed on', async (_, headers) => {
    const room = await open({ allow: [HTTP] });
    const answer = await raw(
      room.socket,
      `GET http://plain.example.com/ HTTP/1.1\r\n${headers}connection: close\r\n\r\n`,
      '0\r\n\r\n',
    );
    expect(answer).not.toContain(' 200 ');
    const attempted = attempts(await room.end());
    expect(attempted.length).toBeGreaterThan(0);
    expect(attempted.filter(({ allowed }) => allowed)).toEqual([]);
    expect(room.outside.arrived).toEqual([]);
  });

  it('does not take what is for the proxy to the host', async () => {
    const room = await open({ allow: [HTTP] });
    const more = 'proxy-authorization: Basic eA==\r\nproxy-connection: keep-alive\r\nx-kept: 1\r\n';
    await raw(room.socket, plain('GET', 'http://plain.example.com/', 'plain.example.com', more));
    const [{ headers } = { headers: {} }] = room.outside.arrived;
    expect(headers).toMatchObject({ 'x-kept': '1' });
    expect(Object.keys(headers).filter((name) => name.startsWith('proxy-'))).toEqual([]);
  });
});

describe('a host that answers nonsense', () => {
  it.each([
    ['a status that is none', 'HTTP/1.1 042 What\r\ncontent-length: 0\r\n\r\n'],
    ['another protocol', 'HTTP/1.1 101 Switching Protocols\r\nupgrade: x\r\nconnection: upgrade\r\n\r\n'],
    ['two lengths', 'HTTP/1.1 200 OK\r\ncontent-length: 1\r\ncontent-length: 2\r\n\r\nab'],
    ['no HTTP', 'SSH-2.0-x\r\n'],
    ['nothing', ''],
  ])('%s: the client is told, and the run goes on', async (_, words) => {
    const server = createServer(
      (socket) => void socket.on('error', () => undefined).once('data', () => socket.end(words)),
    );
    server.listen(0, '127.0.0.1');
    await once(server, 'listening');
    const { port } = server.address() as AddressInfo;
    const dial: RoomOptions['dial'] = async () => {
      const socket = connect({ host: '127.0.0.1', port });
      await once(socket, 'connect');
      return { ok: true, socket };
    };
    const room = await open({ allow: [HTTP], dial });
    expect(await raw(room.socket, plain('GET', 'http://plain.example.com/', 'plain.example.com'))).toContain(' 502 ');
    expect(attempts(await room.end())).toMatchObject([{ allowed: true }]);
    server.close();
  });
});

describe('a tunnel', () => {
  it('to a host whose rule allows everything passes unopened: the client sees the host itself', async () => {
    const room = await open({ allow: [TUNNEL] });
    const { head, socket } = await tunnel(room.socket, 'a.tunnel.example.com:443');
    expect(head).toContain(' 200 ');
    const given = { servername: 'a.tunnel.example.com', ca: room.outside.roots[0] ?? '' };
    expect(await secured(socket, given, plain('PUT', '/x', 'a.tunnel.example.com'))).toContain('PUT /x');
    expect(counts(await room.end())).toMatchObject([
      { host: 'a.tunnel.example.com', method: 'CONNECT', allowed: true, attempts: 1 },
    ]);
    expect(room.run.access.files).toEqual({});
  });

  it.each([
    ['evil.example.net:443', 'no rule'],
    ['a.tunnel.example.com:22', 'no rule'],
    ['tunnel.example.com:443', 'no rule'],
    ['127.0.0.1:443', 'is an address'],
    ['[::1]:443', 'is an address'],
    ['a.tunnel.example.com', 'names no port'],
    ['x@a.tunnel.example.com:443', 'not the name of a host'],
  ])('to %s is refused', async (authority, why) => {
    const room = await open({ allow: [TUNNEL] });
    const { head, socket } = await tunnel(room.socket, authority);
    socket.destroy();
    expect(head).not.toContain(' 200 ');
    const events = await room.end();
    if (head.includes(' 403 ')) expect(attempts(events)[0]?.why).toContain(why);
    expect(room.outside.dialled).toEqual([]);
  });

  it.each([
    ['another host in its server name', 'evil.example.net', 'means another'],
    ['no server name', '', 'no server name'],
  ])('with %s is hung up on', async (_, servername, why) => {
    const room = await open({ allow: [TUNNEL] });
    const { socket } = await tunnel(room.socket, 'a.tunnel.example.com:443');
    await expect(secured(socket, { servername, ca: room.outside.roots[0] ?? '' }, 'x')).rejects.toThrow(
      /alert|disconnected|hang up/i,
    );
    expect(attempts(await room.end()).at(-1)).toMatchObject({ allowed: false, why: expect.stringContaining(why) });
    expect(room.outside.arrived).toEqual([]);
  });

  it('that carries no TLS is hung up on, and nothing of it arrives', async () => {
    const room = await open({ allow: [TUNNEL] });
    const { socket } = await tunnel(room.socket, 'a.tunnel.example.com:443');
    const answer = await new Promise<string>((resolve) => {
      socket.once('data', (chunk: Buffer) => resolve(chunk.toString('hex')));
      socket.write('GET / HTTP/1.1\r\nhost: a.tunnel.example.com\r\n\r\n');
    });
    expect(answer).toBe('15030300020270');
    await room.end();
    expect(room.outside.bytes()).toBe('');
  });
});

describe('TLS to a read-only host', () => {
  it('is opened with a certificate of the run, and what is read passes', async () => {
    const room = await open({ allow: [TLS] });
    expect(await ask(room, 'api.example.com', plain('GET', '/pkg', 'api.example.com'))).toContain('GET /pkg');
    expect(room.outside.arrived).toMatchObject([{ host: 'api.example.com', tls: true }]);
    expect(counts(await room.end())).toMatchObject([
      { host: 'api.example.com', port: 443, method: 'GET', allowed: true },
    ]);
    expect(readFileSync(room.run.access.files[CA_WITH_ROOTS] ?? '', 'utf8')).toContain(ca(room).trim());
  });

  it('does not pass what writes, and says why', async () => {
    const room = await open({ allow: [TLS] });
    const answer = await ask(room, 'api.example.com', plain('PUT', '/pkg', 'api.example.com'));
    expect(answer).toContain('read-only, and PUT is not');
    expect(room.outside.dialled).toEqual([]);
  });

  it('does not pass a request for another host behind the same name', async () => {
    const room = await open({ allow: [TLS, rule('b.example.com')] });
    for (const [path, host] of [
      ['/', 'b.example.com'],
      ['/', 'evil.example.net'],
      ['https://b.example.com/', 'api.example.com'],
    ] as const)
      expect(await ask(room, 'api.example.com', plain('GET', path, host))).toMatch(/ 4(00|21) /);
    expect(room.outside.dialled).toEqual([]);
  });

  it('is not passed to a server that cannot prove that it is the host', async () => {
    const room = await open({ allow: [TLS], roots: rootCertificates });
    const answer = await ask(room, 'api.example.com', plain('GET', '/', 'api.example.com'));
    expect(answer).toContain('could not prove who it is');
    expect(room.outside.arrived).toEqual([]);
  });
});

describe('a name that leads inside', () => {
  it.each(['127.0.0.1', '10.0.0.8', '169.254.169.254', '::ffff:127.0.0.1'])(
    'to %s is refused although a rule allows it',
    async (address) => {
      const dial = createDialer({ resolve: async () => [address] });
      const room = await open({ allow: [HTTP, TUNNEL], dial });
      expect(await raw(room.socket, plain('GET', 'http://plain.example.com/', 'plain.example.com'))).toContain(
        'not a public address',
      );
      const { head, socket } = await tunnel(room.socket, 'a.tunnel.example.com:443');
      socket.destroy();
      expect(head).toContain(' 403 ');
      const refused = attempts(await room.end()).filter(({ allowed }) => !allowed);
      expect(refused.map(({ why }) => why?.includes(address))).toEqual([true, true]);
    },
  );
});

describe('the ceilings', () => {
  it('on bytes cut what passes them, and refuse what comes after', async () => {
    const room = await open({
      allow: [HTTP],
      egressBytes: 100_000,
      answer: (_request, response) => void response.end(Buffer.alloc(1_000_000, 'x')),
    });
    const request = plain('GET', 'http://plain.example.com/', 'plain.example.com');
    expect((await raw(room.socket, request)).length).toBeLessThan(300_000);
    expect(await raw(room.socket, request)).toContain('limits.egress-bytes');
    const events = await room.end();
    expect(
      counts(events)
        .filter(({ allowed }) => allowed)
        .reduce((sum, { receivedBytes }) => sum + receivedBytes, 0),
    ).toBeGreaterThan(99_000);
  });

  it('on bytes hold over turns', async () => {
    const spent: EgressCount = {
      ...HTTP,
      method: 'GET',
      allowed: true,
      rule: 'x',
      why: null,
      attempts: 1,
      sentBytes: 50,
      receivedBytes: 60,
    };
    const room = await open({ allow: [HTTP], egressBytes: 100, used: { routes: [spent], unnamed: 0 } });
    expect(await raw(room.socket, plain('GET', 'http://plain.example.com/', 'plain.example.com'))).toContain(
      'limits.egress-bytes',
    );
    expect(room.outside.dialled).toEqual([]);
  });

  it('on kinds keep a flood from filling the log', async () => {
    const room = await open({ allow: [HTTP] });
    for (let at = 0; at < 230; at += 1)
      await raw(room.socket, plain('GET', `http://h${at}.example.net/`, `h${at}.example.net`));
    const events = await room.end();
    expect(attempts(events)).toHaveLength(200);
    expect(events.at(-1)).toMatchObject({ type: 'egress.counted', unnamed: 30 });
    expect(events.length).toBeLessThan(210);
  });
});

describe('outside of a window', () => {
  it('nothing passes, and what was under way is cut', async () => {
    const room = await open({ allow: [HTTP], answer: (_request, response) => void response.write('begun') });
    const half = connect({ path: room.socket });
    half.on('error', () => undefined);
    half.write(plain('GET', 'http://plain.example.com/', 'plain.example.com'));
    await new Promise((resolve) => half.once('data', resolve));
    const cut = new Promise((resolve) => half.once('close', resolve));
    await room.end();
    await cut;
    expect(await raw(room.socket, plain('GET', 'http://plain.example.com/', 'plain.example.com'))).toContain(
      'no turn is under way',
    );
    expect(room.outside.arrived).toHaveLength(1);
  });

  it('a failure to write the record lets nothing out and is the failure of the window', async () => {
    const room = await open({ allow: [HTTP], record: async () => Promise.reject(new Error('disk')) });
    expect(await raw(room.socket, plain('GET', 'http://plain.example.com/', 'plain.example.com'))).toBe('');
    await expect(room.end()).rejects.toThrow('disk');
    expect(room.outside.dialled).toEqual([]);
  });
});

describe('a secret for a host', () => {
  const VALUE = 'real-Value_0123456789+/';
  const PLACEHOLDER = 'lw-secret-token-AbCdEf';
  const secret = { placeholder: PLACEHOLDER, hosts: ['api.example.com'], secret: { reveal: () => VALUE } };
  const basic = (password: string): string => `Basic ${Buffer.from(`user:${password}`).toString('base64')}`;

  const echo: RoomOptions['answer'] = ({ headers }, response) => {
    const given = headers.authorization ?? '';
    response.setHeader('x-echo', given);
    for (const piece of [given, Buffer.from(given).toString('hex'), Buffer.from(`..${given}`).toString('base64')])
      for (const half of [piece.slice(0, 15), piece.slice(15)]) response.write(half);
    response.end();
  };

  it.each([
    [`Bearer ${PLACEHOLDER}`, `Bearer ${VALUE}`],
    [basic(PLACEHOLDER), basic(VALUE)],
  ])('takes the place of what stands for it in %s, and does not come back in any form', async (sent, arrives) => {
    const room = await open({ allow: [TLS], secrets: [secret], answer: echo });
    const answer = await ask(
      room,
      'api.example.com',
      plain('GET', '/', 'api.example.com', `authorization: ${sent}\r\n`),
    );
    expect(room.outside.arrived[0]?.headers.authorization).toBe(arrives);
    expect(answer).toContain('***');
    for (const form of [VALUE, arrives, Buffer.from(VALUE).toString('hex'), basic(VALUE).slice(16, -4)])
      expect(answer).not.toContain(form);
  });

  it('does not go to another host, nor without TLS', async () => {
    const allow = [TLS, rule('b.example.com'), rule('api.example.com', { tls: false })];
    const room = await open({ allow, secrets: [secret] });
    const header = `authorization: Bearer ${PLACEHOLDER}\r\n`;
    await ask(room, 'b.example.com', plain('GET', '/', 'b.example.com', header));
    await raw(room.socket, plain('GET', 'http://api.example.com/', 'api.example.com', header));
    expect(room.outside.arrived).toHaveLength(2);
    expect(JSON.stringify(room.outside.arrived)).not.toContain(VALUE);
  });

  it('makes TLS be opened also where any method passes', async () => {
    const room = await open({ allow: [rule('api.example.com', { methods: 'any' })], secrets: [secret] });
    const header = `x-key: ${PLACEHOLDER}\r\ncontent-length: 2\r\n`;
    await ask(room, 'api.example.com', `${plain('POST', '/', 'api.example.com', header)}ab`);
    expect(room.outside.arrived).toMatchObject([{ method: 'POST', body: 'ab', headers: { 'x-key': VALUE } }]);
  });

  it('is not passed a packed answer, in which it could hide', async () => {
    const answer: RoomOptions['answer'] = (_request, response) => {
      response.setHeader('content-encoding', 'gzip');
      response.end('packed');
    };
    const room = await open({ allow: [TLS], secrets: [secret], answer });
    expect(await ask(room, 'api.example.com', plain('GET', '/', 'api.example.com'))).toContain('502');
    expect(room.outside.arrived[0]?.headers['accept-encoding']).toBe('identity');
  });
});
