/**
 * The little a conformance suite needs of a test framework. vitest, Jest and Bun fit as they are; the published package
 * therefore depends on none of them. Hand in the real functions: `storeConformance({ describe, it, expect }, ...)`.
 */

/** What is compared with what; the names and meanings Jest gave them. */
export interface TestExpectation {
  /** Same value (`Object.is`). */
  toBe(expected: unknown): void;
  /** Same structure. */
  toEqual(expected: unknown): void;
  /** Same structure in the members that are named. */
  toMatchObject(expected: object): void;
  /** An element of a list, or a part of a text. */
  toContain(expected: unknown): void;
  toContainEqual(expected: unknown): void;
  toBeGreaterThanOrEqual(expected: number): void;
  toBeLessThanOrEqual(expected: number): void;
}

export type TestBody = () => void | Promise<void>;

export interface TestHarness {
  /** Groups tests; the body runs at once. */
  readonly describe: (name: string, body: () => void) => unknown;
  /** One test; a rejected promise is a failure. */
  readonly it: {
    (name: string, body: TestBody): unknown;
    /** A test that cannot run here; its name says what is missing. */
    readonly skip: (name: string, body: TestBody) => unknown;
  };
  /** `message` is shown when the comparison fails. */
  readonly expect: (actual: unknown, message?: string) => TestExpectation;
}
