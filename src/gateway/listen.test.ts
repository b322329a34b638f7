import { existsSync, mkdirSync, mkdtempSync, readdirSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { afterEach, describe, expect, it } from 'vitest';
import { rawClient } from '../../test/support/raw-client.ts';
import { listen } from './listen.ts';

const directories: string[] = [];
const { TMPDIR: before } = process.env;

afterEach(() => {
  if (before === undefined) delete process.env['TMPDIR'];
  else process.env['TMPDIR'] = before;
  for (const directory of directories.splice(0)) rmSync(directory, { recursive: true, force: true });
});

const answer: Parameters<typeof listen>[0] = (_request, response) => void response.end('here');

describe('where a gateway listens', () => {
  it('is a socket for its owner alone, and nothing is left of it afterwards', async () => {
    const listening = await listen(answer, 'own');
    expect(listening.port).toBe(null);
    expect(statSync(listening.socket).mode & 0o777).toBe(0o600);
    expect(statSync(dirname(listening.socket)).mode & 0o777).toBe(0o700);
    await listening.close();
    await listening.close();
    expect(existsSync(dirname(listening.socket))).toBe(false);
  });

  it('is loopback as well where the agent has no network of its own', async () => {
    const listening = await listen(answer, 'host');
    expect(await (await fetch(`http://127.0.0.1:${listening.port}/`)).text()).toBe('here');
    await listening.close();
    await expect(fetch(`http://127.0.0.1:${listening.port}/`)).rejects.toThrow('fetch failed');
  });

  it('answers what is no HTTP with nothing of ours', async () => {
    const listening = await listen(answer, 'own');
    const { closed } = await rawClient(listening.socket, '\u0016\u0003\u0001 hello\r\n\r\n');
    expect(await closed).toBe('HTTP/1.1 400 Bad Request\r\nconnection: close\r\n\r\n');
    await listening.close();
  });

  it('closes connections that are still open', async () => {
    const listening = await listen(() => undefined, 'own');
    const { closed } = await rawClient(listening.socket, 'GET / HTTP/1.1\r\nhost: gateway\r\n\r\n');
    await listening.close();
    expect(await closed).toBe('');
  });

  it('is refused with the next step where the path is too long or the directory is not there', async () => {
    const long = join(mkdtempSync(join(tmpdir(), 'lw-')), 'x'.repeat(120));
    directories.push(dirname(long));
    process.env['TMPDIR'] = long;
    await expect(listen(answer, 'own')).rejects.toMatchObject({ code: 'LW_GATEWAY_UNAVAILABLE' });
    mkdirSync(long);
    await expect(listen(answer, 'own')).rejects.toMatchObject({
      code: 'LW_GATEWAY_UNAVAILABLE',
      message: expect.stringContaining('107 fit'),
      next: 'Set TMPDIR to a shorter directory.',
    });
    expect(readdirSync(long)).toEqual([]);
  });
});
