import { describe, expect, it } from 'vitest';
import { deliver } from './delivery.ts';
import { LoopwrightError } from './errors.ts';
import { hasSystemCode, systemCode } from './system-code.ts';

const failing = (code: string) => (): never => {
  throw Object.assign(new Error('kill'), { code });
};

describe('a signal', () => {
  it('is sent, or finds nothing, or what is not ours; any other failure goes up', () => {
    const sent: unknown[] = [];
    expect(deliver((pid, signal: string) => sent.push([pid, signal]), -12, 'SIGKILL')).toBe('sent');
    expect(sent).toEqual([[-12, 'SIGKILL']]);
    expect(deliver(failing('ESRCH'), 1, 'SIGKILL')).toBe('gone');
    expect(deliver(failing('EPERM'), 1, 'SIGKILL')).toBe('foreign');
    expect(() => deliver(failing('EINVAL'), 1, 'SIGKILL')).toThrow('kill');
  });
});

describe('the code of an error', () => {
  it('is that of the system, and of no error of ours', () => {
    expect(systemCode(Object.assign(new Error('x'), { code: 'ENOENT' }))).toBe('ENOENT');
    expect(systemCode(new LoopwrightError('LW_DISK_FULL', { message: 'x', next: 'y' }))).toBeNull();
    for (const other of [new Error('x'), Object.assign(new Error('x'), { code: 7 }), null, 'ENOENT', { code: 'E' }])
      expect(systemCode(other)).toBeNull();
    expect(hasSystemCode(Object.assign(new Error('x'), { code: 'EACCES' }), 'ENOENT', 'EACCES')).toBe(true);
    expect(hasSystemCode(new Error('x'), 'ENOENT')).toBe(false);
  });
});
