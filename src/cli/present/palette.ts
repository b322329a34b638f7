/** Colours are passed in: words never ask what terminal they are on. */
import picocolors from 'picocolors';
import type { Tone } from '../../report/phrases.ts';

export type Paint = (text: string) => string;

export interface Palette {
  readonly bold: Paint;
  readonly dim: Paint;
  readonly red: Paint;
  readonly green: Paint;
  readonly yellow: Paint;
  readonly cyan: Paint;
}

export const plainPalette: Palette = {
  bold: String,
  dim: String,
  red: String,
  green: String,
  yellow: String,
  cyan: String,
};

export function createPalette(enabled: boolean): Palette {
  const { bold, dim, red, green, yellow, cyan } = picocolors.createColors(enabled);
  return { bold, dim, red, green, yellow, cyan };
}

/** The colour of a tone. Colour never carries meaning alone: the word beside it says the same. */
export function tonePaint(palette: Palette, tone: Tone): Paint {
  const paints: Readonly<Record<Tone, Paint>> = {
    good: palette.green,
    bad: palette.red,
    wait: palette.yellow,
    quiet: String,
  };
  return paints[tone];
}
