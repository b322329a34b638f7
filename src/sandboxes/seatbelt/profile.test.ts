import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { profileText, quoted } from './profile.ts';
import type { ProfilePlan } from './profile.ts';

const PLAN: ProfilePlan = {
  readable: ['/Users/u/.nvm/versions'],
  writable: ['/Users/u/state/runs/r1/tree'],
  locked: ['/Users/u/state/runs/r1/tree/.vscode'],
  hidden: ['/usr/local/etc', '/Users/u/state/runs/r1/tree/conf/.env'],
  shown: ['/usr/local/etc/php'],
  sockets: ['/private/tmp/g/gateway.sock'],
  ports: [4_100],
};

const NOTHING: ProfilePlan = {
  readable: [],
  writable: [],
  locked: [],
  hidden: [],
  shown: [],
  sockets: [],
  ports: [],
};

/** The language as its reader sees it: parentheses, strings with what they mean, and words. Throws where it is broken. */
function read(text: string): readonly (readonly [kind: 'open' | 'close' | 'string' | 'word', text: string])[] {
  const tokens: (readonly ['open' | 'close' | 'string' | 'word', string])[] = [];
  const pattern = /\s+|(\()|(\))|"((?:[^"\\]|\\[\s\S])*)"|([^\s()"]+)/uy;
  while (pattern.lastIndex < text.length) {
    const at = pattern.lastIndex;
    const found = pattern.exec(text);
    if (found === null) throw new Error(`nothing that can be read at ${at}`);
    const [, open, close, string, word] = found;
    if (open !== undefined) tokens.push(['open', '(']);
    if (close !== undefined) tokens.push(['close', ')']);
    if (string !== undefined) tokens.push(['string', string.replaceAll(/\\([\s\S])/gu, '$1')]);
    if (word !== undefined) tokens.push(['word', word]);
  }
  return tokens;
}

/** From the first rule about files to the end. */
function ownRules(plan: ProfilePlan): string {
  const text = profileText(plan);
  return text.slice(text.indexOf('(allow file-read* file-write-data file-ioctl'));
}

describe('the text of a seatbelt profile', () => {
  it('is, for a launch with everything, this', () => {
    expect(ownRules(PLAN)).toMatchInlineSnapshot(`
      "(allow file-read* file-write-data file-ioctl
        (literal "/dev/null")
        (literal "/dev/zero")
      )
      (allow file-read-data file-write-data
        (subpath "/dev/fd")
      )
      (allow file-write*
        (subpath "/Users/u/state/runs/r1/tree")
      )
      (deny file-write*
        (subpath "/Users/u/state/runs/r1/tree/.vscode")
        (subpath "/usr/local/etc")
        (subpath "/Users/u/state/runs/r1/tree/conf/.env")
      )
      (deny file-write-unlink
        (literal "/Users")
        (literal "/Users/u")
        (literal "/Users/u/state")
        (literal "/Users/u/state/runs")
        (literal "/Users/u/state/runs/r1")
        (literal "/Users/u/state/runs/r1/tree")
        (literal "/usr")
        (literal "/usr/local")
        (literal "/Users/u/state/runs/r1/tree/conf")
      )
      (deny file-read-data file-read-xattr file-map-executable
        (subpath "/usr/local/etc")
        (subpath "/Users/u/state/runs/r1/tree/conf/.env")
      )
      (allow file-read* file-test-existence
        (subpath "/usr/local/etc/php")
      )
      (allow system-socket (socket-domain AF_UNIX))
      (allow network-outbound
        (literal "/private/tmp/g/gateway.sock")
      )
      (allow network-bind network-inbound
        (local ip "localhost:4100")
      )
      (allow network-outbound
        (remote ip "localhost:4100")
      )
      "
    `);
    expect(profileText(NOTHING)).toMatchInlineSnapshot(`
      "(version 1)
      (deny default)
      (allow process-exec process-fork)
      (allow process-info* (target same-sandbox))
      (allow signal (target same-sandbox))
      (allow sysctl-read
        (sysctl-name "kern.argmax")
        (sysctl-name "kern.boottime")
        (sysctl-name "kern.hostname")
        (sysctl-name "kern.maxfilesperproc")
        (sysctl-name "kern.maxproc")
        (sysctl-name "kern.ngroups")
        (sysctl-name "kern.osproductversion")
        (sysctl-name "kern.osrelease")
        (sysctl-name "kern.ostype")
        (sysctl-name "kern.osvariant_status")
        (sysctl-name "kern.osversion")
        (sysctl-name "kern.secure_kernel")
        (sysctl-name "kern.usrstack64")
        (sysctl-name "kern.version")
        (sysctl-name "security.mac.lockdown_mode_state")
        (sysctl-name "sysctl.proc_cputype")
        (sysctl-name "vm.loadavg")
        (sysctl-name-prefix "hw.")
        (sysctl-name-prefix "machdep.cpu.")
      )
      (allow mach-lookup
        (global-name "com.apple.bsd.dirhelper")
        (global-name "com.apple.logd")
        (global-name "com.apple.system.logger")
        (global-name "com.apple.system.notification_center")
        (global-name "com.apple.system.opendirectoryd.libinfo")
        (global-name "com.apple.system.opendirectoryd.membership")
      )
      (allow ipc-posix-sem)
      (allow ipc-posix-shm-read* (ipc-posix-name "apple.shm.notification_center"))
      (allow file-read* file-test-existence file-map-executable
        (subpath "/System/Library")
        (subpath "/System/iOSSupport")
        (subpath "/System/Cryptexes")
        (subpath "/System/Volumes/Preboot/Cryptexes")
        (subpath "/usr")
        (subpath "/bin")
        (subpath "/sbin")
        (subpath "/opt")
        (subpath "/Library/Apple")
        (subpath "/Library/Developer")
        (subpath "/Library/Frameworks")
        (subpath "/Library/Java/JavaVirtualMachines")
        (subpath "/Applications/Xcode.app")
        (subpath "/private/var/db/dyld")
        (subpath "/private/var/db/timezone")
        (subpath "/private/var/select")
      )
      (allow file-read* file-test-existence
        (literal "/")
        (literal "/dev/autofs_nowait")
        (literal "/dev/random")
        (literal "/dev/urandom")
        (literal "/private/etc/hosts")
        (literal "/private/etc/localtime")
        (literal "/private/etc/protocols")
        (literal "/private/etc/services")
        (literal "/private/etc/shells")
        (literal "/private/etc/ssl/cert.pem")
        (literal "/private/etc/ssl/openssl.cnf")
        (literal "/private/var/db/xcode_select_link")
        (literal "/Library/Preferences/com.apple.dt.Xcode.plist")
      )
      (allow file-read-metadata file-test-existence
        (literal "/etc")
        (literal "/tmp")
        (literal "/var")
        (literal "/private")
        (literal "/private/etc")
        (literal "/private/var")
        (literal "/dev")
        (literal "/System")
        (literal "/System/Volumes")
        (literal "/System/Volumes/Preboot")
        (literal "/Library")
        (literal "/Library/Java")
        (literal "/Applications")
        (literal "/private/var/db")
      )
      (allow file-read* file-write-data file-ioctl
        (literal "/dev/null")
        (literal "/dev/zero")
      )
      (allow file-read-data file-write-data
        (subpath "/dev/fd")
      )
      "
    `);
  });

  it('denies by default, first, and what takes away comes after what gives', () => {
    const text = profileText(PLAN);
    expect(text.startsWith('(version 1)\n(deny default)\n')).toBe(true);
    const at = (part: string): number => text.lastIndexOf(part);
    expect(at('(allow file-write*')).toBeLessThan(at('(deny file-write*'));
    expect(at('(allow file-read* file-test-existence file-map-executable')).toBeLessThan(at('(deny file-read-data'));
  });

  it('opens no network, no keychain, no other process and no file of a home by itself', () => {
    const text = profileText(NOTHING);
    expect(text).not.toMatch(/network|system-socket|file-write\*|mach-register|procargs|kern\.proc/u);
    expect(text).not.toMatch(/securityd|SecurityServer|trustd|launchservices|mDNSResponder|pasteboard|appleevent/u);
    expect(text).not.toMatch(/\/Users|\/private\/tmp|\/private\/var\/folders|System\/Volumes\/Data|Keychains/u);
    expect(text).not.toContain('(allow default)');
  });

  it('keeps what is locked or hidden from being moved with a directory around it', () => {
    const rule = /\(deny file-write-unlink\n([\s\S]*?)\n\)/u.exec(profileText(PLAN))?.[1] ?? '';
    for (const path of ['/Users/u/state/runs/r1/tree', '/Users/u/state/runs/r1/tree/conf'])
      expect(rule).toContain(`(literal "${path}")`);
  });
});

