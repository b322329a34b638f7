import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { readHostName } from './host-name.ts';

function problem(written: string): string {
  const reading = readHostName(written);
  return reading.ok ? '' : reading.problem;
}

describe('the name of a host', () => {
  it.each([
    ['Registry.Example.COM', 'registry.example.com'],
    ['registry.example.com.', 'registry.example.com'],
    ['xn--bcher-kva.example', 'xn--bcher-kva.example'],
    ['a_b.example.com', 'a_b.example.com'],
    ['3com.example', '3com.example'],
  ])('%s is compared as %s', (written, host) => expect(readHostName(written)).toEqual({ ok: true, host }));

  it.each([
    '127.0.0.1',
    '127.1',
    '2130706433',
    '0177.0.0.1',
    '0x7f.1',
    '0x7f000001',
    '1.2.3.4.',
    '[::1]',
    '::1',
    '::ffff:7f00:1',
  ])('%s is an address, in one notation or another', (written) => expect(problem(written)).toContain('is an address'));

  it.each(['localhost', 'LOCALHOST.', 'a.localhost', 'printer.local', 'metadata.google.internal', 'nas.home.arpa'])(
    '%s is local',
    (written) => expect(problem(written)).toContain('never reached'),
  );

  it.each([
    'attacker.example\0.allowed.example',
    'allowed.example@attacker.example',
    'allowed.example%2eattacker.example',
    'allowed.example\r\nHost: attacker.example',
    'allowed.example/attacker.example',
    'bücher.example',
    'allowed。example',
    '\u212Aallowed.example',
    'a..example',
    '.example.com',
    '-a.example',
    'a.example..',
    '*.example.com',
    `${'a'.repeat(64)}.example`,
    `${'a.'.repeat(127)}example`,
    'intranet-host',
    '',
  ])('%j is refused', (written) => expect(readHostName(written).ok).toBe(false));

  it('reads what it returns as the same host, whatever it was given', () => {
    const name = fc.string({
      unit: fc.constantFrom('a', 'B', '3', '-', '.', '_', '*', ':', '/', '@', '%', ' ', '[', ']', 'x', '0'),
      maxLength: 20,
    });
    fc.assert(
      fc.property(fc.oneof(name, fc.domain()), (written) => {
        const reading = readHostName(written);
        if (reading.ok) expect(readHostName(reading.host)).toEqual(reading);
      }),
    );
  });
});
