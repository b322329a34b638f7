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
export const MOST_BYTES_PER_TOKEN: number = 32;

const MOST_REMEMBERED = 64;

interface Metered {
  readonly model: string;
  readonly inputTokens: number;
  readonly pieces: ReadonlyMap<string, number>;
  readonly seams: ReadonlyMap<string, number>;
}

/** A call to be bounded, counted once for all that is remembered. */
interface Sent {
  /** What new pieces bring along: hidden instructions, and media, which may all be in them. */
  readonly besideBytes: number;
  /** Last first: what is new is at the end, and once a bound is no better than another its rest is not looked at. */
  readonly pieces: readonly { readonly hash: string; readonly times: number; readonly bytes: number }[];
  readonly seams: ReadonlyMap<string, number>;
}

function count(names: readonly string[]): ReadonlyMap<string, number> {
  const counts = new Map<string, number>();
  for (const name of names) counts.set(name, (counts.get(name) ?? 0) + 1);
  return counts;
}

function countPieces(pieces: readonly BodyPiece[]): ReadonlyMap<string, number> {
  return count(pieces.map(({ hash }) => hash));
}

function countSeams(pieces: readonly BodyPiece[]): ReadonlyMap<string, number> {
  return count(pieces.slice(1).map(({ hash }, at) => `${pieces[at]?.hash ?? ''}:${hash}`));
}

function byteLength(pieces: readonly BodyPiece[]): number {
  return pieces.reduce((sum, { bytes }) => sum + bytes, 0);
}

function sentOf(pieces: readonly BodyPiece[], mediaTokens: number): Sent {
  const bytes = new Map(pieces.map((piece) => [piece.hash, piece.bytes]));
  const counted = [...countPieces(pieces)].map(([hash, times]) => ({ hash, times, bytes: bytes.get(hash) ?? 0 }));
  return { besideBytes: HIDDEN_TOKENS + mediaTokens, pieces: counted.reverse(), seams: countSeams(pieces) };
}

/**
 * The pieces both calls have cost at most what the other call was metered at in all, the new ones at most their bytes; a piece
 * that stands twice is new once if the other call had it once. Where pieces are gone, new or moved, seams are gone too. Not
 * over `least`: what is no better is not worked out.
 */
function boundFrom(metered: Metered, sent: Sent, least: number): number {
  let tokens = metered.inputTokens;
  let anyNew = false;
  for (const { hash, times, bytes } of sent.pieces) {
    const added = Math.max(0, times - (metered.pieces.get(hash) ?? 0));
    tokens += added * (bytes + SEAM_TOKENS) + (added > 0 && !anyNew ? sent.besideBytes : 0);
    anyNew ||= added > 0;
    if (tokens >= least) return least;
  }
  for (const [seam, times] of metered.seams) {
    tokens += Math.max(0, times - (sent.seams.get(seam) ?? 0)) * SEAM_TOKENS;
    if (tokens >= least) return least;
  }
  return Math.min(tokens, least);
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
      const sent = sentOf(request.pieces, request.mediaParts * tokensPerMediaPart);
      const plain = byteLength(request.pieces) + sent.besideBytes;
      return remembered
        .filter(({ model }) => model === request.model)
        .reduce((least, metered) => boundFrom(metered, sent, least), plain);
    },
    learn: ({ model, pieces, inputTokens }) => {
      whole('inputTokens', inputTokens);
      const metered = {
        model,
        inputTokens: Math.max(inputTokens, Math.ceil(byteLength(pieces) / MOST_BYTES_PER_TOKEN)),
        pieces: countPieces(pieces),
        seams: countSeams(pieces),
      };
      remembered = [metered, ...remembered].slice(0, MOST_REMEMBERED);
    },
  };
}
