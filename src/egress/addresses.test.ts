import { describe, expect, it } from 'vitest';
import { createAddressJudge } from './addresses.ts';
import { createDialer } from './dialer.ts';

const judge = createAddressJudge(['8.8.4.4', '2606:4700::1', 'not an address']);

describe('an address that a name leads to', () => {
  it.each(['1.1.1.1', '93.184.215.14', '2606:4700:4700::1111', '2a00:1450:4001::200e'])(
    '%s may be dialled',
    (address) => expect(judge.problem(address)).toBeNull(),
  );

  it.each([
    ['this machine', ['127.0.0.1', '127.8.9.1', '0.0.0.0', '::1', '::']],
    ['private', ['10.0.0.1', '172.16.0.1', '172.31.255.255', '192.168.1.1', '100.64.0.1', 'fc00::1', 'fd00:ec2::254']],
    ['link-local and metadata', ['169.254.169.254', '168.63.129.16', 'fe80::1', '169.254.170.2']],
    ['multicast, broadcast and reserved', ['224.0.0.1', '239.255.255.250', '255.255.255.255', '240.0.0.1', 'ff02::1']],
    [
      'documentation and benchmarks',
      ['192.0.2.1', '198.51.100.7', '203.0.113.9', '198.18.0.1', '2001:db8::1', '3fff::1'],
    ],
    [
      'an IPv4 address in IPv6',
      [
        '::ffff:127.0.0.1',
        '::ffff:8.8.8.8',
        '::ffff:a9fe:a9fe',
        '::127.0.0.1',
        '64:ff9b::7f00:1',
        '64:ff9b:1::1',
        '2002:7f00:1::',
        '2001:0:7f00:1::',
      ],
    ],
    [
      'another notation',
      ['2130706433', '0177.0.0.1', '0x7f.1', '127.1', 'fe80::1%lo', '2606:4700::2%eth0', '', 'example.com'],
    ],
    ['of this machine although it is public', ['8.8.4.4', '2606:4700::1', '2606:4700:0:0:0:0:0:1']],
  ])('is refused when it is %s', (_, addresses) => {
    expect(addresses.filter((address) => judge.problem(address) === null)).toEqual([]);
  });
});

describe('the dialer', () => {
  const signal = new AbortController().signal;
  const to = { host: 'a.example.com', port: 9 };

  it.each([[['127.0.0.1']], [['1.1.1.1', '127.0.0.1']], [['::ffff:127.0.0.1']], [['169.254.169.254']]])(
    'does not dial a name that leads to %j, whatever the policy says of it',
    async (addresses) => {
      const dialled = await createDialer({ resolve: async () => addresses, own: () => [] })(to, signal);
      expect(dialled).toMatchObject({ ok: false, barred: true });
    },
  );

  it('does not dial an address of this machine', async () => {
    const dial = createDialer({ resolve: async () => ['1.1.1.1'], own: () => ['1.1.1.1'] });
    expect(await dial(to, signal)).toMatchObject({
      ok: false,
      barred: true,
      problem: expect.stringContaining('this machine'),
    });
  });

  it('asks once, and judges the very answer it dials', async () => {
    let asked = 0;
    const rebinding = async (): Promise<readonly string[]> => [(asked += 1) === 1 ? '127.0.0.1' : '1.1.1.1'];
    expect(await createDialer({ resolve: rebinding, own: () => [] })(to, signal)).toMatchObject({ barred: true });
    expect(asked).toBe(1);
  });

  it('says of a name that is not there, and of a turn that is over, that it was not reached', async () => {
    const missing = createDialer({
      resolve: async () => Promise.reject(Object.assign(new Error('no'), { code: 'ENOTFOUND' })),
    });
    expect(await missing(to, signal)).toMatchObject({
      ok: false,
      barred: false,
      problem: expect.stringContaining('ENOTFOUND'),
    });
    const open = createDialer({ resolve: async () => ['1.1.1.1'], own: () => [] });
    expect(await open(to, AbortSignal.abort())).toMatchObject({ ok: false, barred: false });
  });
});