const names = fc.string({ unit: 'grapheme', minLength: 1, maxLength: 20 });
const nasty = fc
  .array(fc.constantFrom('"', '\\', '(', ')', ';', '#', '|', ' ', "'", '`', '$', 'a', 'é', '*', ',', '@'), {
    minLength: 1,
    maxLength: 12,
  })
  .map((parts) => parts.join(''));

describe('a path in a profile', () => {
  it('is read back as itself, and changes nothing around it, whatever it holds', () => {
    const shape = read(profileText({ ...PLAN, writable: ['/plain'] })).map(([kind]) => kind);
    fc.assert(
      fc.property(fc.oneof(nasty, names), (name) => {
        fc.pre(!/[\p{Cc}\p{Cs}\u2028\u2029]/u.test(name) && !name.split('/').some((part) => /^\.\.?$/u.test(part)));
        const path = `/${name}`;
        // As many directories above as the plain one has: none.
        fc.pre(!name.includes('/'));
        const tokens = read(profileText({ ...PLAN, writable: [path] }));
        expect(tokens.map(([kind]) => kind)).toEqual(shape);
        expect(tokens.filter(([kind, text]) => kind === 'string' && text === path).length).toBeGreaterThanOrEqual(2);
      }),
    );
  });

  it.each(['relative', '', '/a/../b', '/a/./b', '/a\nb', '/a\0b', '/a\u{7f}', '/a\u2028b', '/\ud800'])(
    'is refused where it cannot be named: %j',
    (path) => {
      expect(() => quoted(path)).toThrow(expect.objectContaining({ code: 'LW_SANDBOX_LAUNCH' }));
    },
  );

  it.each([0, -1, 65_536, 1.5, Number.NaN])('and a port is one: not %d', (port) => {
    expect(() => profileText({ ...NOTHING, ports: [port] })).toThrow(
      expect.objectContaining({ code: 'LW_SANDBOX_LAUNCH' }),
    );
  });

  it('would be caught breaking out: the reader of these tests sees it', () => {
    expect(read('("a" ) (allow default)').length).toBe(7);
    expect(() => read('(literal "a\\")')).toThrow('nothing that can be read');
  });
});
