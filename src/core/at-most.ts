/** Bytes that come in pieces, up to a bound. Pure. */

/** The pieces; null as soon as they are more than `most` bytes. What is left of `pieces` is not asked for then. */
export async function piecesAtMost(
  pieces: AsyncIterable<Uint8Array>,
  most: number,
): Promise<readonly Uint8Array[] | null> {
  const kept: Uint8Array[] = [];
  let size = 0;
  for await (const piece of pieces) {
    size += piece.length;
    if (size > most) return null;
    kept.push(piece);
  }
  return kept;
}
