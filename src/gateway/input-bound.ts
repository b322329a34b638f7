/**
 * How many tokens the input of a call can be at most, without anybody's tokenizer: a token of byte-level BPE stands for at
 * least one byte (Sennrich et al. 2016; GPT-2's byte-level form, which all vendors here use or fall back to). And tighter:
 * what earlier calls of the same run were metered at, plus the bytes that are new.
 */

/** Part of a body, as the recording cuts it. Only equality of the hashes counts. */
export interface BodyPiece {
  readonly hash: string;
  /** Length. */
  readonly bytes: number;
}

export interface BoundRequest {
  readonly model: string;
  /** All of the body, in order. */
  readonly pieces: readonly BodyPiece[];
  /** Images, audio and documents. */
  readonly mediaParts: number;
}

export interface LearnRequest {
  readonly model: string;
  readonly pieces: readonly BodyPiece[];
  /** As the vendor metered the call: input and caches together. */
  readonly inputTokens: number;
}

export interface InputBoundOptions {
  /**
   * Tokens one image, sound or document may add to its own bytes. Default 8,192: Claude takes up to about 1,600 for an
   * image (platform.claude.com/docs/en/build-with-claude/vision), Gemini 258 a tile. It does not bound a document or a video
   * that is only referred to; a dialect names those as unbounded.
   */
  readonly tokensPerMediaPart?: number;
}

/** One for each run. Counts have to be whole and not negative, or a call rejects with a `RangeError`. */
export interface InputBound {
  /** Whole tokens the vendor may meter at most. */
  bound(request: BoundRequest): number;
  /** After a call whose metered input the vendor said and that came to its end. */
  learn(request: LearnRequest): void;
}

const MEDIA_PART_TOKENS = 8_192;

/**
 * What a vendor adds that no byte of the body stands for: the instructions around tools, 346 tokens on Claude, and those of
 * a text editor (700), a computer (735) and a shell (245), each named by a few bytes
 * (platform.claude.com/docs/en/agents-and-tools/tool-use/overview#pricing): 2,026 together.
 */
const HIDDEN_TOKENS = 2_048;

/** What one seam between two pieces may save by merging tokens over it, and cost again where it is gone. */
const SEAM_TOKENS = 8;

/** A metered count below one token in so many bytes is not believed: text is three to five bytes a token. */
const MOST_BYTES_PER_TOKEN = 32;

const MOST_REMEMBERED = 64;

interface Metered {
  readonly model: string;
  readonly inputTokens: number;
  readonly pieces: ReadonlyMap<string, number>;
  readonly seams: ReadonlyMap<string, number>;
}

function count(names: readonly string[]): Map<string, number> {
  const counts = new Map<string, number>();
  for (const name of names) counts.set(name, (counts.get(name) ?? 0) + 1);
  return counts;
}

function seamsOf(pieces: readonly BodyPiece[]): readonly string[] {
  return pieces.slice(1).map(({ hash }, at) => `${pieces[at]?.hash ?? ''}:${hash}`);
}

function byteLength(pieces: readonly BodyPiece[]): number {
  return pieces.reduce((sum, { bytes }) => sum + bytes, 0);
}

/** Pieces the remembered call did not have; one that stands there twice is new once if the other call had it once. */
function newPieces(pieces: readonly BodyPiece[], known: ReadonlyMap<string, number>): readonly BodyPiece[] {
  const left = new Map(known);
  return pieces.filter(({ hash }) => {
    const times = left.get(hash) ?? 0;
    left.set(hash, times - 1);
    return times <= 0;
  });
}

function lostSeams(seams: ReadonlyMap<string, number>, known: ReadonlyMap<string, number>): number {
  let lost = 0;
  for (const [seam, times] of known) lost += Math.max(0, times - (seams.get(seam) ?? 0));
  return lost;
}

/**
 * The pieces both calls have cost at most what the other call was metered at in all, the new ones at most their bytes. Where
 * pieces are gone or new, seams are gone too; hidden instructions may have come with any new piece.
 */
function boundFrom(
  metered: Metered,
  request: BoundRequest,
  seams: ReadonlyMap<string, number>,
  mediaTokens: number,
): number {
  const added = newPieces(request.pieces, metered.pieces);
  const more = added.length === 0 ? 0 : HIDDEN_TOKENS + mediaTokens + byteLength(added) + added.length * SEAM_TOKENS;
  return metered.inputTokens + more + lostSeams(seams, metered.seams) * SEAM_TOKENS;
}

function whole(name: string, value: number): void {
  if (!Number.isInteger(value) || value < 0) throw new RangeError(`${name} has to be whole and not negative: ${value}`);
}

export function createInputBound({ tokensPerMediaPart = MEDIA_PART_TOKENS }: InputBoundOptions = {}): InputBound {
  /** Newest first. */
  let remembered: readonly Metered[] = [];
  return {
    bound: (request) => {
      whole('mediaParts', request.mediaParts);
      const mediaTokens = request.mediaParts * tokensPerMediaPart;
      const seams = count(seamsOf(request.pieces));
      const plain = byteLength(request.pieces) + HIDDEN_TOKENS + mediaTokens;
      return remembered
        .filter(({ model, inputTokens }) => model === request.model && inputTokens < plain)
        .reduce((least, metered) => Math.min(least, boundFrom(metered, request, seams, mediaTokens)), plain);
    },
    learn: ({ model, pieces, inputTokens }) => {
      whole('inputTokens', inputTokens);
      const metered = {
        model,
        inputTokens: Math.max(inputTokens, Math.ceil(byteLength(pieces) / MOST_BYTES_PER_TOKEN)),
        pieces: count(pieces.map(({ hash }) => hash)),
        seams: count(seamsOf(pieces)),
      };
      remembered = [metered, ...remembered].slice(0, MOST_REMEMBERED);
    },
  };
}
