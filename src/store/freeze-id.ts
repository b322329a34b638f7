/** Ids of freezes are short, for people who type them in a hurry: `f1`, `f2` ... */

export function freezeId(number: number): string {
  return `f${number}`;
}

/** null for what is no such id. */
export function freezeNumber(id: string): number | null {
  return /^f[1-9]\d{0,14}$/.test(id) ? Number(id.slice(1)) : null;
}
