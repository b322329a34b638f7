/** The ports a plugin implements. Types only. */
export type * from '../ports/check.ts';
export type * from '../ports/clock.ts';
export type * from '../ports/driver.ts';
export type * from '../ports/sandbox.ts';
export type * from '../ports/store.ts';
export type * from '../ports/workspace.ts';
