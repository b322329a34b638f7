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

/** What suites need that are about whole repositories. */
export interface Surroundings {
  /** Directory of public repositories; null when nobody named one. */
  readonly repositories: string | null;
  /** Where packages of those repositories are kept between runs. */
  readonly cache: string;
  /** Says how far a suite of minutes has come. */
  progress(line: string): void;
}

/** For suites that need none of that. */
export const NO_SURROUNDINGS: Surroundings = { repositories: null, cache: '', progress: () => undefined };

export interface Suite {
  readonly name: string;
  /** What the suite reads, relative to the data directory; null when it brings its own. */
  readonly needs: string | null;
  /** Takes minutes, so it only runs when it is named. */
  readonly slow?: true;
  /** What else is absent, in words; nothing can be measured then. */
  absent?(dataDirectory: string, surroundings: Surroundings): Promise<string | null>;
  run(dataDirectory: string, surroundings: Surroundings): Promise<SuiteResult>;
}
