import type { Protocol } from '../protocol.ts';
import { read, route } from './read.ts';
import { count, errorFrame, failure, frames, whole } from './write.ts';

export const gemini: Protocol = { id: 'gemini', route, read, frames, whole, count, failure, errorFrame };
