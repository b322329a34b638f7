/** What the runner needs of a suite. */

export interface SuiteResult {
  /** The figures, as one JSON object. `wrong` lists what is not as labelled. */
  readonly figures: Readonly<Record<string, unknown>>;
  /** The same for people, line by line. */
  readonly lines: readonly string[];
  /** The same as a page of the documentation, in Markdown. */
  readonly page: string;
  /** Sentences on figures below what this suite promises; with `--gate` the runner then exits with 1. */
  readonly below?: readonly string[];
}

export interface Suite {
  readonly name: string;
  /** What the suite reads, relative to the data directory. */
  readonly needs: string;
  run(dataDirectory: string): Promise<SuiteResult>;
}
