import { googleRefusal } from '../google-refusals.ts';

export const refusalOf: typeof googleRefusal = googleRefusal;
