/** Reads the labels of one commit. */

export interface LabelledCommit {
  /** `owner/name@commit`. */
  readonly id: string;
  readonly files: readonly string[];
  /** What is risky in it, by the labels of its paths; empty for nothing. Includes `dependency`. */
  readonly labels: readonly string[];
  /** What a person said is risky in it, and `dependency`, which nobody was asked about; null where nobody looked. */
  readonly hand: readonly string[] | null;
}

type Fields = Readonly<Record<string, unknown>>;

function isFields(value: unknown): value is Fields {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function isTexts(value: unknown): value is readonly string[] {
  return Array.isArray(value) && value.every((entry) => typeof entry === 'string');
}

function pathOf(file: unknown, place: string): string {
  if (!isFields(file) || typeof file['path'] !== 'string') throw new Error(`${place} has a file without "path"`);
  return file['path'];
}

/** The word for "no risk" is no risk of that name. */
const real = (labels: readonly string[]): readonly string[] => labels.filter((label) => label !== 'none');

/** Throws an `Error` that begins with `place`. */
export function readCommit(line: string, place: string): LabelledCommit {
  const entry: unknown = JSON.parse(line);
  if (!isFields(entry)) throw new Error(`${place} is no object`);
  const { repo, commit, files, path_labels: labels, also_dependency: dependency, hand_label: hand } = entry;
  if (typeof repo !== 'string' || typeof commit !== 'string') throw new Error(`${place} has no "repo" or no "commit"`);
  if (!Array.isArray(files) || files.length === 0) throw new Error(`${place} has no "files"`);
  if (!isTexts(labels)) throw new Error(`${place} has no "path_labels"`);
  const flagged = dependency === true ? ['dependency'] : [];
  return {
    id: `${repo}@${commit}`,
    files: files.map((file) => pathOf(file, place)),
    labels: [...real(labels), ...flagged],
    hand: isTexts(hand) ? [...real(hand), ...flagged] : null,
  };
}
