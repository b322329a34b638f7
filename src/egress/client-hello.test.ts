import { once } from 'node:events';
import { createServer } from 'node:net';
import type { AddressInfo, Socket } from 'node:net';
import { connect } from 'node:tls';
import fc from 'fast-check';
import { beforeAll, describe, expect, it } from 'vitest';
import { readClientHello } from './client-hello.ts';

/** What a real client says first. */
async function helloOf(servername: string): Promise<Buffer> {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const client = connect({
    host: '127.0.0.1',
    port: (server.address() as AddressInfo).port,
    ...(servername === '' ? {} : { servername }),
  });
  client.on('error', () => undefined);
  const [socket] = (await once(server, 'connection')) as [Socket];
  const [bytes] = (await once(socket, 'data')) as [Buffer];
  socket.destroy();
  client.destroy();
  server.close();
  return bytes;
}

/** The same handshake in records of at most so many bytes. */
function inRecords(hello: Buffer, size: number): Buffer {
  const handshake = hello.subarray(5);
  const records: Buffer[] = [];
  for (let at = 0; at < handshake.length; at += size) {
    const part = handshake.subarray(at, at + size);
    records.push(Buffer.from([22, 3, 1, part.length >> 8, part.length & 0xff]), part);
  }
  return Buffer.concat(records);
}

let hello: Buffer;
let nameless: Buffer;

beforeAll(async () => {
  hello = await helloOf('api.example.com');
  nameless = await helloOf('');
});

describe('the first words of a TLS client', () => {
  it('name the host', () => {
    expect(readClientHello(hello)).toEqual({ kind: 'hello', serverName: 'api.example.com', encrypted: false });
    expect(readClientHello(nameless)).toEqual({ kind: 'hello', serverName: null, encrypted: false });
  });

  it('are partial until the last byte, in one record or in many', () => {
    for (const whole of [hello, inRecords(hello, 7), inRecords(hello, 100)]) {
      expect(readClientHello(whole)).toMatchObject({ serverName: 'api.example.com' });
      for (let length = 0; length < whole.length; length += 13)
        expect(readClientHello(whole.subarray(0, length)), `${length}`).toEqual({ kind: 'partial' });
    }
  });

  it('are nothing else', () => {
    const alert = Buffer.from([21, 3, 3, 0, 2, 2, 40]);
    const serverHello = Buffer.from([22, 3, 3, 0, 4, 2, 0, 0, 0]);
    const empty = Buffer.from([22, 3, 1, 0, 0]);
    for (const bytes of [
      Buffer.from('GET / HTTP/1.1\r\n\r\n'),
      Buffer.from('SSH-2.0-x\r\n'),
      alert,
      serverHello,
      empty,
    ])
      expect(readClientHello(bytes)).toMatchObject({ kind: 'other' });
    expect(readClientHello(Buffer.from([22, 3, 1, 255, 255, 1, 255, 255, 255]))).toMatchObject({ kind: 'other' });
  });

  it('are not believed when an extension stands twice, or lengths do not fit', () => {
    const name = hello.indexOf('api.example.com');
    const longer = Buffer.from(hello);
    longer.writeUInt16BE(4_000, name - 2);
    expect(readClientHello(longer)).not.toMatchObject({ serverName: 'api.example.com' });
    // Another extension takes the number of the name, which then stands twice.
    const [start, end] = [hello.indexOf(Buffer.from([0, 23, 0, 0])), Buffer.from([0, 0, 0, 0])];
    const twice = Buffer.from(hello);
    end.copy(twice, start);
    expect(start).toBeGreaterThan(0);
    expect(readClientHello(twice)).toMatchObject({ kind: 'other' });
  });

  it('never throw, whatever they are', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 200 }), fc.nat(400), (noise, at) => {
        const broken = Buffer.from(hello);
        broken.set(noise.subarray(0, Math.max(0, broken.length - at)), Math.min(at, broken.length));
        readClientHello(broken);
        readClientHello(Buffer.from(noise));
      }),
    );
  });
});
