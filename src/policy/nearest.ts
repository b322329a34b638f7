/** The known word a person most likely meant, or null when nothing is close. */
export function nearest(word: string, known: readonly string[]): string | null {
  const wanted = plain(word);
  let best: string | null = null;
  let bestDistance = Math.max(1, Math.floor(wanted.length / 3)) + 1;
  for (const candidate of known) {
    const other = plain(candidate);
    // `max-iterations` means `iterations`; `cost` means `cost-usd`.
    const contained = Math.min(wanted.length, other.length) >= 4 && (wanted.includes(other) || other.includes(wanted));
    const distance = wanted === other ? 0 : Math.min(edits(wanted, other), contained ? 1 : Number.POSITIVE_INFINITY);
    if (distance < bestDistance) {
      best = candidate;
      bestDistance = distance;
    }
  }
  return best;
}

/** `wallTime`, `wall_time` and `wall-time` are one word. */
function plain(word: string): string {
  return word
    .slice(0, 64)
    .replaceAll(/[-_\s]/g, '')
    .toLowerCase();
}

/** Edits between two words, with a swap of neighbours as one (optimal string alignment). */
function edits(from: string, to: string): number {
  const rows: number[][] = [Array.from({ length: to.length + 1 }, (_, column) => column)];
  for (let row = 1; row <= from.length; row += 1) {
    const current = [row];
    for (let column = 1; column <= to.length; column += 1) {
      const cost = from[row - 1] === to[column - 1] ? 0 : 1;
      let least = Math.min(
        at(rows, row - 1, column) + 1,
        (current[column - 1] ?? 0) + 1,
        at(rows, row - 1, column - 1) + cost,
      );
      if (row > 1 && column > 1 && from[row - 1] === to[column - 2] && from[row - 2] === to[column - 1]) {
        least = Math.min(least, at(rows, row - 2, column - 2) + 1);
      }
      current.push(least);
    }
    rows.push(current);
  }
  return at(rows, from.length, to.length);
}

function at(rows: readonly (readonly number[])[], row: number, column: number): number {
  return rows[row]?.[column] ?? 0;
}
